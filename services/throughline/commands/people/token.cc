// `throughline token`: the credentials of a data directory. It changes the files; running servers reload them, and the
// command waits until all of them have.

#include <algorithm>
#include <filesystem>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nlohmann/json.hpp"

#include "libs/files/private_directory.h"
#include "libs/identity/token_readers.h"
#include "libs/identity/tokens.h"
#include "libs/server/checks/characters.h"
#include "services/throughline/cli/values.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"

namespace throughline::tool {
namespace {

struct NewToken {
  identity::Identity identity;
  std::vector<std::string> roles;
  std::string output;
  std::string expires;
};

std::vector<std::string> Roles(const identity::Identity& who) {
  std::vector<std::string> names;
  for (const identity::Role role : who.roles) names.emplace_back(identity::RoleName(role));
  return names;
}

// Waits for the servers that read the file, and prints what was done and where it is in force.
absl::Status TellWhenInForce(Tool& tool, const std::string& path, const std::string& done,
                             nlohmann::ordered_json json) {
  const absl::StatusOr<int> servers = identity::AwaitReaders(path, tool.timeout());
  if (!servers.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat(done, ", but it is not in force in every server: ", servers.status().message()));
  }
  if (tool.json()) {
    json["servers"] = *servers;
    tool.Print(json.dump() + "\n");
  } else {
    tool.Print(absl::StrCat(
        done, "; ",
        *servers == 0   ? "no server announced that it reads this file; one that cannot announce it has read it by now"
        : *servers == 1 ? "in force in the running server"
                        : absl::StrCat("in force in all ", *servers, " running servers"),
        "\n"));
  }
  return absl::OkStatus();
}

struct Rotation {
  std::string name, overlap = "10m", output, expires;
};

absl::StatusOr<absl::Time> EndOf(const std::string& expires, absl::Time now) {
  if (expires.empty()) return absl::InfiniteFuture();
  const auto given = ParseTime(expires, now);
  if (!given.ok()) return absl::InvalidArgumentError(absl::StrCat("--expires: ", given.status().message()));
  if (*given <= now) return absl::InvalidArgumentError("--expires has passed: give a time after now");
  return *given;
}

absl::Status Create(Tool& tool, NewToken token) {
  for (const auto& [option, text] : {std::pair{"--party", &token.identity.party}, {"--team", &token.identity.team}}) {
    const auto bad = server::FindForbidden(*text, server::TextKind::kId);
    if (!bad) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(option, " holds ", bad->name, " at byte ", bad->at, ": write it without"));
  }
  for (const std::string& role : token.roles) token.identity.roles.push_back(*identity::ParseRole(role));
  const std::string name = token.identity.name;
  const std::string path = identity::TokensPath(tool.data());
  if (token.output.empty()) {
    token.output = identity::CredentialPath(tool.data(), name);
    const std::filesystem::path folder = std::filesystem::path(token.output).parent_path();
    if (const std::error_code error = files::MakePrivateDirectories(folder)) {
      return absl::InternalError(absl::StrCat("cannot make the folder of ", token.output, ": ", error.message()));
    }
  }
  const auto expires = EndOf(token.expires, tool.now());
  if (!expires.ok()) return expires.status();
  const auto secret = identity::CreateToken(path, token.identity, tool.now(), *expires);
  if (!secret.ok()) return secret.status();
  tool.Done("token", absl::StrCat(name, " in ", token.output));
  if (absl::Status status = identity::WritePrivateFile(token.output, *secret + "\n"); !status.ok()) {
    identity::RevokeToken(path, name).IgnoreError();  // remove it again: its token could not be written to a file
    return status;
  }
  return TellWhenInForce(tool, path, absl::StrCat("Made a token for ", Clean(name), " in ", token.output),
                         {{"name", name}, {"file", token.output}});
}

absl::Status Rotate(Tool& tool, const Rotation& rotation) {
  const std::string path = identity::TokensPath(tool.data());
  const auto expires = EndOf(rotation.expires, tool.now());
  if (!expires.ok()) return expires.status();
  const std::string output =
      rotation.output.empty() ? identity::CredentialPath(tool.data(), rotation.name) : rotation.output;
  if (const std::error_code error = files::MakePrivateDirectories(std::filesystem::path(output).parent_path())) {
    return absl::InternalError(absl::StrCat("cannot make the folder of ", output, ": ", error.message()));
  }
  const auto secret = identity::RotateToken(path, rotation.name, tool.now(), *ParsePeriod(rotation.overlap), *expires);
  if (!secret.ok()) return secret.status();
  tool.Done("token", absl::StrCat(rotation.name, " in ", output));
  if (absl::Status status = identity::WritePrivateFile(output, *secret + "\n"); !status.ok()) return status;
  return TellWhenInForce(tool, path,
                         absl::StrCat("Made another token for ", Clean(rotation.name), " in ", output,
                                      "; the one before ends in ", rotation.overlap),
                         {{"name", rotation.name}, {"file", output}, {"overlap", rotation.overlap}});
}

absl::Status List(Tool& tool, const std::string& uses_file) {
  const std::string path = identity::TokensPath(tool.data());
  auto records = identity::ReadTokenFile(path);
  if (!records.ok()) return records.status();
  const identity::TokenUses uses =
      identity::ReadTokenUses(uses_file.empty() ? identity::TokenUsesPath(path) : uses_file);
  const auto in_json = [](std::optional<absl::Time> time) -> nlohmann::ordered_json {
    if (!time) return nullptr;
    return absl::FormatTime(*time, absl::UTCTimeZone());
  };
  Table table({{"NAME"}, {"ROLES"}, {"PARTY"}, {"TEAM"}, {"AGE"}, {"LAST USED"}, {"EXPIRES"}, {"STATE"}});
  for (const auto& record : *records) {
    const auto& who = record.identity;
    const auto use = uses.find(record.sha256);
    const std::optional<absl::Time> used = use == uses.end() ? std::nullopt : std::optional(use->second);
    const bool ends = record.expires != absl::InfiniteFuture();
    const bool expired = record.expires <= tool.now();
    if (tool.json()) {
      tool.Print(nlohmann::ordered_json({{"name", who.name},
                                         {"roles", Roles(who)},
                                         {"party", who.party},
                                         {"team", who.team},
                                         {"created", absl::FormatTime(record.created, absl::UTCTimeZone())},
                                         {"last_used", in_json(used)},
                                         {"expires", in_json(ends ? std::optional(record.expires) : std::nullopt)},
                                         {"expired", expired},
                                         {"revoked", record.disabled}})
                     .dump() +
                 "\n");
      continue;
    }
    table.Row({{who.name, Style::kBold},
               {absl::StrJoin(Roles(who), ",")},
               {who.party},
               {who.team},
               {ShowPeriod(std::max(tool.now() - record.created, absl::ZeroDuration()))},
               {used ? ShowTime(*used, tool.now()) : "not seen"},
               {ends ? ShowTime(record.expires, tool.now()) : "never"},
               {record.disabled ? "revoked"
                : expired       ? "expired"
                                : "in force",
                record.disabled || expired ? Style::kDim : Style::kGreen}});
  }
  if (!tool.json()) tool.Print(table.Render(tool.terminal()));
  return absl::OkStatus();
}

absl::Status Init(Tool& tool) {
  if (const std::error_code error = files::MakePrivateDirectories(tool.data())) {
    return absl::InternalError(absl::StrCat("cannot make the folder ", tool.data(), ": ", error.message()));
  }
  const auto made = identity::CreateFirstTokens(tool.data(), tool.now());
  if (!made.ok()) return made.status();
  if (*made) tool.Done("credentials", identity::TokensPath(tool.data()));
  if (tool.json()) {
    tool.Print(nlohmann::ordered_json({{"file", identity::TokensPath(tool.data())}, {"made", *made}}).dump() + "\n");
  } else {
    tool.Print(absl::StrCat(*made ? "Made " : "There is already ", identity::TokensPath(tool.data()),
                            "; `throughline token list` shows who they are\n"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddToken(CLI::App& app, Tool& tool) {
  CLI::App& group = Group(app, "token", "Credentials of the data directory: create, list, rotate, revoke");
  CLI::App& init = Command(group, "init", "Creates a first set of credentials if there are none; `up` does so, too.",
                           "throughline --data /etc/throughline token init");
  tool.Does(init, [&tool] { return Init(tool); });

  CLI::App& create = Command(
      group, "create",
      "Makes a credential and writes it to a file that only you can read. Returns when the running servers that read "
      "the data directory's tokens.json take it.",
      "throughline token create carla --role rep --team care\n"
      "throughline token create dhl --role partner --party dhl --output /secure/dhl.token --expires +90d");
  auto token = std::make_shared<NewToken>();
  create.add_option("name", token->identity.name, "The name that appears as the actor")->required();
  create.add_option("--role", token->roles, "What the holder may do, once per role")
      ->required()
      ->allow_extra_args(false)
      ->check(OneOf({"rep", "supervisor", "partner", "service", "reader", "admin"}));
  create.add_option("--party", token->identity.party, "For a partner: the carrier or vendor id that it acts for");
  create.add_option("--team", token->identity.team, "The team of a rep or supervisor");
  create.add_option("--expires", token->expires, "Until when it is in force (default: until it is revoked)")
      ->type_name("TIME");
  create
      .add_option("--output", token->output,
                  "Where to write it (default: credentials/NAME.token in the data directory)")
      ->type_name("FILE");
  tool.Does(create, [&tool, token] { return Create(tool, *token); });

  CLI::App& list = Command(group, "list",
                           "Lists the credentials: how old they are, when a server saw them last, to the minute, and "
                           "until when they are in force.",
                           "throughline token list\n"
                           "throughline token list --json | jq -r 'select(.last_used == null) | .name'");
  auto uses = std::make_shared<std::string>();
  list.add_option("--uses", *uses,
                  "Where servers say when tokens were used (default: tokens.json.uses in the data directory; a server "
                  "whose credentials are a mounted secret writes it to its own data directory)")
      ->type_name("FILE");
  tool.Does(list, [&tool, uses] { return List(tool, *uses); });

  CLI::App& rotate = Command(
      group, "rotate",
      "Makes another token for the holder of one. The one before ends a little later, so that no call is refused while "
      "the holder changes over.",
      "throughline token rotate webshop\n"
      "throughline token rotate dhl --overlap 7d --output /secure/dhl.token --expires +90d");
  auto rotation = std::make_shared<Rotation>();
  rotate.add_option("name", rotation->name, "Whose")->required();
  rotate.add_option("--overlap", rotation->overlap, "How long the one before stays in force")
      ->type_name("PERIOD")
      ->capture_default_str()
      ->check([](const std::string& text) { return std::string(ParsePeriod(text).status().message()); });
  rotate
      .add_option(
          "--output", rotation->output,
          "Where to write it (default: credentials/NAME.token in the data directory, in place of the one before)")
      ->type_name("FILE");
  rotate.add_option("--expires", rotation->expires, "Until when it is in force (default: until it is revoked)")
      ->type_name("TIME");
  tool.Does(rotate, [&tool, rotation] { return Rotate(tool, *rotation); });

  CLI::App& revoke = Command(
      group, "revoke",
      "Ends a credential. Returns when the running servers that read the data directory's tokens.json refuse it and "
      "have ended its open streams.",
      "throughline token revoke carla");
  auto name = std::make_shared<std::string>();
  revoke.add_option("name", *name, "Whose")->required();
  tool.Does(revoke, [&tool, name]() -> absl::Status {
    const std::string path = identity::TokensPath(tool.data());
    if (absl::Status status = identity::RevokeToken(path, *name); !status.ok()) return status;
    tool.Done("revoked", *name);
    return TellWhenInForce(tool, path, absl::StrCat("Revoked the token of ", Clean(*name)),
                           {{"name", *name}, {"revoked", true}});
  });
}

}  // namespace throughline::tool
