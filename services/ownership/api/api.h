#pragma once

// The handlers of OwnershipService. `streams` must outlive the api.

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "services/ownership/ownership.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::ownership {

void AddReads(server::Api& api, runtime::Streams& streams, const Config& config);
// Worklists and open commitments.
void AddWorklist(server::Api& api, runtime::Streams& streams, const Config& config);
void AddWatchWorklist(server::Api& api, runtime::Streams& streams, const Config& config);
// The commands and reads of persons.
void AddPeople(server::Api& api, runtime::Streams& streams, const Config& config);
void AddCommands(server::Api& api, runtime::Streams& streams, const Config& config);
// SearchCases and GetReport.
void AddSearch(server::Api& api, runtime::Streams& streams, const Config& config);
// RequestHelp and HandBackHelp.
void AddHelp(server::Api& api, runtime::Streams& streams, const Config& config);
// EscalateCase, AcknowledgeEscalation, SettleEscalation.
void AddEscalation(server::Api& api, runtime::Streams& streams, const Config& config);
// Everything about remedies that is not a plain command on a case.
void AddRemedies(server::Api& api, runtime::Streams& streams, const Config& config);
// Of these, GetCaseOptions, and what a paying system calls.
void AddOptions(server::Api& api, runtime::Streams& streams, std::shared_ptr<const Config> config);
void AddPayments(server::Api& api, runtime::Streams& streams);

// Takes what the customer said last off the owner's worklist. Errors: see the domain's InteractionAcknowledged. `done`
// is called once.
void AcknowledgeInteraction(runtime::Streams& streams, const server::Context& context, const std::string& case_id,
                            const std::string& interaction_id, const std::string& reason,
                            std::function<void(absl::StatusOr<runtime::Outcome<Ownership>>)> done);

// Whose worklist is meant, where `named` may be empty. INVALID_ARGUMENT: nobody's; PERMISSION_DENIED NOT_YOUR_WORKLIST.
absl::StatusOr<std::string> WhoseWorklist(const std::string& named, v1::WorklistScope scope, bool team,
                                          const runtime::Caller& caller);

// Whether somebody who is named may own or answer now.
struct NamedPerson {
  absl::Status may_own;
  bool absent = false;
};
NamedPerson Look(const store::KeyValue& reader, const std::string& person, absl::Time now);

// NOT_FOUND CASE_UNKNOWN.
absl::Status CaseUnknown(const std::string& case_id);

}  // namespace throughline::ownership
