#include "services/ownership/people/people.h"

namespace throughline::ownership {
namespace {

template <typename... Prefix>
std::optional<std::string> FirstOnDuty(const store::KeyValue& reader, const std::string& except,
                                       const Prefix&... team) {
  std::optional<std::string> found;
  kOnDuty.Scan(
      reader, "",
      [&](std::string_view, const auto& key, const std::string&) {
        if (std::get<1>(key) != except) found = std::get<1>(key);
        return !found;
      },
      team...);
  return found;
}

}  // namespace

void ApplyAvailability(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& set = commit.EventAt<v1::AvailabilityEvent>(i).set();
    if (auto before = kPeople.Get(batch, set.person())) kOnDuty.Delete(batch, before->team(), set.person());
    kPeople.Put(batch, set.person(), set);
    if (set.on_duty()) kOnDuty.Put(batch, set.team(), set.person(), "");
  }
}

std::optional<std::string> SupervisorOnDuty(const store::KeyValue& reader, const std::string& team,
                                            const std::string& except) {
  if (!team.empty()) {
    if (auto near = FirstOnDuty(reader, except, team)) return near;
  }
  return FirstOnDuty(reader, except);
}

std::optional<std::string> SupervisorOf(const store::KeyValue& reader, const std::string& person) {
  const auto row = kPeople.Get(reader, person);
  return SupervisorOnDuty(reader, row ? row->team() : std::string(), person);
}

}  // namespace throughline::ownership
