#include "libs/server/errors.h"

#include <string_view>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"

#include "google/rpc/status.pb.h"
#include "libs/runtime/refusal.h"
#include "libs/server/utf8.h"

namespace throughline::server {
namespace {

constexpr size_t kMaxMessage = 2048;
constexpr std::string_view kAnyPrefix = "type.googleapis.com/";

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message =
      CleanUtf8(std::string_view(status.message().data(), status.message().size()), kMaxMessage);
  google::rpc::Status details;
  details.set_code(status.raw_code());
  details.set_message(message);
  status.ForEachPayload([&details](absl::string_view url, const absl::Cord& payload) {
    if (url.substr(0, kAnyPrefix.size()) != absl::string_view(kAnyPrefix.data(), kAnyPrefix.size())) return;
    auto& any = *details.add_details();
    any.set_type_url(std::string(url));
    any.set_value(std::string(payload));
  });
  return grpc::Status(static_cast<grpc::StatusCode>(status.raw_code()), message, details.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (!status.error_details().empty() && details.ParseFromString(status.error_details())) {
    for (const auto& any : details.details()) result.SetPayload(any.type_url(), absl::Cord(any.value()));
  }
  return result;
}

std::string Explain(const absl::Status& status) {
  if (status.ok()) return "OK";
  std::string line = absl::StatusCodeToString(status.code());
  if (const auto reason = runtime::ReasonOf(status); reason && *reason != line)
    absl::StrAppend(&line, " (", *reason, ")");
  absl::StrAppend(&line, ": ", status.message().empty() ? "the server gave no reason" : status.message());
  if (const auto delay = runtime::RetryAfterOf(status)) {
    absl::StrAppend(&line, " [try again in ", absl::FormatDuration(*delay), "]");
  } else if (status.code() == absl::StatusCode::kUnavailable) {
    line += " [the same command id may be sent again without a second effect]";
  }
  return line;
}

}  // namespace throughline::server
