#pragma once

// The commitment of a case that a command means when it names none. One thread.

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

#include "services/throughline/cli/tool.h"
#include "throughline/ownership/v1/views.pb.h"

namespace throughline::tool {

// Fills in the request's empty `commitment_id` with the only commitment of its case that `meant` accepts, so that the
// same command id means the same one again. Errors: as CompleteIds (cli/shorthand/ids.h); the error lists them.
absl::Status FillCommitment(
    Tool& tool, const std::string& command_id, google::protobuf::Message& request,
    const std::function<bool(const ownership::v1::OwnershipView&, const ownership::v1::CommitmentView&)>& meant);

}  // namespace throughline::tool
