#include "services/intake/projections/opening_facts.h"

#include "services/ownership/people/people.h"

namespace throughline::intake {

std::optional<std::string> OpeningFacts::PickRep(const store::KeyValue& reader,
                                                 absl::Time now, std::shared_ptr<const void>& reservation) const {
  std::vector<std::pair<std::string, int64_t>> available;
  kAvailableReps.Scan(reader, "", [&](std::string_view, const auto& key, int64_t load) {
    available.emplace_back(std::get<0>(key), load);
    return true;
  });
  absl::MutexLock lock(&picked_->mutex);
  std::optional<std::string> best;
  int64_t least = 0;
  for (auto [person, load] : available) {
    const auto row = ownership::kPersons.Get(reader, person);
    if (!row || ownership::IsAbsent(*row, now)) continue;
    if (auto in_flight = picked_->in_flight.find(person); in_flight != picked_->in_flight.end()) {
      load += in_flight->second;
    }
    const int64_t capacity = row->profile().capacity();
    if (capacity > 0 && load >= capacity) continue;
    if (!best || load < least) {
      best = person;
      least = load;
    }
  }
  if (!best) return std::nullopt;
  ++picked_->in_flight[*best];
  reservation = std::shared_ptr<const void>(nullptr, [picked = picked_, person = *best](const void*) {
    absl::MutexLock lock(&picked->mutex);
    auto in_flight = picked->in_flight.find(person);
    if (--in_flight->second == 0) picked->in_flight.erase(in_flight);
  });
  return best;
}

OpenCase OpeningFacts::Gather(const store::KeyValue& reader, v1::OpenCaseRequest request, std::string case_id,
                              const runtime::Caller& caller, absl::Time now) const {
  OpenCase command;
  command.case_id = std::move(case_id);
  const auto owner = Case::FirstOwnerOf(request.channel(), command.candidates, caller);
  if (!owner) {
    Candidates& candidates = command.candidates;
    candidates.rep = PickRep(reader, now, command.reservation);
    if (!candidates.rep) candidates.supervisor_on_duty = ownership::SupervisorOnDuty(reader, "", "", now);
    const auto fallback = ownership::kPersons.Get(reader, fallback_owner_);
    if (ownership::CheckActive(fallback, fallback_owner_).ok()) candidates.fallback = fallback_owner_;
  } else if (const auto taker = ownership::kPersons.Get(reader, owner->person)) {
    // Who is not known yet is an active person by the role of their credential.
    command.taker = ownership::CheckActive(taker, owner->person);
  }
  if (request.has_component_id()) {
    kActiveNotices.Scan(
        reader, "",
        [&](std::string_view, const auto& key, const std::string&) {
          command.notice_ids.push_back(std::get<1>(key));
          return true;
        },
        request.component_id());
  }
  command.request = std::move(request);
  return command;
}

}  // namespace throughline::intake
