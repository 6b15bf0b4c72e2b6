#include "services/ownership/people/people.h"

namespace throughline::ownership {
namespace {

template <typename... Prefix>
std::optional<std::string> FirstOnDuty(const store::KeyValue& reader, const std::string& except,
                                       const Prefix&... department) {
  std::optional<std::string> found;
  kOnDuty.Scan(
      reader, "",
      [&](std::string_view, const auto& key, const std::string&) {
        if (std::get<1>(key) != except) found = std::get<1>(key);
        return !found;
      },
      department...);
  return found;
}

}  // namespace

void ApplyAvailability(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& set = commit.EventAt<v1::AvailabilityEvent>(i).set();
    if (auto before = kPeople.Get(batch, set.person())) kOnDuty.Delete(batch, before->department(), set.person());
    kPeople.Put(batch, set.person(), set);
    if (set.on_duty()) kOnDuty.Put(batch, set.department(), set.person(), "");
  }
}

std::optional<std::string> SupervisorOnDuty(const store::KeyValue& reader, const std::string& department,
                                            const std::string& except) {
  if (!department.empty()) {
    if (auto near = FirstOnDuty(reader, except, department)) return near;
  }
  return FirstOnDuty(reader, except);
}

std::optional<std::string> SupervisorOf(const store::KeyValue& reader, const std::string& person) {
  const auto row = kPeople.Get(reader, person);
  return SupervisorOnDuty(reader, row ? row->department() : std::string(), person);
}

}  // namespace throughline::ownership
