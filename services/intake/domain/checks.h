#pragma once

// Whether the fields of intake's commands say what they must. The rules of single fields (length, characters) are in
// the contract and were checked before; these are about which fields are required, and what belongs together.
//
// INVALID_ARGUMENT with google.rpc.BadRequest names every bad field. Pure functions; any thread.

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "throughline/intake/v1/commands.pb.h"

namespace throughline::intake {

// `now`: when the command was made.
absl::Status Check(const v1::OpenCaseRequest& request, absl::Time now);
absl::Status Check(const v1::RecordInteractionRequest& request, absl::Time now);
absl::Status Check(const v1::SplitCaseRequest& request);
absl::Status Check(const v1::MarkMistakeRequest& request);

}  // namespace throughline::intake
