#pragma once

// The roster: who can take cases now, who supervises, and in which team. A read model of the ownership topic
// alone that any service which folds this topic may keep; ownership and intake do. Tables 100 and 101 are its own.
//
// ApplyAvailability: the fold's thread. Everything else: any thread.

#include <optional>
#include <string>

#include "libs/runtime/fold/accepted_commit.h"
#include "libs/store/table.h"
#include "throughline/ownership/v1/availability.pb.h"

namespace throughline::ownership {

// Person -> what was set last.
inline constexpr store::Table<v1::AvailabilitySet, std::string> kPeople{100};
// Team, person -> nothing: the supervisors on duty.
inline constexpr store::Table<std::string, std::string, std::string> kOnDuty{101};
// Both, for Definition::resident: as many rows as there are people.
inline std::string RosterTables() { return {kPeople.first_byte(), kOnDuty.first_byte()}; }

// Keeps both; for commits on `availability/*`.
void ApplyAvailability(const runtime::AcceptedCommit& commit, store::Batch& batch);

// A supervisor on duty other than `except`: of this team if there is one, else of any. Of several the first by
// team and name, so that all replicas agree.
std::optional<std::string> SupervisorOnDuty(const store::KeyValue& reader, const std::string& team,
                                            const std::string& except);

// Who supervises this person now; nobody, if nobody else is on duty.
std::optional<std::string> SupervisorOf(const store::KeyValue& reader, const std::string& person);

}  // namespace throughline::ownership
