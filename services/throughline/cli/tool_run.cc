// How the tool runs a command, prints, and exits.

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <unistd.h>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <nlohmann/json.hpp>

#include "libs/client/services.h"
#include "libs/client/tls_problem.h"
#include "libs/command_line/usage.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/server/calls/errors.h"
#include "libs/server/operations/logging.h"
#include "libs/store/damaged_row.h"
#include "services/throughline/cli/options/usage_error.h"
#include "services/throughline/cli/tool.h"
#include "services/throughline/output/json.h"

namespace throughline::tool {
namespace {

// Turns gRPC's connection errors into advice. A server's own refusal has a reason and is returned unchanged.
absl::Status Understandable(const absl::Status& status, const std::string& address, bool encrypted) {
  if (runtime::ReasonOf(status) == client::kNoAddress) {
    return client::WithMessage(absl::StrCat("--address: ", status.message()), status);
  }
  // A retry does not help: the configuration must change, so this is not UNAVAILABLE.
  if (client::IsTlsProblem(status)) return client::WithCode(absl::StatusCode::kFailedPrecondition, status);
  if (client::IsClosedAtOnce(status)) {
    return runtime::Refuse(
        absl::StatusCode::kUnavailable, "TLS_EXPECTED",
        absl::StrCat(address, " closed the new connection at once: ",
                     encrypted ? "if it asks for a client certificate, give --client-cert and --client-key, from "
                                 "a CA that it trusts"
                               : "if it serves TLS, trust it with --ca FILE",
                     "; otherwise it takes no more connections, or another program listens there"));
  }
  const auto reason = runtime::ReasonOf(status);
  if (reason == "WRONG_ROLE") {
    return client::WithMessage(
        absl::StrCat(status.message(), "; choose another credential with --as, and see `throughline access`"), status);
  }
  if (reason) return status;
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

// Prints a line to standard error, wrapped on a terminal.
void Complain(const std::string& line) {
  std::fflush(stdout);
  std::fputs((Flow(line, Detect(STDERR_FILENO, ColorMode::kNever).width) + "\n").c_str(), stderr);
}

}  // namespace

void Tool::Does(CLI::App& command, std::function<absl::Status()> action) {
  command.callback([this, action = std::move(action)] {
    if (const absl::Status status = action(); !status.ok()) Fail(status);
  });
}

int Tool::Run(int argc, char** argv) {
  server::SetUpLogging({}).IgnoreError();  // logs go to stderr: stdout is for output only
  std::signal(SIGPIPE, SIG_IGN);           // a closed pipe becomes a write error
  bool json = false;                       // read early: usage errors are printed as JSON, too
  const std::vector<std::string> words(argv + 1, argv + argc);
  for (const std::string& word : words) json = json || word == "--json" || word == "--json=true";
  try {
    if (const auto wrong = command_line::FindEmptyValue(app_, words)) {
      exit_code_ = FailUsage(*wrong, json);
    } else {
      app_.parse(argc, argv);
    }
  } catch (const CLI::Success& asked) {  // --help or --version
    Print(asked.get_name() == "CallForVersion" ? absl::StrCat(asked.what(), "\n") : app_.help());
  } catch (const CLI::ParseError& error) {
    exit_code_ = FailUsage(DescribeUsage(app_, error), json);
  } catch (const nlohmann::json::exception& unprintable) {  // text that is not UTF-8, such as a path
    Fail(absl::InternalError(absl::StrCat("the answer cannot be written as JSON: ", unprintable.what())));
  } catch (const store::DamagedRow& damaged) {  // of a store that a command reads
    Fail(absl::DataLossError(damaged.what()));
  }
  if (std::fflush(stdout) != 0 && output_error_ == 0) output_error_ = errno;
  if (!unprintable_.ok() && exit_code_ == kOk) Fail(unprintable_);
  if (output_error_ != 0 && exit_code_ == kOk) LoseOutput();
  return exit_code_;
}

int Tool::FailUsage(const std::string& what, bool json) {
  if (json) {
    Complain(ErrorJson(absl::InvalidArgumentError(what), "", kUsage));
  } else {
    Complain(absl::StrCat("throughline: ", Clean(what), " (see ", command_line::PathOf(app_), " --help)"));
  }
  return kUsage;
}

void Tool::Fail(const absl::Status& given) {
  const absl::Status status = Understandable(given, address(), !ca_file_.empty() || !client_cert_file_.empty());
  exit_code_ = ExitCodeOf(status);
  const std::string id = exit_code_ == kTryAgain ? sent_command_id_ : "";
  if (json_) {
    std::fflush(stdout);
    std::fputs((ErrorJson(status, id, exit_code_) + "\n").c_str(), stderr);
    return;
  }
  Complain(absl::StrCat(Paint(Detect(STDERR_FILENO, ColorMode::kAuto), Style::kRed, "throughline: "),
                        Clean(server::Explain(status)),
                        id.empty() ? "" : absl::StrCat(" (--command-id ", Clean(id), ")")));
}

void Tool::LoseOutput() {
  // A read may be cut short by a closed pipe. After a change, lost output is an error that names what changed.
  if (output_error_ == EPIPE && done_.empty()) {
    exit_code_ = kTryAgain;
    return;
  }
  std::string what = absl::StrCat("the output could not be written (", std::strerror(output_error_), ")");
  if (!done_.empty()) {
    absl::StrAppend(&what, ", but it is done: ", absl::StrJoin(done_, ", ", absl::PairFormatter(" ")));
    if (!sent_command_id_.empty())
      what += "; repeat it with its command id to print the output without a second effect";
  }
  Fail(runtime::Refuse(absl::StatusCode::kUnknown, "OUTPUT_LOST", what));
}

void Tool::Done(const std::string& what, const std::string& id) { done_.emplace_back(what, id); }

bool Tool::Print(std::string_view given) {
  const std::string text = json_ ? std::string(given) : Flow(given, terminal().width);
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return true;
  // Remember the error: the buffer is empty now, and a later flush would succeed.
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
  if (!json_) Complain(std::string(text));
}

}  // namespace throughline::tool
