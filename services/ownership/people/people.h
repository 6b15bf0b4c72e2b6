#pragma once

// Who works here, as every service that folds the ownership topic knows it: who can own and answer, who can take cases
// now, and who stands above whom. Its tables are 100 to 103.
//
// The person above somebody is looked up when needed and never copied:
//
//   std::optional<std::string> above = Above(reader, "ana", now);
//
// ApplyPerson: the fold's thread. Everything else: any thread.

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "libs/runtime/engine/definition.h"
#include "libs/runtime/fold/accepted_commit.h"
#include "libs/store/table.h"
#include "throughline/ownership/v1/views.pb.h"

namespace throughline::ownership {

// Person -> what their stream says. `absent`, `above` and the counts are not set.
inline constexpr store::Table<v1::PersonView, std::string> kPersons{100};
using TeamTable = store::Table<std::string, std::string, std::string>;
// Team, person: the active supervisors who are on duty. Empty values.
inline constexpr TeamTable kOnDuty{101};
// Team, person: the active supervisors. Empty values.
inline constexpr TeamTable kSupervisors{102};
// Team, person: everybody. Empty values.
inline constexpr TeamTable kTeams{103};

// Makes a service that folds the ownership topic keep the roster. For the ownership service itself and for one that
// derives rows from it, the parts:
void FoldPeople(runtime::Definition& definition);
// For Definition::resident: the tables are as small as the number of people.
std::string RosterTables();
// Applies a commit on `person/*`. A commit on `availability/*`, with which people were known before they had a stream,
// counts until there is one.
void ApplyPerson(const runtime::AcceptedCommit& commit, store::Batch& batch);

// Whether the commit deactivates a person, whom the stream's key names.
bool IsDeactivation(const runtime::AcceptedCommit& commit);

// Whether an absence holds at that time.
bool IsAbsent(const v1::PersonView& person, absl::Time now);

// Whether they work at that time, by their working hours. Without any: always.
bool IsAtWork(const v1::PersonView& person, absl::Time now);
// When a period of their working hours begins next, later than `time`. InfiniteFuture: never.
absl::Time NextAtWork(const v1::PersonView& person, absl::Time time);
// Whether cases that nobody took may go to them now: an active rep who is available, at work and not absent.
bool TakesCases(const v1::PersonView& person, absl::Time now);

// OK if the person may own and answer: known and active. FAILED_PRECONDITION PERSON_UNKNOWN, PERSON_DEACTIVATED.
absl::Status CheckActive(const std::optional<v1::PersonView>& row, const std::string& person);
// OK if the caller may change what persons owe. FAILED_PRECONDITION PERSON_DEACTIVATED: they have a credential still.
absl::Status CheckCaller(const store::KeyValue& reader, const runtime::Caller& caller);

// A supervisor on duty who is not absent, other than `except`: of `team` if possible, else of any team; one who is at
// work now, if there is one. Ties are broken by team and name, so that all replicas agree.
std::optional<std::string> SupervisorOnDuty(const store::KeyValue& reader, const std::string& team,
                                            const std::string& except, absl::Time now);

// Who answers for a team now: a supervisor of it on duty, else one who is here, else one of its reps who is here, those
// first who take cases, else a supervisor who is absent. Ties are broken by name. Nobody: it has no active member,
// apart from absent reps.
std::optional<std::string> AnswersFor(const store::KeyValue& reader, const std::string& team, absl::Time now);

// Who stands above the person now: the supervisor that they report to, if active and not absent; else one on duty; else
// one of the team; else any. If no supervisor is here, the configured `last_resort` (a person, or empty), then a
// supervisor who is absent. Never the person; nobody if there is no other active supervisor and no last resort.
std::optional<std::string> Above(const store::KeyValue& reader, const std::string& person, absl::Time now,
                                 const std::string& last_resort);

// Calls `take_over` with the person above, if the person is deactivated now. Where nobody stands above them, the
// reaction waits for somebody.
void WhoTakesOver(const store::KeyValue& reader, const std::string& person, const std::string& last_resort,
                  runtime::Reactions& reactions, const std::function<void(const std::string& above)>& take_over);

// Whether `upper` stands above `lower`, directly or through others, as their profiles say.
bool ReportsTo(const store::KeyValue& reader, const std::string& lower, const std::string& upper);

}  // namespace throughline::ownership
