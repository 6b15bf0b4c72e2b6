#pragma once

// Whether the fields of intake's commands say what they must. The rules of single fields (length, characters) are in
// the contract and were checked before; these are about which fields are required, and what belongs together.
//
// INVALID_ARGUMENT with google.rpc.BadRequest names every bad field. Pure functions; any thread.

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/due.h"
#include "throughline/intake/v1/commands.pb.h"

namespace throughline::intake {

absl::Status Check(const v1::OpenCaseRequest& request);
// `now`: when the command was made.
absl::Status Check(const v1::RecordInteractionRequest& request, absl::Time now);
absl::Status Check(const v1::SplitCaseRequest& request);
absl::Status Check(const v1::UnlinkNoticeRequest& request);
absl::Status Check(const v1::MarkMistakeRequest& request);

// By when the customer hears from us next. None: it was not said. INVALID_ARGUMENT: see runtime::ReadDue.
template <typename Request>
absl::StatusOr<std::optional<google::protobuf::Timestamp>> NextUpdateOf(const Request& request,
                                                                        const runtime::Meant& meant, absl::Time now) {
  const runtime::GivenDue due{"next_update_due", request.has_next_update_due(), request.next_update_due(),
                              request.next_update_due_in()};
  runtime::FieldViolations bad;
  const google::protobuf::Timestamp read = runtime::ReadDue(bad, due, meant, now);
  if (!bad.empty()) return bad.ToStatus();
  if (!due.given()) return std::nullopt;
  return read;
}

}  // namespace throughline::intake
