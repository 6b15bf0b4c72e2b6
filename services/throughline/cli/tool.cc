#include "services/throughline/cli/tool.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include <nlohmann/json.hpp>

#include "libs/client/addresses.h"
#include "libs/identity/tokens.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/server/calls/errors.h"
#include "libs/server/operations/logging.h"
#include "libs/store/damaged_row.h"
#include "services/throughline/output/json.h"
#include "services/throughline/output/times.h"

namespace throughline::tool {
namespace {

std::string DefaultData() {
  const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): nothing of ours changes the environment
  return absl::StrCat(home == nullptr ? "." : home, "/.local/share/throughline");
}

// What gRPC says when nothing answers, made useful. A server's own refusal carries a reason and stays as it is.
absl::Status Understandable(const absl::Status& status, const std::string& address) {
  if (runtime::ReasonOf(status)) return status;
  if (absl::IsUnavailable(status)) {
    return absl::UnavailableError(absl::StrCat("nothing answers at ", address, " (", status.message(),
                                               "): start it with `throughline up`, or name another --address"));
  }
  if (absl::IsDeadlineExceeded(status)) {
    return absl::DeadlineExceededError(
        absl::StrCat(address, " did not answer in time: try again, or give it longer with --timeout"));
  }
  return status;
}

}  // namespace

Tool::Tool(CLI::App& app) : app_(app), now_(absl::Now()), data_(DefaultData()) {
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--address", addresses_,
                 "Where the services answer: host:port, several replicas as host:port,host:port, or each service its "
                 "own as intake=host:port,ownership=host:port; else the suite that runs on the data directory, else "
                 "127.0.0.1:7070")
      ->envname("THROUGHLINE_ADDRESS")
      ->allow_extra_args(false)
      ->check([](const std::string& text) { return std::string(client::ParseAddresses(text).status().message()); });
  app.add_option("--as", as_, "Whose credential to use, of those in the data directory")
      ->envname("THROUGHLINE_AS")
      ->capture_default_str();
  app.add_option("--data", data_, "The data directory")
      ->envname("THROUGHLINE_DATA")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--token-file", token_file_, "A file with the bearer token, in place of --as")
      ->envname("THROUGHLINE_TOKEN_FILE")
      ->type_name("FILE");
  app.add_option("--ca", ca_file_, "PEM file of the authority to trust: the connection is encrypted")
      ->envname("THROUGHLINE_CA")
      ->type_name("FILE")
      ->check([](const std::string& file) { return std::string(file.empty() ? "it names no file" : ""); });
  auto* cert = app.add_option("--client-cert", client_cert_file_, "PEM file, where the server asks for a certificate")
                   ->envname("THROUGHLINE_CLIENT_CERT")
                   ->type_name("FILE");
  auto* key = app.add_option("--client-key", client_key_file_, "PEM file of its key")
                  ->envname("THROUGHLINE_CLIENT_KEY")
                  ->type_name("FILE");
  cert->needs(key);
  key->needs(cert);
  timeout_option_ =
      app.add_option("--timeout", timeout_,
                     "How long a call may take; for watching: how long to watch. A push goes on while the server does")
          ->capture_default_str()
          ->check([](const std::string& text) { return std::string(ParsePeriod(text).status().message()); });
  app.add_option("--command-id", command_id_,
                 "Names the command: given again, it has no second effect. Made by itself if not given");
  app.add_flag("--json", json_, "Print JSON for machines, an object per line");
  app.add_option("--color", color_, "Colour: auto, always or never; auto respects NO_COLOR")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  app.footer(std::string(kExitCodesHelp) +
             "\n\nTimes are RFC 3339 with an offset (2026-11-24T18:00:00Z), or from now: "
             "+2h, +3d.\nEvery command explains itself: throughline order place --help");
}

void Tool::Does(CLI::App& command, std::function<absl::Status()> action) {
  command.callback([this, action = std::move(action)] {
    if (const absl::Status status = action(); !status.ok()) Fail(status);
  });
}

int Tool::Run(int argc, char** argv) {
  server::SetUpLogging({}).IgnoreError();  // on stderr: on stdout stands the output, and nothing else
  bool json = false;                       // wanted also for the error that the command line makes no sense
  for (int i = 1; i < argc; ++i) json = json || std::string_view(argv[i]) == "--json";
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code_ = FailUsage(error, json);
  } catch (const nlohmann::json::exception& unprintable) {  // text that is not UTF-8, for instance a path
    Fail(absl::InternalError(absl::StrCat("the answer cannot be written as JSON: ", unprintable.what())));
  } catch (const store::DamagedRow& damaged) {  // of a store that a command compares or shows
    Fail(absl::DataLossError(damaged.what()));
  }
  if (std::fflush(stdout) != 0 && output_error_ == 0) output_error_ = errno;
  // A reader that goes away has seen enough.
  if (output_error_ != 0 && output_error_ != EPIPE && exit_code_ == kOk) {
    Fail(absl::InternalError("not all output could be written: is the disk full?"));
  }
  if (!unprintable_.ok() && exit_code_ == kOk) Fail(unprintable_);
  return exit_code_;
}

int Tool::FailUsage(const CLI::ParseError& error, bool json) {
  if (error.get_exit_code() == 0) {
    app_.exit(error);  // --help
    return kOk;
  }
  if (json) {
    std::fputs((ErrorJson(absl::InvalidArgumentError(error.what()), "", kUsage) + "\n").c_str(), stderr);
    return kUsage;
  }
  const CLI::App* at = &app_;
  std::string path = app_.get_name();
  for (auto inner = at->get_subcommands(); !inner.empty(); inner = at->get_subcommands()) {
    at = inner.front();
    absl::StrAppend(&path, " ", at->get_name());
  }
  std::fputs(absl::StrCat("throughline: ", Clean(error.what()), " (see ", path, " --help)\n").c_str(), stderr);
  return kUsage;
}

void Tool::Fail(const absl::Status& given) {
  const absl::Status status = Understandable(given, address());
  exit_code_ = ExitCodeOf(status);
  const std::string id = exit_code_ == kTryAgain ? sent_command_id_ : "";
  std::string line = json_ ? ErrorJson(status, id, exit_code_)
                           : Paint(Detect(STDERR_FILENO, ColorMode::kAuto), Style::kRed, "throughline: ") +
                                 Clean(server::Explain(status));
  if (!json_ && !id.empty()) absl::StrAppend(&line, " --command-id ", Clean(id));
  std::fflush(stdout);
  std::fputs((line + "\n").c_str(), stderr);
}

std::string Tool::address() const {
  if (!addresses_.empty()) return absl::StrJoin(addresses_, ",");
  // `throughline up` writes there where it answers, for as long as it runs.
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

absl::StatusOr<client::Client*> Tool::client() {
  if (client_ == nullptr) {
    const auto token = ReadInput(token_file());
    if (!token.ok()) {
      return absl::UnauthenticatedError(
          absl::StrCat("no credential: ", token.status().message(),
                       ": name a file with --token-file, or --data and --as; `throughline up` makes a first set"));
    }
    client::Options options;
    options.address = address();
    options.token = std::string(absl::StripAsciiWhitespace(*token));
    options.timeout = timeout();
    for (const auto& [path, pem] :
         {std::pair{&ca_file_, &options.ca_pem}, std::pair{&client_cert_file_, &options.certificate_pem},
          std::pair{&client_key_file_, &options.key_pem}}) {
      if (path->empty()) continue;
      auto content = ReadInput(*path);
      if (!content.ok()) return content.status();
      if (absl::StripAsciiWhitespace(*content).empty()) {
        return absl::InvalidArgumentError(absl::StrCat(*path, " is empty: give a PEM file"));
      }
      *pem = *std::move(content);
    }
    client_ = std::make_unique<client::Client>(std::move(options));
  }
  return client_.get();
}

bool Tool::Print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return true;
  // Kept, as the buffer is empty now and a later flush succeeds.
  if (output_error_ == 0) output_error_ = errno;
  return false;
}

bool Tool::PrintJson(const google::protobuf::Message& message) {
  const absl::StatusOr<std::string> json = ToJson(message);
  if (json.ok()) return Print(*json + "\n");
  if (unprintable_.ok()) unprintable_ = json.status();
  return false;
}

void Tool::Note(std::string_view text) {
  if (!json_) std::fputs(absl::StrCat(absl::string_view(text.data(), text.size()), "\n").c_str(), stderr);
}

CLI::App& Command(CLI::App& parent, const std::string& name, const std::string& description,
                  const std::string& examples) {
  CLI::App& command = *parent.add_subcommand(name, description);
  command.fallthrough();
  command.footer(absl::StrCat("Examples:\n  ", absl::StrReplaceAll(examples, {{"\n", "\n  "}}),
                              "\n\nThe options of every command: throughline --help"));
  return command;
}

CLI::App& Group(CLI::App& parent, const std::string& name, const std::string& description) {
  CLI::App& group = *parent.add_subcommand(name, description);
  group.fallthrough();
  group.require_subcommand(1);
  group.footer("Each of them has its own help, with examples. The options of every command: throughline --help");
  return group;
}

absl::StatusOr<std::string> ReadInput(const std::string& path) {
  std::FILE* file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  if (file == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  std::string content;
  char buffer[16384];
  for (size_t got; (got = std::fread(buffer, 1, sizeof buffer, file)) > 0;) content.append(buffer, got);
  const bool bad = std::ferror(file) != 0;
  const int error = errno;
  if (file != stdin) std::fclose(file);
  if (bad) return absl::ErrnoToStatus(error, absl::StrCat("cannot read ", path));
  return content;
}

}  // namespace throughline::tool
