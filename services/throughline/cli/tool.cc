#include "services/throughline/cli/tool.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"

#include "libs/client/addresses.h"
#include "libs/client/tls_problem.h"
#include "libs/command_line/version.h"
#include "libs/identity/tokens.h"
#include "libs/runtime/domain/refusal.h"
#include "services/throughline/cli/shorthand/ids.h"
#include "services/throughline/cli/values.h"
#include "services/throughline/output/times.h"

namespace throughline::tool {
namespace {

std::string DefaultData() {
  const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): nothing of ours changes the environment
  return absl::StrCat(home == nullptr ? "." : home, "/.local/share/throughline");
}

}  // namespace

Tool::Tool(CLI::App& app) : app_(app), now_(absl::Now()), data_(DefaultData()) {
  app.require_subcommand(1);
  app.set_version_flag("--version", command_line::Version("throughline"), "Print the version and the commit, and end");
  app.fallthrough();
  app.add_option("--address", addresses_,
                 "The services' address: host:port, several replicas as host:port,host:port, or one per service "
                 "as intake=host:port,ownership=host:port; default: the suite that runs on the data directory, else "
                 "127.0.0.1:7070")
      ->envname("THROUGHLINE_ADDRESS")
      ->allow_extra_args(false)
      ->check([](const std::string& text) { return std::string(client::ParseAddresses(text).status().message()); });
  app.add_option("--as", as_, "Whose credential to use, from the data directory")
      ->envname("THROUGHLINE_AS")
      ->capture_default_str();
  app.add_option("--data", data_, "The data directory")
      ->envname("THROUGHLINE_DATA")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--token-file", token_file_, "A file with the bearer token, in place of --as")
      ->envname("THROUGHLINE_TOKEN_FILE")
      ->type_name("FILE");
  app.add_option("--ca", ca_file_, "PEM file of the CA to trust; encrypts the connection")
      ->envname("THROUGHLINE_CA")
      ->type_name("FILE")
      ->check([](const std::string& file) { return std::string(file.empty() ? "it names no file" : ""); });
  auto* cert =
      app.add_option("--client-cert", client_cert_file_, "PEM file with a certificate, if the server asks for one")
          ->envname("THROUGHLINE_CLIENT_CERT")
          ->type_name("FILE");
  auto* key = app.add_option("--client-key", client_key_file_, "PEM file of its key")
                  ->envname("THROUGHLINE_CLIENT_KEY")
                  ->type_name("FILE");
  cert->needs(key);
  key->needs(cert);
  timeout_option_ =
      app.add_option("--timeout", timeout_,
                     "How long a call may take; how long to watch. A push has no limit while the server answers")
          ->capture_default_str()
          ->check([](const std::string& text) { return std::string(ParsePeriod(text).status().message()); });
  app.add_option(
         "--hedge-after", hedge_after_,
         "With several replicas: after how long a call without an answer goes to another one, too, under the same "
         "command id; off: never")
      ->envname("THROUGHLINE_HEDGE_AFTER")
      ->capture_default_str()
      ->check([](const std::string& text) {
        return text == "off" ? "" : std::string(ParsePeriod(text).status().message());
      });
  app.add_option("--command-id", command_id_,
                 "Id of the command: repeated with the same id it has no second effect (default: a new one)");
  app.add_flag("--json", json_, "Print JSON for machines, an object per line");
  app.add_option("--color", color_, "Colour: auto, always or never; auto respects NO_COLOR")
      ->check(OneOf({"auto", "always", "never"}))
      ->capture_default_str();
  app.footer(absl::StrCat(
      kExitCodesHelp,
      "\n\nA TIME is RFC 3339 with its offset (2026-11-24T18:00:00+01:00, ...Z), or counts from now: +2h, +3d. Without "
      "an\noffset it is refused, as it could mean two. A DATE (2026-11-24, 2026-11-24@Europe/Berlin) is a day in that "
      "zone, or,\nwithout one, in the zone of the destination, else UTC. What is shown is in the zone of this computer "
      "(TZ), with its\noffset; but sentences of a trace are stored as they are, and the times inside them are UTC.\n",
      kTextInputHelp, "\n", kIdsHelp, "\nHelp of a command: throughline order place --help"));
}

std::string Tool::address() const {
  if (!addresses_.empty()) return absl::StrJoin(addresses_, ",");
  // A running `throughline up` keeps its address in this file.
  const auto endpoint = ReadInput(data_ + "/endpoint");
  const std::string found = endpoint.ok() ? std::string(absl::StripAsciiWhitespace(*endpoint)) : "";
  return found.empty() ? "127.0.0.1:7070" : found;
}

std::string Tool::token_file() const {
  return token_file_.empty() ? identity::CredentialPath(data_, as_) : token_file_;
}

absl::Duration Tool::timeout() const { return *ParsePeriod(timeout_); }

absl::Duration Tool::watch_timeout() const {
  return timeout_option_->count() == 0 ? absl::InfiniteDuration() : timeout();
}

const Terminal& Tool::terminal() {
  if (terminal_ == nullptr) {
    const ColorMode mode = color_ == "always"  ? ColorMode::kAlways
                           : color_ == "never" ? ColorMode::kNever
                                               : ColorMode::kAuto;
    terminal_ = std::make_unique<Terminal>(Detect(STDOUT_FILENO, mode));
  }
  return *terminal_;
}

absl::StatusOr<client::Options> Tool::connection() {
  client::Options options;
  options.address = address();
  options.timeout = timeout();
  for (const auto& [option, path, pem] : {std::tuple{"--ca", &ca_file_, &options.ca_pem},
                                          {"--client-cert", &client_cert_file_, &options.certificate_pem},
                                          {"--client-key", &client_key_file_, &options.key_pem}}) {
    if (path->empty()) continue;
    const auto unusable = [option = option](absl::string_view why) {
      return runtime::Refuse(absl::StatusCode::kInvalidArgument, "TLS_FILES_UNUSABLE",
                             absl::StrCat(option, ": ", why, ": give a PEM file that you may read"));
    };
    if (*path == "-") {
      if (absl::Status status = texts_.TakeStdin(option); !status.ok()) return status;
    }
    auto content = ReadFileOf(option, *path);
    if (!content.ok()) return content.status();
    if (absl::StripAsciiWhitespace(*content).empty()) return unusable(absl::StrCat(*path, " is empty"));
    if (!absl::StrContains(*content, "-----BEGIN ")) {
      return unusable(absl::StrCat(*path, " has no line `-----BEGIN CERTIFICATE-----`, nor one of a key"));
    }
    *pem = *std::move(content);
  }
  // As other tools have it: a script's calls belong to the script's trace.
  const char* trace = std::getenv("TRACEPARENT");  // NOLINT(concurrency-mt-unsafe): as above
  if (trace != nullptr) options.traceparent = trace;
  client::KeepGrpcQuiet();
  return options;
}

absl::StatusOr<client::Client*> Tool::client() {
  if (client_ == nullptr) {
    if (token_file_ == "-") {
      if (absl::Status status = texts_.TakeStdin("--token-file"); !status.ok()) return status;
    }
    const auto token = ReadInput(token_file());
    if (!token.ok()) {
      return absl::UnauthenticatedError(
          absl::StrCat("no credential: ", token_file_.empty() ? "" : "--token-file: ", token.status().message(),
                       ": name a file with --token-file, or --data and --as; `throughline up` makes a first set"));
    }
    absl::StatusOr<client::Options> options = connection();
    if (!options.ok()) return options.status();
    options->token = std::string(absl::StripAsciiWhitespace(*token));
    if (options->token.empty()) {
      return absl::UnauthenticatedError(absl::StrCat("no credential: ", token_file(),
                                                     " is empty: name another file "
                                                     "with --token-file, or --data and --as"));
    }
    options->hedging.on = hedge_after_ != "off";
    if (options->hedging.on) options->hedging.most = *ParsePeriod(hedge_after_);
    options->hedging.least = std::min(options->hedging.least, options->hedging.most);
    client_ = std::make_unique<client::Client>(*std::move(options));
  }
  return client_.get();
}

CLI::App& Command(CLI::App& parent, const std::string& name, const std::string& description,
                  const std::string& examples) {
  CLI::App& command = *parent.add_subcommand(name, description);
  command.fallthrough();
  command.footer(absl::StrCat("Examples:\n  ", absl::StrReplaceAll(examples, {{"\n", "\n  "}}),
                              "\n\nGlobal options, and how to write a TIME, a TEXT and an ID: throughline --help"));
  return command;
}

CLI::App& Group(CLI::App& parent, const std::string& name, const std::string& description) {
  CLI::App& group = *parent.add_subcommand(name, description);
  group.fallthrough();
  group.require_subcommand(1);
  group.footer("Each command has its own help with examples. Global options: throughline --help");
  return group;
}

}  // namespace throughline::tool
