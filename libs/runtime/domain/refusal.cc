#include "libs/runtime/domain/refusal.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "google/rpc/error_details.pb.h"

namespace throughline::runtime {
namespace {

template <class Detail>
std::string TypeUrl() {
  return absl::StrCat("type.googleapis.com/", Detail::descriptor()->full_name());
}

template <class Detail>
std::optional<Detail> Get(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(TypeUrl<Detail>());
  Detail detail;
  if (!payload || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

template <class Detail>
void Set(absl::Status& status, const Detail& detail) {
  status.SetPayload(TypeUrl<Detail>(), absl::Cord(detail.SerializeAsString()));
}

google::rpc::ErrorInfo Info(absl::string_view reason) {
  google::rpc::ErrorInfo info;
  info.set_reason(reason.data(), reason.size());
  info.set_domain(kErrorDomain);
  return info;
}

}  // namespace

absl::Status Refuse(absl::StatusCode code, absl::string_view reason, absl::string_view message) {
  absl::Status status(code, message);
  Set(status, Info(reason));
  return status;
}

absl::Status BadField(absl::string_view field, absl::string_view what) {
  return FieldViolations().Add(field, what).ToStatus();
}

FieldViolations& FieldViolations::Add(absl::string_view field, absl::string_view what) {
  if (named_.size() < kMostNamed) {
    named_.emplace_back(field, what);
  } else {
    ++more_;
  }
  return *this;
}

absl::Status FieldViolations::ToStatus() const {
  if (empty()) return absl::OkStatus();
  google::rpc::BadRequest bad;
  for (const auto& [field, what] : named_) {
    auto& violation = *bad.add_field_violations();
    violation.set_field(field);
    violation.set_description(what);
  }
  std::string message = absl::StrJoin(named_, "; ", absl::PairFormatter(" "));
  if (more_ > 0) {  // first, as a long message is cut at its end
    message = absl::StrCat(named_.size() + more_, " fields are wrong, the first ", named_.size(), " are: ", message);
  }
  absl::Status status = Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD", message);
  Set(status, bad);
  return status;
}

absl::Status WithMetadata(absl::Status status, absl::string_view key, absl::string_view value) {
  if (status.ok()) return status;
  google::rpc::ErrorInfo info =
      Get<google::rpc::ErrorInfo>(status).value_or(Info(absl::StatusCodeToString(status.code())));
  (*info.mutable_metadata())[std::string(key)] = std::string(value);
  Set(status, info);
  return status;
}

absl::Status WithRetryAfter(absl::Status status, absl::Duration delay) {
  if (status.ok()) return status;
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(absl::IDivDuration(delay, absl::Seconds(1), &delay));
  retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(delay)));
  Set(status, retry);
  return status;
}

absl::Status VersionConflict(absl::string_view stream, uint64_t current_version) {
  absl::Status status = Refuse(absl::StatusCode::kAborted, "VERSION_CONFLICT",
                               absl::StrCat(stream, " was changed by others meanwhile and is at version ",
                                            current_version, ": read it again, then decide whether to repeat"));
  return WithMetadata(WithMetadata(std::move(status), "stream", stream), "current_version",
                      absl::StrCat(current_version));
}

absl::Status RequireParty(const Caller& caller, absl::string_view party) {
  if (!caller.Is(common::v1::ROLE_PARTNER) || caller.Is(common::v1::ROLE_ADMIN)) return absl::OkStatus();
  if (!caller.party.empty() && caller.party == std::string_view(party.data(), party.size())) return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "NOT_YOUR_PARTY",
                absl::StrCat("`", caller.id, "` acts for `", caller.party, "` and not for `", party,
                             "`: use the credential of that carrier or vendor"));
}

std::optional<std::string> ReasonOf(const absl::Status& status) {
  const auto info = Get<google::rpc::ErrorInfo>(status);
  return info ? std::optional(info->reason()) : std::nullopt;
}

std::optional<std::string> MetadataOf(const absl::Status& status, absl::string_view key) {
  const auto info = Get<google::rpc::ErrorInfo>(status);
  if (!info) return std::nullopt;
  const auto it = info->metadata().find(std::string(key));
  return it == info->metadata().end() ? std::nullopt : std::optional(it->second);
}

std::vector<std::string> BadFieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  const auto bad = Get<google::rpc::BadRequest>(status);
  if (!bad) return fields;
  for (const auto& violation : bad->field_violations()) fields.push_back(violation.field());
  return fields;
}

std::optional<absl::Duration> RetryAfterOf(const absl::Status& status) {
  const auto retry = Get<google::rpc::RetryInfo>(status);
  if (!retry) return std::nullopt;
  return absl::Seconds(retry->retry_delay().seconds()) + absl::Nanoseconds(retry->retry_delay().nanos());
}

}  // namespace throughline::runtime
