#include "services/ownership/reactors/waiting_cases.h"

#include <limits>
#include <queue>
#include <tuple>

#include "absl/algorithm/container.h"

#include "services/ownership/domain/ownership.h"
#include "services/ownership/people/people.h"
#include "services/ownership/projections/worklist_page.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/ownership/v1/person.pb.h"

namespace throughline::ownership {
namespace {

struct Waiting {
  std::string case_id;
  std::string owner;
};

std::vector<Waiting> OldestWaiting(const store::KeyValue& reader) {
  std::vector<Waiting> cases;
  kWaitingCases.Scan(reader, "", [&](std::string_view, const auto& key, const std::string& owner) {
    cases.push_back({std::get<1>(key), owner});
    return cases.size() < AssignWaitingCases::kAtOnce;
  });
  return cases;
}

struct Rep {
  std::string person;
  uint32_t load = 0;
  uint32_t room = 0;
};
// The rep with the fewest open cases comes first, ties by name, so that all replicas agree.
struct Later {
  bool operator()(const Rep& a, const Rep& b) const { return std::tie(a.load, a.person) > std::tie(b.load, b.person); }
};
using Reps = std::priority_queue<Rep, std::vector<Rep>, Later>;

Reps FreeReps(const store::KeyValue& reader, absl::Time now) {
  std::vector<v1::PersonView> available;
  kPersons.Scan(reader, "", [&](std::string_view, const auto&, const v1::PersonView& person) {
    if (TakesCases(person, now)) available.push_back(person);
    return true;
  });
  Reps reps;
  for (const v1::PersonView& person : available) {
    const uint32_t load = LoadOf(reader, person.person(), now).open_cases;
    const uint32_t capacity = person.profile().capacity();
    const uint32_t most = capacity == 0 ? std::numeric_limits<uint32_t>::max() : capacity;
    if (load < most) reps.push({person.person(), load, most - load});
  }
  return reps;
}

// Whether somebody may take cases from here on who could not before.
bool MayFree(const v1::PersonEvent& event) {
  using Event = v1::PersonEvent;
  switch (event.event_case()) {
    case Event::kIntroduced:
    case Event::kProfileChanged:
    case Event::kAvailabilityChanged:
    case Event::kAbsenceEnded:
    case Event::kReactivated:
    case Event::kWorkingHoursBegan:
      return true;
    case Event::kAbsencePlanned:
    case Event::kDeactivated:
    case Event::kWorkItemAcknowledged:
    case Event::kWorkItemSnoozed:
    case Event::EVENT_NOT_SET:
      return false;
  }
  return false;
}

// Whether a case begins to wait, or a rep may be free from here on.
bool Matters(const runtime::AcceptedCommit& commit) {
  return absl::c_any_of(commit.events, [&](const runtime::MessagePtr& message) {
    if (commit.stream.kind == "person") return MayFree(static_cast<const v1::PersonEvent&>(*message));
    if (commit.stream.kind == "case") {
      const auto reason = static_cast<const intake::v1::CaseEvent&>(*message).opened().assignment_reason();
      return reason == intake::v1::ASSIGNMENT_REASON_SUPERVISOR_ON_DUTY ||
             reason == intake::v1::ASSIGNMENT_REASON_FALLBACK;
    }
    if (commit.stream.kind != Ownership::kKind) return false;
    const auto& event = static_cast<const v1::OwnershipEvent&>(*message);
    return event.has_closed() || event.has_merged() || event.has_handoff_accepted() || event.has_reassigned();
  });
}

}  // namespace

void AssignToFreeReps(const store::KeyValue& reader, runtime::Reactions& reactions) {
  const std::vector<Waiting> cases = OldestWaiting(reader);
  if (cases.empty()) return;
  Reps reps = FreeReps(reader, reactions.now());
  for (const Waiting& waiting : cases) {
    if (reps.empty()) return;
    auto opening = kOpenings.Get(reader, waiting.case_id);
    if (!opening) continue;
    Rep rep = reps.top();
    reps.pop();
    AssignToFreeRep command;
    command.request.set_from(waiting.owner);
    command.request.set_to(rep.person);
    command.opening = *std::move(opening);
    reactions.Execute<Ownership>({Ownership::kKind, waiting.case_id}, std::move(command), "assign/" + waiting.case_id);
    ++rep.load;
    if (--rep.room > 0) reps.push(std::move(rep));
  }
}

bool AssignWaitingCases::NeedsPresent(const runtime::AcceptedCommit& commit) const { return Matters(commit); }

void AssignWaitingCases::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                               runtime::Reactions& reactions) {
  if (Matters(commit)) AssignToFreeReps(reader, reactions);
}

}  // namespace throughline::ownership
