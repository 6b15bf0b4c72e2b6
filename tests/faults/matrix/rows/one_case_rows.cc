// Row 38: a thousand commands on one case, many of them at the same moment, from two replicas.

#include <atomic>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

#include "libs/runtime/domain/time.h"
#include "tests/faults/matrix/races.h"
#include "tests/support/eventually.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"

namespace throughline::faults {
namespace {

// What to do next about a case that looks like this, and who does it. Mostly several find the same to do.
struct Idea {
  std::string person;
  std::unique_ptr<google::protobuf::Message> request;
};

template <typename Request>
Request& About(const std::string& case_id, Idea& idea) {
  auto request = std::make_unique<Request>();
  Request& filled = *request;
  filled.set_case_id(case_id);
  idea.request = std::move(request);
  return filled;
}

Idea Think(const ownership::v1::OwnershipView& view, std::mt19937_64& random) {
  using namespace ownership::v1;  // NOLINT
  const std::vector<std::string> people = {"ana", "ben", "sam"};
  const std::string& id = view.case_id();
  Idea idea{people[random() % people.size()], nullptr};
  std::vector<std::string> promises;
  for (const auto& promise : view.promises()) {
    if (promise.status() == PROMISE_STATUS_OPEN) promises.push_back(promise.promise_id());
  }
  const std::string other = view.owner() == "ana" ? "ben" : "ana";
  const auto promise_or = [&](const auto& about_one) {
    if (!promises.empty() && random() % 3 > 0) return about_one(promises[random() % promises.size()]);
    auto& request = About<MakePromiseRequest>(id, idea);
    request.set_text("You hear from us.");
    *request.mutable_due() = runtime::ToProto(absl::Now() + absl::Hours(1 + static_cast<int>(random() % 48)));
  };
  switch (random() % 15) {
    case 0:
    case 1:
    case 2:
      promise_or([&](const std::string& promise) {
        auto& request = About<KeepPromiseRequest>(id, idea);
        request.set_promise_id(promise);
        request.set_evidence("They were called.");
      });
      break;
    case 3:
      promise_or([&](const std::string& promise) {
        auto& request = About<WithdrawCommitmentRequest>(id, idea);
        request.set_commitment_id(promise);
        request.set_reason("It is not needed.");
      });
      break;
    case 4:
      About<AddWorkNoteRequest>(id, idea).set_text("Looked at it.");
      break;
    case 5:
    case 6:
    case 7:
    case 8:
      if (view.has_handoff()) {
        About<AcceptHandoffRequest>(id, idea).set_handoff_id(view.handoff().handoff_id());
        idea.person = view.handoff().to();
      } else {
        auto& request = About<OfferHandoffRequest>(id, idea);
        request.set_to(other);
        request.set_reason("They know it.");
      }
      break;
    case 9:
      About<WithdrawHandoffRequest>(id, idea).set_reason("Not any more.");
      break;
    case 10: {
      auto& request = About<ReassignCaseRequest>(id, idea);
      request.set_to(other);
      request.set_reason("They have time.");
      idea.person = "sam";
      break;
    }
    case 11: {
      auto& request = About<CloseCaseRequest>(id, idea);
      request.set_reason("It cannot be mended.");
      request.add_options_offered("a new one");
      break;
    }
    case 12:
      About<ReopenCaseRequest>(id, idea).set_reason("It can be mended.");
      break;
    case 13:
      if (view.status() == CASE_STATUS_RESOLUTION_PROPOSED) {
        About<ConfirmResolutionRequest>(id, idea).set_evidence("They said so.");
      } else {
        About<ProposeResolutionRequest>(id, idea).set_text("A new valve.");
      }
      break;
    default: {
      auto& request = About<intake::v1::RecordInteractionRequest>(id, idea);
      request.set_channel(intake::v1::CHANNEL_CHAT);
      request.set_direction(random() % 3 == 0 ? intake::v1::DIRECTION_INBOUND : intake::v1::DIRECTION_OUTBOUND);
      request.set_text("It is " + std::to_string(random()));
    }
  }
  return idea;
}

// What the streams of the case say, and whether the replicas say the same.
void CheckOneCase(const Race& race, const std::string& case_id, Audit& audit, Outcome& outcome) {
  std::set<std::string> said, noted, open = {case_id}, settled;  // the opening owes a next update, named after the case
  const bool all_noted = Eventually(
      [&] {
        if (!outcome.Holds(audit.Read(), "reading the topics")) return true;
        said.clear();
        noted.clear();
        for (const auto& event : EventsOf<intake::v1::CaseEvent>(audit, "case/" + case_id)) {
          if (event.has_interaction_recorded()) said.insert(event.interaction_recorded().interaction_id());
        }
        for (const auto& event : EventsOf<ownership::v1::OwnershipEvent>(audit, "ownership/" + case_id)) {
          if (event.has_interaction_noted()) noted.insert(event.interaction_noted().interaction_id());
        }
        return said == noted;
      },
      kReactionsTake);
  if (!all_noted) outcome.Problem(absl::StrCat(said.size(), " interactions, of which ", noted.size(), " were noted"));
  size_t notes = 0;
  for (const auto& event : EventsOf<ownership::v1::OwnershipEvent>(audit, "ownership/" + case_id)) {
    notes += event.has_interaction_noted();
    if (event.has_commitment_made()) {
      const std::string& id = event.commitment_made().commitment().commitment_id();
      if (settled.contains(id) || !open.insert(id).second) outcome.Problem("commitment " + id + " is made twice");
    }
    if (event.has_commitment_settled()) {
      const std::string& id = event.commitment_settled().commitment_id();
      if (!settled.insert(id).second) outcome.Problem("commitment " + id + " has two outcomes");
      if (open.erase(id) == 0) outcome.Problem("commitment " + id + " ends and is not open");
    }
  }
  if (notes != noted.size()) outcome.Problem(absl::StrCat(notes, " notes of ", noted.size(), " interactions"));
  const std::vector<std::string> owners = OwnersOf(audit, case_id);
  std::string first;
  for (int number = 0; number < 2; ++number) {
    const auto view = OwnershipAt(race, OwnershipReplica(number), case_id);
    std::set<std::string> shown;
    for (const auto& one : view.commitments()) {
      if (one.outcome() == ownership::v1::COMMITMENT_OUTCOME_UNSPECIFIED)
        shown.insert(one.commitment().commitment_id());
    }
    if (shown != open) outcome.Problem("the open commitments are " + absl::StrJoin(open, ", "));
    if (owners.empty() || view.owner() != owners.back()) outcome.Problem("`" + view.owner() + "` is shown as owner");
    ownership::v1::GetPersonRequest request;
    request.set_person(view.owner());
    const auto owner = race.Ask<ownership::v1::GetPersonResponse>(OwnershipReplica(number), "sam", request);
    if (!owner.ok() || owner->person().deactivated()) outcome.Problem("`" + view.owner() + "` is nobody active");
    if (number == 0) first = view.SerializeAsString();
    if (view.SerializeAsString() != first) outcome.Problem("the two replicas show the case differently");
  }
  outcome.Note(absl::StrCat(owners.size() - 1, " changes of owner, ", settled.size(), " commitments settled, ",
                            said.size(), " interactions"));
}

void RunOneCase(const Context& context, Outcome& outcome) {
  constexpr int kSenders = 40;
  const int commands = context.FullOrShort(1000, 300);
  Scene scene(context, outcome);
  if (!BeginRace(scene)) return;
  const std::vector<std::string> people = {"ana", "ben", "sam"};
  Race race(context, scene.suite(), people);
  if (!Introduce(race, people, outcome)) return;
  const std::string case_id = OpenFor(race, IntakeReplica(0), "ana", "kim", outcome);
  if (case_id.empty()) return;
  std::atomic<int> next{0}, in_flight{0}, peak{0};
  std::vector<std::thread> senders;
  for (int sender = 0; sender < kSenders; ++sender) {
    senders.emplace_back([&, sender] {
      std::mt19937_64 random(context.seed() * 1000 + static_cast<uint64_t>(sender));
      while (next.fetch_add(1) < commands) {
        auto view = OwnershipAt(race, OwnershipReplica(sender % 2), case_id);
        view.set_case_id(case_id);
        const Idea idea = Think(view, random);
        Race::Sent& sent = race.Make({testing::ServiceFor(*idea.request), sender % 2}, idea.person, *idea.request);
        const int now = ++in_flight;
        for (int most = peak; now > most && !peak.compare_exchange_weak(most, now);) {
        }
        race.Send({&sent});
        --in_flight;
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  std::map<std::string, std::pair<int, int>> by_method;  // acknowledged, of
  int aborted = 0;
  for (const Race::Sent& sent : race.sent()) {
    auto& [acknowledged, of] = by_method[sent.method()];
    acknowledged += sent.answer.ok();
    ++of;
    aborted += absl::IsAborted(sent.answer);
  }
  for (const auto& [method, count] : by_method) {
    outcome.Note(absl::StrCat(method, ": ", count.first, " of ", count.second, " acknowledged"));
    if (count.first == 0) outcome.Problem(method + " was never acknowledged: the row shows nothing about it");
  }
  if (peak < 32) outcome.Problem(absl::StrCat("at most ", peak.load(), " were under way at once"));
  outcome.injected =
      absl::StrCat(commands, " commands on one case from two replicas, up to ", peak.load(), " under way at once");
  outcome.Note(absl::StrCat(aborted, " ABORTED"));
  race.Finish(outcome, [&](Audit& audit) { CheckOneCase(race, case_id, audit, outcome); });
  if (outcome.void_commits == 0) outcome.Problem("no commit was void: there was no race, the row shows nothing");
}

}  // namespace

std::vector<Row> OneCaseRows() { return {{38, "1,000 commands on one case from two replicas", 1, RunOneCase}}; }

}  // namespace throughline::faults
