#include "services/intake/projections/opening_facts.h"

#include <algorithm>

#include "absl/algorithm/container.h"

#include "libs/runtime/fold/projection.h"
#include "services/intake/projections/notice_match.h"
#include "services/ownership/people/people.h"

namespace throughline::intake {

namespace {

// How much of what the case needs the person lacks. The language counts more than all skills together.
size_t Lacks(const ownership::v1::PersonProfile& profile, const v1::OpenCaseRequest& request) {
  const auto knows = [](const auto& known, const std::string& needed) { return absl::c_binary_search(known, needed); };
  size_t lacks = absl::c_count_if(request.skills(), [&](const std::string& s) { return !knows(profile.skills(), s); });
  if (!request.language().empty() && !knows(profile.languages(), request.language())) {
    lacks += request.skills_size() + 1;
  }
  return lacks;
}

}  // namespace

void OpeningFacts::PickRep(const store::KeyValue& reader, const v1::OpenCaseRequest& request, absl::Time now,
                           OpenCase& command) const {
  std::vector<std::pair<std::string, int64_t>> available;
  kAvailableReps.Scan(reader, "", [&](std::string_view, const auto& key, int64_t load) {
    available.emplace_back(std::get<0>(key), load);
    return true;
  });
  const int64_t kept_free = runtime::Counted(reader, kUntakenCases) > 0 ? 1 : 0;
  absl::MutexLock lock(&picked_->mutex);
  std::optional<Order> best;
  size_t most_lacking = 0;
  for (auto [person, load] : available) {
    const auto row = ownership::kPersons.Get(reader, person);
    if (!row || !ownership::TakesCases(*row, now)) continue;
    int64_t given = kLastGiven.Get(reader, person).value_or(0);
    if (auto in_flight = picked_->in_flight.find(person); in_flight != picked_->in_flight.end()) {
      load += in_flight->second.count;
      given = absl::ToUnixMicros(now) + in_flight->second.newest;
    }
    const int64_t capacity = row->profile().capacity();
    if (capacity > 0 && load >= capacity - kept_free) continue;
    const size_t lacks = Lacks(row->profile(), request);
    most_lacking = std::max(most_lacking, lacks);
    Order order =
        policy_ == AssignmentPolicy::kRoundRobin ? Order{lacks, given, load, person} : Order{lacks, load, 0, person};
    if (!best || order < *best) best = std::move(order);
  }
  if (!best) return;
  const auto& [lacks, first, second, person] = *best;
  command.candidates.rep = person;
  command.candidates.rep_reason = lacks < most_lacking                       ? v1::ASSIGNMENT_REASON_SKILLS
                                  : policy_ == AssignmentPolicy::kRoundRobin ? v1::ASSIGNMENT_REASON_ROUND_ROBIN
                                                                             : v1::ASSIGNMENT_REASON_LEAST_LOAD;
  InFlight& in_flight = picked_->in_flight[person];
  ++in_flight.count;
  in_flight.newest = ++picked_->picks;
  command.reservation = std::shared_ptr<const void>(nullptr, [picked = picked_, name = person](const void*) {
    absl::MutexLock lock(&picked->mutex);
    auto gone = picked->in_flight.find(name);
    if (--gone->second.count == 0) picked->in_flight.erase(gone);
  });
}

OpenCase OpeningFacts::Gather(const store::KeyValue& reader, v1::OpenCaseRequest request, std::string case_id,
                              const runtime::Caller& caller, absl::Time now) const {
  OpenCase command;
  command.case_id = std::move(case_id);
  const auto owner = Case::FirstOwnerOf(request.channel(), command.candidates, caller);
  if (!owner) {
    Candidates& candidates = command.candidates;
    PickRep(reader, request, now, command);
    if (!candidates.rep) candidates.supervisor_on_duty = ownership::SupervisorOnDuty(reader, "", "", now);
    const auto fallback = ownership::kPersons.Get(reader, fallback_owner_);
    if (ownership::CheckActive(fallback, fallback_owner_).ok()) candidates.fallback = fallback_owner_;
  } else if (const auto taker = ownership::kPersons.Get(reader, owner->person)) {
    // Who is not known yet is an active person by the role of their credential.
    command.taker = ownership::CheckActive(taker, owner->person);
  }
  NoticeMatches matches = MatchNotices(reader, request, now);
  command.notice_ids = std::move(matches.notice_ids);
  command.notice_ids_by_words = std::move(matches.notice_ids_by_words);
  command.request = std::move(request);
  return command;
}

}  // namespace throughline::intake
