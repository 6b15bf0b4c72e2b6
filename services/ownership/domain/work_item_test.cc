#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/people/person.h"
#include "services/ownership/domain/testing.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT

v1::PersonState Known() { return FromText<v1::PersonState>(R"pb(profile { kind: PERSON_KIND_REP })pb"); }

SnoozeWorkItem Snooze(v1::WorklistReason reason, std::optional<absl::Time> due, absl::Time until) {
  SnoozeWorkItem command{{}, {true, reason, due}};
  command.request.set_item_id("i");
  *command.request.mutable_until() = runtime::ToProto(until);
  return command;
}

TEST(WorkItem, OnlyWhatHasToBeSeenCanBeAcknowledged) {
  const std::set<v1::WorklistReason> seen = {v1::WORKLIST_REASON_PROMISE_BROKEN, v1::WORKLIST_REASON_COMMITMENT_BROKEN,
                                             v1::WORKLIST_REASON_CLOSING_ANNOUNCED};
  for (int i = v1::WorklistReason_MIN + 1; i <= v1::WorklistReason_MAX; ++i) {
    const auto reason = static_cast<v1::WorklistReason>(i);
    AcknowledgeWorkItem command{{}, {true, reason, std::nullopt}};
    command.request.set_item_id("i");
    const auto decided = Person::Decide(Known(), command, By("ana", ROLE_REP));
    if (seen.contains(reason)) {
      ASSERT_TRUE(decided.ok()) << v1::WorklistReason_Name(reason);
      EXPECT_EQ(decided->at(0).work_item_acknowledged().item_id(), "i");
    } else {
      EXPECT_EQ(runtime::ReasonOf(decided.status()), "NOT_ACKNOWLEDGEABLE") << v1::WorklistReason_Name(reason);
    }
  }
}

TEST(WorkItem, IsPutAsideUntilItIsDueAtMost) {
  const absl::Time noon = Noon();
  const auto decide = [&](const SnoozeWorkItem& command) {
    return Person::Decide(Known(), command, By("ana", ROLE_REP, "", noon));
  };
  const auto due = noon + absl::Hours(2);
  EXPECT_TRUE(decide(Snooze(v1::WORKLIST_REASON_PROMISE_OPEN, due, due)).ok());
  EXPECT_EQ(runtime::ReasonOf(decide(Snooze(v1::WORKLIST_REASON_PROMISE_OPEN, due, due + absl::Seconds(1))).status()),
            "AFTER_DUE");
  EXPECT_EQ(runtime::ReasonOf(
                decide(Snooze(v1::WORKLIST_REASON_NEXT_UPDATE, noon - absl::Hours(1), noon + absl::Hours(1))).status()),
            "AFTER_DUE");
  EXPECT_TRUE(decide(Snooze(v1::WORKLIST_REASON_OWNED, std::nullopt, noon + absl::Hours(90))).ok());
  EXPECT_TRUE(decide(Snooze(v1::WORKLIST_REASON_PROMISE_BROKEN, noon - absl::Hours(1), noon + absl::Hours(1))).ok())
      << "it is not due any more";
  EXPECT_EQ(decide(Snooze(v1::WORKLIST_REASON_OWNED, std::nullopt, noon)).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(WorkItem, MustBeInTheWorklistOfSomebodyKnown) {
  SnoozeWorkItem command = Snooze(v1::WORKLIST_REASON_OWNED, std::nullopt, Noon() + absl::Hours(1));
  const auto ana = By("ana", ROLE_REP, "", Noon());
  EXPECT_EQ(runtime::ReasonOf(Person::Decide({}, command, ana).status()), "WORK_ITEM_UNKNOWN");
  command.item.found = false;
  EXPECT_EQ(runtime::ReasonOf(Person::Decide(Known(), command, ana).status()), "WORK_ITEM_UNKNOWN");
  command.request.clear_item_id();
  EXPECT_EQ(Person::Decide(Known(), command, ana).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace throughline::ownership
