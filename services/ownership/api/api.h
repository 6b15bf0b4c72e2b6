#pragma once

// The handlers of OwnershipService. `streams` must outlive the api.

#include "services/ownership/ownership.h"

namespace throughline::ownership {

void AddReads(server::Api& api, runtime::Streams& streams);
// The commands and reads of persons.
void AddPeople(server::Api& api, runtime::Streams& streams);
void AddCommands(server::Api& api, runtime::Streams& streams, const Config& config);

// NOT_FOUND CASE_UNKNOWN.
absl::Status CaseUnknown(const std::string& case_id);

}  // namespace throughline::ownership
