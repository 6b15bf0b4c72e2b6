#pragma once

// The roster: who can take cases now, who supervises, and in which team. Any service that folds the ownership topic can
// keep this read model; ownership and intake do. Its tables are 100 and 101.
//
// ApplyAvailability: the fold's thread. Everything else: any thread.

#include <optional>
#include <string>

#include "libs/runtime/fold/accepted_commit.h"
#include "libs/store/table.h"
#include "throughline/ownership/v1/availability.pb.h"

namespace throughline::ownership {

// Person -> their latest availability.
inline constexpr store::Table<v1::AvailabilitySet, std::string> kPeople{100};
// Team, person: the supervisors on duty. Empty values.
inline constexpr store::Table<std::string, std::string, std::string> kOnDuty{101};
// Both, for Definition::resident. They are as small as the number of people.
inline std::string RosterTables() { return {kPeople.first_byte(), kOnDuty.first_byte()}; }

// Applies a commit on `availability/*` to both tables.
void ApplyAvailability(const runtime::AcceptedCommit& commit, store::Batch& batch);

// A supervisor on duty other than `except`: of `team` if possible, else of any team. Ties are broken by team and name,
// so that all replicas agree.
std::optional<std::string> SupervisorOnDuty(const store::KeyValue& reader, const std::string& team,
                                            const std::string& except);

// The person's present supervisor; none if nobody else is on duty.
std::optional<std::string> SupervisorOf(const store::KeyValue& reader, const std::string& person);

}  // namespace throughline::ownership
