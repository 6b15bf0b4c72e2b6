#include "libs/server/calls/errors.h"

#include <string_view>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/server/checks/utf8.h"

namespace throughline::server {
namespace {

// The message is sent percent-encoded, with up to three bytes per byte, and a second time in the details, which are
// base64: at most 7.5 KiB in total.
constexpr size_t kMaxMessage = 1024;
constexpr size_t kMaxBadRequest = 1536;
constexpr size_t kMaxFieldPath = 128;
constexpr size_t kMaxDescription = 256;
constexpr size_t kMaxOtherDetail = 512;
constexpr std::string_view kAnyPrefix = "type.googleapis.com/";

// False: the detail is too long, and cannot be shortened.
bool CutToSize(google::protobuf::Any& detail) {
  google::rpc::BadRequest bad;
  google::rpc::ErrorInfo info;
  if (detail.value().size() <= kMaxOtherDetail) return true;
  if (detail.UnpackTo(&bad)) {
    auto& violations = *bad.mutable_field_violations();
    for (auto& violation : violations) {
      violation.set_field(CleanUtf8(violation.field(), kMaxFieldPath));
      violation.set_description(CleanUtf8(violation.description(), kMaxDescription));
    }
    while (bad.ByteSizeLong() > kMaxBadRequest) violations.RemoveLast();
    return detail.PackFrom(bad);
  }
  if (detail.UnpackTo(&info)) {
    info.clear_metadata();  // callers act on the reason
    return detail.PackFrom(info);
  }
  return false;
}

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
    google::protobuf::Any detail;
    detail.set_type_url(std::string(url));
    detail.set_value(std::string(payload));
    if (CutToSize(detail)) *details.add_details() = std::move(detail);
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
