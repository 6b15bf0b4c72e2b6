// Rows 39 to 41: the same is opened, two cases are merged, and a person who accepts a case is deactivated, at the same
// moment through different replicas.

#include <random>
#include <set>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

#include "tests/faults/matrix/races.h"
#include "tests/support/eventually.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/intake/v1/matter.pb.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"

namespace throughline::faults {
namespace {

void RunOneMatter(const Context& context, Outcome& outcome) {
  constexpr int kAtOnce = 12;
  const int rounds = context.FullOrShort(100, 20);
  Scene scene(context, outcome);
  if (!BeginRace(scene)) return;
  const std::vector<std::string> people = {"ana", "ben", "sam"};
  Race race(context, scene.suite(), people);
  if (!Introduce(race, people, outcome)) return;
  std::vector<std::string> cases;
  for (int round = 0; round < rounds; ++round) {
    std::vector<Race::Sent*> calls;
    for (int i = 0; i < kAtOnce; ++i) {
      auto open = Opening("kim");
      open.set_order_id(absl::StrCat("SO-", round));
      open.set_text(absl::StrCat("words ", i));
      calls.push_back(&race.Make(IntakeReplica(i % 2), people[static_cast<size_t>(i) % people.size()], open));
    }
    race.Send(calls);
    std::set<std::string> ids, owners;
    int opened = 0;
    for (const Race::Sent* call : calls) {
      if (!outcome.Holds(call->answer, "an opening")) return;
      const auto& response = call->As<intake::v1::OpenCaseResponse>();
      ids.insert(response.case_id());
      owners.insert(response.owner());
      opened += !response.joined();
    }
    if (ids.size() != 1 || owners.size() != 1 || opened != 1) {
      outcome.Problem(absl::StrCat("round ", round, ": ", opened, " opened a case; cases ", absl::StrJoin(ids, ", "),
                                   "; owners ", absl::StrJoin(owners, ", ")));
    }
    cases.push_back(*ids.begin());
  }
  outcome.injected = absl::StrCat(rounds, " x ", kAtOnce, " openings of one matter through two replicas at once");
  race.Finish(outcome, [&](Audit& audit) {
    for (int round = 0; round < rounds; ++round) {
      const std::string& case_id = cases[static_cast<size_t>(round)];
      const std::string order = absl::StrCat("SO-", round);
      int opened = 0, reserved = 0;
      std::multiset<std::string> words, expected;
      for (int i = 0; i < kAtOnce; ++i) expected.insert(absl::StrCat("words ", i));
      for (const auto& event : EventsOf<intake::v1::CaseEvent>(audit, "case/" + case_id)) {
        opened += event.has_opened();
        if (event.has_opened()) words.insert(event.opened().text());
        if (event.has_interaction_recorded()) words.insert(event.interaction_recorded().text());
      }
      for (const auto& event : EventsOf<intake::v1::MatterEvent>(audit, "matter/kim/order/" + order)) {
        reserved += event.has_reserved();
      }
      if (opened != 1 || reserved != 1 || words != expected) {
        outcome.Problem(
            absl::StrCat(order, ": ", reserved, " reservations, ", opened, " openings; ", absl::StrJoin(words, ", ")));
      }
      for (int number = 0; number < 2; ++number) {
        intake::v1::ListCasesRequest list;
        list.set_order_id(order);
        const auto listed = race.Ask<intake::v1::ListCasesResponse>(IntakeReplica(number), "sam", list);
        if (!listed.ok() || listed->cases_size() != 1 || listed->cases(0).case_id() != case_id ||
            listed->cases(0).status() != ownership::v1::CASE_STATUS_OPEN ||
            listed->cases(0).interaction_count() != kAtOnce - 1) {
          outcome.Problem(absl::StrCat(NameOf(IntakeReplica(number)), " lists about ", order, ": ",
                                       listed.ok() ? listed->ShortDebugString() : listed.status().ToString()));
        }
      }
    }
  });
}

void RunMerges(const Context& context, Outcome& outcome) {
  const int rounds = context.FullOrShort(100, 20);
  Scene scene(context, outcome);
  if (!BeginRace(scene)) return;
  const std::vector<std::string> people = {"ana", "ben", "sam"};
  Race race(context, scene.suite(), people);
  if (!Introduce(race, people, outcome)) return;
  struct Pair {
    std::string older, younger, words;
  };
  std::vector<Pair> pairs;
  for (int round = 0; round < rounds; ++round) {
    const std::string customer = absl::StrCat("customer-", round);
    Pair pair{OpenFor(race, IntakeReplica(0), "ana", customer, outcome),
              OpenFor(race, IntakeReplica(1), "ben", customer, outcome), ""};
    if (pair.older.empty() || pair.younger.empty()) return;
    std::vector<Race::Sent*> merges;
    for (int number = 0; number < 2; ++number) {
      ownership::v1::MergeCasesRequest merge;
      merge.set_case_id(number == 0 ? pair.older : pair.younger);
      merge.set_other_case_id(number == 0 ? pair.younger : pair.older);
      merge.set_reason("It is one thing.");
      // Each owner their own way, or a supervisor both.
      const std::string owner = number == 0 ? "ana" : "ben";
      merges.push_back(&race.Make(OwnershipReplica(number), round % 2 == 0 ? owner : "sam", merge));
    }
    intake::v1::RecordInteractionRequest say;
    say.set_case_id(pair.younger);
    say.set_channel(intake::v1::CHANNEL_CHAT);
    say.set_direction(intake::v1::DIRECTION_INBOUND);
    say.set_text("It is still cold.");
    Race::Sent& said = race.Make(IntakeReplica(round % 2), "ben", say);
    race.Send({merges[0], merges[1], &said});
    if (!outcome.Holds(said.answer, "the customer's words")) return;
    pair.words = said.As<intake::v1::RecordInteractionResponse>().interaction_id();
    for (const Race::Sent* merge : merges) {
      if (!merge->answer.ok()) {
        outcome.Problem(absl::StrCat("round ", round, ", a merge: ", merge->answer.ToString()));
        continue;
      }
      const auto& response = merge->As<ownership::v1::MergeCasesResponse>();
      if (response.case_id() != pair.older || response.merged_case_id() != pair.younger || response.owner() != "ana") {
        outcome.Problem(absl::StrCat("round ", round, ", ", pair.older, " is older: ", response.ShortDebugString()));
      }
    }
    pairs.push_back(pair);
  }
  outcome.injected = absl::StrCat(rounds, " x MergeCases both ways at once, while the customer speaks");
  race.Finish(outcome, [&](Audit& audit) {
    for (const Pair& pair : pairs) {
      for (int number = 0; number < 2; ++number) {
        ownership::v1::OwnershipView kept, merged;
        const bool one = Eventually(
            [&] {
              kept = OwnershipAt(race, OwnershipReplica(number), pair.older);
              merged = OwnershipAt(race, OwnershipReplica(number), pair.younger);
              return kept.status() == ownership::v1::CASE_STATUS_OPEN && kept.owner() == "ana" &&
                     kept.unanswered().interaction_id() == pair.words && kept.absorbed_case_ids_size() == 1 &&
                     kept.absorbed_case_ids(0) == pair.younger &&
                     merged.status() == ownership::v1::CASE_STATUS_CLOSED_MERGED &&
                     merged.merged_into_case_id() == pair.older;
            },
            kReactionsTake);
        if (one) continue;
        outcome.Problem(absl::StrCat(NameOf(OwnershipReplica(number)), ": after the merge, with the words ", pair.words,
                                     ": ", kept.ShortDebugString(), " and ", merged.ShortDebugString()));
        return;
      }
    }
    if (!outcome.Holds(audit.ReadUntilQuiet(), "reading the topics")) return;
    for (const Pair& pair : pairs) {
      int merged = 0, absorbed = 0;
      for (const std::string& id : {pair.older, pair.younger}) {
        for (const auto& event : EventsOf<ownership::v1::OwnershipEvent>(audit, "ownership/" + id)) {
          merged += event.has_merged();
          absorbed += event.has_absorbed();
        }
      }
      if (merged != 1 || absorbed != 1) {
        outcome.Problem(absl::StrCat(pair.older, ": merged ", merged, " times, absorbed ", absorbed, " times"));
      }
    }
  });
}

void RunDeactivation(const Context& context, Outcome& outcome) {
  const int rounds = context.FullOrShort(100, 20);
  Scene scene(context, outcome);
  if (!BeginRace(scene)) return;
  const std::vector<std::string> people = {"ana", "ben", "sam"};
  Race race(context, scene.suite(), people);
  if (!Introduce(race, people, outcome)) return;
  std::mt19937_64 random(context.seed());
  std::map<std::string, bool> cases;  // whether ben owned it for a while
  int accepted = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::string case_id =
        OpenFor(race, IntakeReplica(round % 2), "ana", absl::StrCat("customer-", round), outcome);
    if (case_id.empty()) return;
    ownership::v1::OfferHandoffRequest offer;
    offer.set_case_id(case_id);
    offer.set_to("ben");
    offer.set_reason("He knows it.");
    Race::Sent& offered = race.Make(OwnershipReplica(round % 2), "ana", offer);
    race.Send({&offered});
    if (!outcome.Holds(offered.answer, "an offer")) return;
    ownership::v1::AcceptHandoffRequest accept;
    accept.set_case_id(case_id);
    accept.set_handoff_id(offered.As<ownership::v1::OfferHandoffResponse>().handoff_id());
    ownership::v1::DeactivatePersonRequest deactivate;
    deactivate.set_person("ben");
    deactivate.set_reason("He left.");
    const int accepts_at = static_cast<int>(random() % 2);
    Race::Sent& accepting = race.Make(OwnershipReplica(accepts_at), "ben", accept);
    Race::Sent& deactivating = race.Make(OwnershipReplica(1 - accepts_at), "sam", deactivate);
    // One may have a start.
    const bool accepts_first = random() % 2 == 0;
    const absl::Duration start = absl::Microseconds(random() % 3 == 0 ? 0 : random() % 20'000);
    race.Begin(accepts_first ? accepting : deactivating);
    absl::SleepFor(start);
    race.Begin(accepts_first ? deactivating : accepting);
    race.Await(accepting);
    race.Await(deactivating);
    if (!outcome.Holds(deactivating.answer, "a deactivation")) return;
    accepted += accepting.answer.ok();
    cases[case_id] = accepting.answer.ok();
    // What ben owes moves at once, to sam, who is above him.
    const std::string expected = accepting.answer.ok() ? "sam" : "ana";
    for (int number = 0; number < 2; ++number) {
      ownership::v1::OwnershipView view;
      const bool moved = Eventually(
          [&] {
            view = OwnershipAt(race, OwnershipReplica(number), case_id);
            return view.owner() == expected && !view.has_handoff();
          },
          kReactionsTake);
      if (moved) continue;
      outcome.Problem(absl::StrCat("round ", round, ": ", NameOf(OwnershipReplica(number)), " shows ",
                                   view.ShortDebugString(), " after ", accepting.answer.ToString()));
      return;
    }
    ownership::v1::ReactivatePersonRequest back;
    back.set_person("ben");
    back.set_reason("He is back.");
    Race::Sent& reactivating = race.Make(OwnershipReplica(round % 2), "sam", back);
    race.Send({&reactivating});
    if (!outcome.Holds(reactivating.answer, "a reactivation")) return;
  }
  outcome.injected = absl::StrCat(rounds, " x DeactivatePerson at one replica, AcceptHandoff at the other");
  outcome.Note(absl::StrCat(accepted, " accepted before the deactivation, ", rounds - accepted, " refused"));
  if (accepted == 0 || accepted == rounds) outcome.Problem("the same won every time: the row shows nothing");
  race.Finish(outcome, [&](Audit& audit) {
    for (const auto& [case_id, was_bens] : cases) {
      const std::vector<std::string> expected =
          was_bens ? std::vector<std::string>{"ana", "ben", "sam"} : std::vector<std::string>{"ana"};
      if (const auto owners = OwnersOf(audit, case_id); owners != expected) {
        outcome.Problem(case_id + " was owned by " + absl::StrJoin(owners, ", then by "));
      }
    }
  });
}

}  // namespace

std::vector<Row> RaceRows() {
  return {{39, "twelve openings of one matter at once", 1, RunOneMatter},
          {40, "two cases merged both ways at once", 1, RunMerges},
          {41, "deactivation against acceptance of an offer", 1, RunDeactivation}};
}

}  // namespace throughline::faults
