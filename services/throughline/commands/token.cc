// `throughline token`: the credentials of a data directory. It changes the files; running servers reload them, and the
// command waits until all of them have.

#include <filesystem>

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
  const auto secret = identity::CreateToken(path, token.identity, tool.now());
  if (!secret.ok()) return secret.status();
  tool.Done("token", absl::StrCat(name, " in ", token.output));
  if (absl::Status status = identity::WritePrivateFile(token.output, *secret + "\n"); !status.ok()) {
    identity::RevokeToken(path, name).IgnoreError();  // remove it again: its token could not be written to a file
    return status;
  }
  return TellWhenInForce(tool, path, absl::StrCat("Made a token for ", Clean(name), " in ", token.output),
                         {{"name", name}, {"file", token.output}});
}

absl::Status List(Tool& tool) {
  auto records = identity::ReadTokenFile(identity::TokensPath(tool.data()));
  if (!records.ok()) return records.status();
  Table table({{"NAME"}, {"ROLES"}, {"PARTY"}, {"TEAM"}, {"CREATED"}, {"STATE"}});
  for (const auto& record : *records) {
    const auto& who = record.identity;
    if (tool.json()) {
      tool.Print(nlohmann::ordered_json({{"name", who.name},
                                         {"roles", Roles(who)},
                                         {"party", who.party},
                                         {"team", who.team},
                                         {"created", absl::FormatTime(record.created, absl::UTCTimeZone())},
                                         {"revoked", record.disabled}})
                     .dump() +
                 "\n");
      continue;
    }
    table.Row({{who.name, Style::kBold},
               {absl::StrJoin(Roles(who), ",")},
               {who.party},
               {who.team},
               {ShowTime(record.created, tool.now())},
               {record.disabled ? "revoked" : "in force", record.disabled ? Style::kDim : Style::kGreen}});
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
  CLI::App& group = Group(app, "token", "Credentials of the data directory: create, list, revoke");
  CLI::App& init = Command(group, "init", "Creates a first set of credentials if there are none; `up` does so, too.",
                           "throughline --data /etc/throughline token init");
  tool.Does(init, [&tool] { return Init(tool); });

  CLI::App& create = Command(
      group, "create",
      "Makes a credential and writes it to a file that only you can read. Returns when the running servers that read "
      "the data directory's tokens.json take it.",
      "throughline token create carla --role rep --team care\n"
      "throughline token create dhl --role partner --party dhl --output /secure/dhl.token");
  auto token = std::make_shared<NewToken>();
  create.add_option("name", token->identity.name, "The name that appears as the actor")->required();
  create.add_option("--role", token->roles, "What the holder may do, once per role")
      ->required()
      ->allow_extra_args(false)
      ->check(OneOf({"rep", "supervisor", "partner", "service", "reader", "admin"}));
  create.add_option("--party", token->identity.party, "For a partner: the carrier or vendor id that it acts for");
  create.add_option("--team", token->identity.team, "The team of a rep or supervisor");
  create
      .add_option("--output", token->output,
                  "Where to write it (default: credentials/NAME.token in the data directory)")
      ->type_name("FILE");
  tool.Does(create, [&tool, token] { return Create(tool, *token); });

  CLI::App& list = Command(group, "list", "Lists the credentials.", "throughline token list");
  tool.Does(list, [&tool] { return List(tool); });

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
