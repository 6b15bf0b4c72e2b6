#include "services/intake/projections/opening_facts.h"

#include "services/ownership/people/people.h"

namespace throughline::intake {

std::optional<std::string> OpeningFacts::PickRep(const store::KeyValue& reader,
                                                 std::shared_ptr<const void>& reservation) const {
  absl::MutexLock lock(&picked_->mutex);
  std::optional<std::string> best;
  int64_t least = 0;
  kAvailableReps.Scan(reader, "", [&](std::string_view, const auto& key, int64_t load) {
    picked_->mutex.AssertHeld();
    const std::string& person = std::get<0>(key);
    if (auto in_flight = picked_->in_flight.find(person); in_flight != picked_->in_flight.end()) {
      load += in_flight->second;
    }
    if (!best || load < least) {
      best = person;
      least = load;
    }
    return true;
  });
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
                              const runtime::Caller& caller) const {
  OpenCase command;
  command.case_id = std::move(case_id);
  auto owner = Case::FirstOwnerOf(request.channel(), command.candidates, caller);
  if (!owner) {
    Candidates& candidates = command.candidates;
    candidates.rep = PickRep(reader, command.reservation);
    if (!candidates.rep) candidates.supervisor_on_duty = ownership::SupervisorOnDuty(reader, "", "");
    candidates.fallback = fallback_owner_;
    owner = Case::FirstOwnerOf(request.channel(), candidates, caller);
  }
  if (owner) command.supervisor = ownership::SupervisorOf(reader, owner->person);
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
