#pragma once

// Refusals that a machine can act on and a person can understand: an absl::Status whose payloads are google.rpc error
// details. The server hands them to the client unchanged (libs/server/calls/errors.h).
//
//   return Refuse(absl::StatusCode::kFailedPrecondition, "CASE_CLOSED", "the case is closed: reopen it first");
//   return BadField("promise.due", "lies in the past: give a time after now");
//
//   FieldViolations bad;
//   if (request.text().empty()) bad.Add("text", "is empty: say what the customer asked");
//   if (request.channel() == 0) bad.Add("channel", "is not set: name the channel");
//   if (!bad.empty()) return bad.ToStatus();
//
// Pure functions; safe from any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/caller.h"

namespace throughline::runtime {

// `google.rpc.ErrorInfo.domain` of every refusal of ours.
inline constexpr char kErrorDomain[] = "throughline";

// A refusal with `google.rpc.ErrorInfo`. `reason` is UPPER_SNAKE_CASE, at most 63 characters, and part of the contract;
// `message` is for people, and says what to do.
[[nodiscard]] absl::Status Refuse(absl::StatusCode code, absl::string_view reason, absl::string_view message);

// INVALID_ARGUMENT, reason BAD_FIELD, with `google.rpc.BadRequest`. `field` is a path as in the schema, for instance
// `events[3].code`; `what` says what is wrong and what to do.
[[nodiscard]] absl::Status BadField(absl::string_view field, absl::string_view what);

// Several of them in one answer: the first 16, and how many there are. An answer has little room (see
// libs/server/calls/errors.h), and whoever mends 16 fields may ask again.
class FieldViolations {
 public:
  FieldViolations& Add(absl::string_view field, absl::string_view what);
  bool empty() const { return named_.empty(); }
  // OK if there are none.
  [[nodiscard]] absl::Status ToStatus() const;

 private:
  static constexpr size_t kMostNamed = 16;

  std::vector<std::pair<std::string, std::string>> named_;
  size_t more_ = 0;
};

// The same refusal with one more entry in `ErrorInfo.metadata`. OK stays OK.
[[nodiscard]] absl::Status WithMetadata(absl::Status status, absl::string_view key, absl::string_view value);

// The same refusal with `google.rpc.RetryInfo`: the caller may try again after `delay`. OK stays OK.
[[nodiscard]] absl::Status WithRetryAfter(absl::Status status, absl::Duration delay);

// ABORTED, reason VERSION_CONFLICT, metadata `stream` and `current_version`.
[[nodiscard]] absl::Status VersionConflict(absl::string_view stream, uint64_t current_version);

// PERMISSION_DENIED, reason NOT_YOUR_PARTY, for a partner that acts for another carrier or vendor than `party`; OK for
// itself and for callers that are no partners.
[[nodiscard]] absl::Status RequireParty(const Caller& caller, absl::string_view party);

// What a status carries: the reason, one metadata entry, the paths of the bad fields, the delay. Absent: not given.
std::optional<std::string> ReasonOf(const absl::Status& status);
std::optional<std::string> MetadataOf(const absl::Status& status, absl::string_view key);
std::vector<std::string> BadFieldsOf(const absl::Status& status);
std::optional<absl::Duration> RetryAfterOf(const absl::Status& status);

}  // namespace throughline::runtime
