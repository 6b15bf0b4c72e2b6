#pragma once

// The handlers of OwnershipService. `streams` must outlive the api.

#include "services/ownership/ownership.h"

namespace throughline::ownership {

void AddReads(server::Api& api, runtime::Streams& streams, const Config& config);
// The commands and reads of persons.
void AddPeople(server::Api& api, runtime::Streams& streams, const Config& config);
void AddCommands(server::Api& api, runtime::Streams& streams, const Config& config);

// Takes what the customer said last off the owner's worklist. Errors: see the domain's InteractionAcknowledged. `done`
// is called once.
void AcknowledgeInteraction(runtime::Streams& streams, const server::Context& context, const std::string& case_id,
                            const std::string& interaction_id, const std::string& reason,
                            std::function<void(absl::StatusOr<runtime::Outcome<Ownership>>)> done);

// NOT_FOUND CASE_UNKNOWN.
absl::Status CaseUnknown(const std::string& case_id);

}  // namespace throughline::ownership
