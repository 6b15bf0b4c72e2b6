#include "libs/client/tls_problem.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grpc/support/log.h"

#include "libs/runtime/domain/refusal.h"

namespace throughline::client {
namespace {

constexpr char kClosed[] = "CONNECTION_CLOSED";

struct Problem {
  const char* text;  // a part of gRPC's or OpenSSL's message
  const char* reason;
  const char* advice;
};

constexpr Problem kProblems[] = {
    {"certificate verify failed", "TLS_NOT_TRUSTED",
     "the server's certificate is not trusted: it is not signed by the authority that --ca names (without --ca, "
     "one that this computer trusts), or it is not valid now; give with --ca the file of the authority that signed it, "
     "or have the server's certificate renewed"},
    {"is not in peer certificate", "TLS_WRONG_NAME",
     "the server's certificate is for another name than the one in the address: give in --address a name that stands "
     "in the certificate"},
    {"wrong version number", "TLS_NOT_SERVED",
     "the server does not speak TLS: leave --ca and --client-cert out (then nothing is encrypted), or name "
     "the address where it does"},
    {"packet length too long", "TLS_NOT_SERVED",
     "the server does not speak TLS: leave --ca and --client-cert out (then nothing is encrypted), or name "
     "the address where it does"},
    {"empty address list", "TLS_FILES_UNUSABLE",
     "the files of --ca, --client-cert or --client-key cannot be used: give PEM files, and the key of that "
     "certificate"},
};

}  // namespace

absl::Status NameTlsProblem(const absl::Status& status) {
  if (!absl::IsUnavailable(status) || runtime::ReasonOf(status)) return status;
  const absl::string_view said = status.message();
  for (const Problem& problem : kProblems) {
    if (!absl::StrContains(said, problem.text)) continue;
    return runtime::Refuse(absl::StatusCode::kUnavailable, problem.reason,
                           absl::StrCat(problem.advice, " (", said, ")"));
  }
  // Only while connecting: when a connection in use ends, the message has the same words, but not these before them.
  if (absl::StrContains(said, "connections to all backends failing") && absl::StrContains(said, "Socket closed")) {
    return runtime::Refuse(
        absl::StatusCode::kUnavailable, kClosed,
        absl::StrCat("the server closed the new connection at once; perhaps it expects TLS (", said, ")"));
  }
  return status;
}

bool IsTlsProblem(const absl::Status& status) {
  const auto reason = runtime::ReasonOf(status);
  return reason && absl::StartsWith(*reason, "TLS_");
}

bool IsClosedAtOnce(const absl::Status& status) { return runtime::ReasonOf(status) == kClosed; }

void KeepGrpcQuiet() {
  gpr_set_log_function([](gpr_log_func_args*) {});
}

namespace {

absl::Status WithDetailsOf(const absl::Status& status, absl::Status other) {
  status.ForEachPayload(
      [&other](absl::string_view type, const absl::Cord& payload) { other.SetPayload(type, payload); });
  return other;
}

}  // namespace

absl::Status WithCode(absl::StatusCode code, const absl::Status& status) {
  return WithDetailsOf(status, absl::Status(code, status.message()));
}

absl::Status WithMessage(absl::string_view message, const absl::Status& status) {
  return WithDetailsOf(status, absl::Status(status.code(), message));
}

}  // namespace throughline::client
