#include "absl/algorithm/container.h"

#include "libs/runtime/domain/ids.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/testing.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT
using absl::StatusCode;
using Make = v1::MakePromiseRequest;
using Keep = v1::KeepPromiseRequest;
using Renegotiate = v1::RenegotiatePromiseRequest;

// A commitment that was made, as text.
std::string Made(const std::string& kind, const std::string& id, int64_t due, const std::string& text = "call back") {
  return "commitment_made { by: \"ana\" commitment { commitment_id: \"" + id + "\" kind: COMMITMENT_KIND_" + kind +
         " owed_to: \"kim\" text: \"" + text + "\" due " + At(due) + "} }";
}
std::string Settled(const std::string& kind, const std::string& id, const std::string& outcome, int64_t due,
                    const std::string& rest) {
  return "commitment_settled { commitment_id: \"" + id + "\" kind: COMMITMENT_KIND_" + kind +
         " outcome: COMMITMENT_OUTCOME_" + outcome + " owed_by: \"ana\" due " + At(due) + rest + "}";
}
std::string Moved(const std::string& id, int64_t from, int64_t to, const std::string& reason) {
  return "commitment_renegotiated { commitment_id: \"" + id + "\" by: \"ana\" reason: \"" + reason + "\" old_due " +
         At(from) + " new_due " + At(to) + "}";
}
const std::string kMade = Made("PROMISE", "p1", 60);
const std::string kKept = Settled("PROMISE", "p1", "KEPT", 60, R"(by: "ana" evidence: "called")");
// Written before there were commitments.
const std::string kOldMade =
    R"pb(promise_made { promise_id: "p1" made_by: "ana" to: "kim" text: "call back" due)pb" + At(60) + "}";

// With what the words of the request mean.
template <typename Request>
OnCase<Request> Meaning(OnCase<Request> command, runtime::Meant meant) {
  command.meant = std::move(meant);
  return command;
}

CommitmentDue Due(const std::string& id) {
  CommitmentDue command{FromText<v1::CommitmentSettled>(R"pb(above: "sue")pb"),
                        FromText<v1::OwnershipStarted>(kOpening)};
  command.request.set_commitment_id(id);
  return command;
}
// How many commitments of a kind are open.
int Open(const v1::OwnershipState& state, v1::CommitmentKind kind) {
  return static_cast<int>(absl::c_count_if(state.ledger().open(), [&](const auto& one) { return one.kind() == kind; }));
}

runtime::Caller Timer(int64_t seconds) {
  return By("throughline.ownership", ROLE_SERVICE, "", Noon() + absl::Seconds(seconds));
}

TEST(Promise, SaysWhoPromisedWhatToWhomByWhen) {
  Given<Ownership>()
      .When(On<Make>(R"pb(text: "call back" due)pb" + At(60)), Ana())
      .Then({kStarted, Made("PROMISE", runtime::DerivedId(Ana(), "promise"), 60)});
}

TEST(Promise, MayBeGivenInWordsWhoseMeaningIsRecordedOnce) {
  const absl::Time meant = Noon() + absl::Seconds(60);
  Given<Ownership>()
      .When(Meaning(On<Make>(R"pb(text: "call back" due_in: "1 minute")pb"), meant), Ana())
      .Then({kStarted, Made("PROMISE", runtime::DerivedId(Ana(), "promise"), 60)});
}

TEST(Promise, IsNotMadeWithWordsThatMeanNothingThePastOrTwoThings) {
  const auto refused = [](const std::string& request, absl::StatusOr<absl::Time> meant) {
    const auto decision =
        Ownership::Decide({}, Meaning(On<Make>("text: \"call back\" " + request), std::move(meant)), Ana());
    return runtime::BadFieldsOf(decision.status());
  };
  using Fields = std::vector<std::string>;
  EXPECT_EQ(refused("due_in: \"soon\"", absl::InvalidArgumentError("is no due time")), Fields{"due_in"});
  EXPECT_EQ(refused("due_in: \"1 hour\"", absl::NotFoundError("is no calendar")), Fields{"calendar"});
  EXPECT_EQ(refused("due_in: \"2020-01-01\"", Noon()), Fields{"due_in"});
  EXPECT_EQ(refused("due_in: \"1 hour\" due " + At(60), Noon() + absl::Hours(1)), Fields{"due_in"});
  EXPECT_EQ(refused("", absl::InfinitePast()), Fields{"due"});
}

TEST(Promise, IsMadeByTheOwnerOrASupervisorForTheFuture) {
  Given<Ownership> given({kStarted});
  given.When(On<Make>(R"pb(text: "x" due)pb" + At(60)), Ben()).ThenRefused(StatusCode::kPermissionDenied, "ana");
  given.When(On<Make>(R"pb(text: "x" due)pb" + At(0)), Ana()).ThenRefused(StatusCode::kInvalidArgument, "due");
  given.When(On<Make>(R"pb(text: "x")pb"), Ana()).ThenRefused(StatusCode::kInvalidArgument, "due");
  given.When(On<Make>(R"pb(text: " " due)pb" + At(60)), Sue()).ThenRefused(StatusCode::kInvalidArgument, "text");
  EXPECT_TRUE(Ownership::Decide(given.state(), On<Make>(R"pb(text: "x" due)pb" + At(60)), Sue()).ok());
}

TEST(Promise, AtMostAHundredAreOpenAndSettledOnesDoNotCount) {
  std::vector<std::string> events = {kStarted};
  for (int i = 0; i < 300; ++i) {
    events.push_back(Made("PROMISE", "old" + std::to_string(i), 60));
    events.push_back(Settled("PROMISE", "old" + std::to_string(i), "KEPT", 60, ""));
  }
  for (int i = 0; i < kMaxOpenCommitments - 1; ++i) events.push_back(Made("PROMISE", "p" + std::to_string(i), 60));
  const auto make = On<Make>(R"pb(text: "x" due)pb" + At(60));
  const auto note = On<v1::AddWorkNoteRequest>(R"pb(text: "t" next_action: "n" next_action_due)pb" + At(60));
  EXPECT_TRUE(Ownership::Decide(Given<Ownership>(events).state(), make, Ana()).ok());
  EXPECT_EQ(Given<Ownership>(events).state().ledger().settled_size(), kSettledCommitments) << "the state stays small";
  events.push_back(Made("NEXT_ACTION", "a1", 60));
  Given<Ownership>(events).When(make, Ana()).ThenRefused(StatusCode::kFailedPrecondition, "100");
  Given<Ownership>(events).When(note, Ana()).ThenRefused(StatusCode::kFailedPrecondition, "100");
}

TEST(Promise, IsKeptUpToItsDueTimeByTheOwner) {
  Given<Ownership> given({kStarted, kMade});
  const auto keep = On<Keep>(R"pb(promise_id: "p1" evidence: "called")pb");
  given.When(keep, Ana(60)).Then({kKept});
  given.When(keep, Ben()).ThenRefused(StatusCode::kPermissionDenied, "ana");
  given.When(On<Keep>(R"pb(promise_id: "p1")pb"), Ana()).ThenRefused(StatusCode::kInvalidArgument, "evidence");
  given.When(On<Keep>(R"pb(promise_id: "p2" evidence: "x")pb"), Ana()).ThenRefused(StatusCode::kNotFound);
}

TEST(Promise, IsBrokenAfterItsDueTimeEvenBeforeTheTimerRecordsIt) {
  Given<Ownership>({kStarted, kMade})
      .When(On<Keep>(R"pb(promise_id: "p1" evidence: "called")pb"), Ana(61))
      .ThenRefused(StatusCode::kFailedPrecondition, "broken");
  Given<Ownership>({kStarted, kMade})
      .When(On<Renegotiate>(R"pb(promise_id: "p1" reason: "r" new_due)pb" + At(600)), Ana(60))
      .ThenRefused(StatusCode::kFailedPrecondition, "broken");
}

TEST(Promise, KeepingItTwiceChangesNothing) {
  Given<Ownership>({kStarted, kMade, kKept})
      .When(On<Keep>(R"pb(promise_id: "p1" evidence: "called")pb"), Ana(600))
      .Then({});
}

TEST(Promise, IsRenegotiatedBeforeItsDueTimeWithAReason) {
  Given<Ownership> given({kStarted, kMade});
  given.When(On<Renegotiate>(R"pb(promise_id: "p1" reason: "vendor late" new_due)pb" + At(600)), Ana(59))
      .Then({Moved("p1", 60, 600, "vendor late")})
      .AndState([](const auto& state) {
        EXPECT_EQ(FindOpen(state.ledger(), "p1")->due().seconds(), absl::ToUnixSeconds(Noon()) + 600);
      });
  given.When(On<Renegotiate>(R"pb(promise_id: "p1" new_due)pb" + At(600)), Ana())
      .ThenRefused(StatusCode::kInvalidArgument, "reason");
  given.When(On<Renegotiate>(R"pb(promise_id: "p1" reason: "r" new_due)pb" + At(-1)), Ana())
      .ThenRefused(StatusCode::kInvalidArgument, "new_due");
  Given<Ownership>({kStarted, kMade, kKept})
      .When(On<Renegotiate>(R"pb(promise_id: "p1" reason: "r" new_due)pb" + At(600)), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "kept");
}

TEST(Promise, TheTimerBreaksItOnceAndNamesTheOwnerAndWhoStandsAbove) {
  const std::string broken = Settled("PROMISE", "p1", "BROKEN", 60, R"(by: "throughline.ownership" above: "sue")");
  Given<Ownership>({kStarted, kMade}).When(Due("p1"), Timer(59)).Then({});
  Given<Ownership>({kStarted, kMade}).When(Due("p1"), Timer(60)).Then({broken});
  Given<Ownership>({kStarted, kMade, broken}).When(Due("p1"), Timer(61)).Then({});
  Given<Ownership>({kStarted, kMade, kKept}).When(Due("p1"), Timer(61)).Then({});
  Given<Ownership>().When(Due("p1"), Timer(61)).Then({});
}

TEST(Promise, ARenegotiatedOneBreaksAtItsNewTime) {
  const std::string moved = Moved("p1", 60, 600, "r");
  Given<Ownership>({kStarted, kMade, moved}).When(Due("p1"), Timer(60)).Then({});
  Given<Ownership>({kStarted, kMade, moved})
      .When(Due("p1"), Timer(600))
      .Then({Settled("PROMISE", "p1", "BROKEN", 600, R"(by: "throughline.ownership" above: "sue")")});
}

TEST(Promise, OfAnOldLogIsSettledByTheSameRules) {
  Given<Ownership> given({kStarted, kOldMade});
  given.When(On<Keep>(R"pb(promise_id: "p1" evidence: "called")pb"), Ana(60)).Then({kKept});
  given.When(Due("p1"), Timer(60))
      .Then({Settled("PROMISE", "p1", "BROKEN", 60, R"(by: "throughline.ownership" above: "sue")")});
  Given<Ownership>({kStarted, kOldMade, R"pb(promise_kept { promise_id: "p1" })pb"})
      .When(On<Keep>(R"pb(promise_id: "p1" evidence: "called")pb"), Ana(600))
      .Then({});
  Given<Ownership>({kStarted, kOldMade, R"pb(promise_broken { promise_id: "p1" })pb"})
      .When(On<Keep>(R"pb(promise_id: "p1" evidence: "called")pb"), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "broken");
}

TEST(Promise, StaysOpenWhenTheCaseIsClosedButNoNewOneCanBeMade) {
  Given<Ownership> given({kStarted, kMade, "closed { resolution_code: RESOLUTION_CODE_UNCONFIRMED }"});
  given.When(On<Keep>(R"pb(promise_id: "p1" evidence: "called")pb"), Ana()).Then({kKept});
  given.When(On<Make>(R"pb(text: "x" due)pb" + At(60)), Ana()).ThenRefused(StatusCode::kFailedPrecondition, "closed");
}

// Every kind, by the same rules.
class EveryKind : public ::testing::TestWithParam<const char*> {
 protected:
  const std::string kind = GetParam();
  const std::string made = Made(kind, "x1", 60);

  // What is decided about a remedy is settled by that decision alone.
  template <typename Command>
  bool RefusesAllButADecision(const Given<Ownership>& given, const Command& command) const {
    if (kind != "APPROVAL" && kind != "COUNTER_OFFER_ANSWER") return false;
    given.When(command, Ana()).ThenRefused(StatusCode::kFailedPrecondition, "remedy");
    given.When(command, Ben()).ThenRefused(StatusCode::kPermissionDenied, "ana");
    return true;
  }
};
INSTANTIATE_TEST_SUITE_P(Commitment, EveryKind,
                         ::testing::Values("PROMISE", "NEXT_ACTION", "NEXT_UPDATE", "REPLY", "HELP", "APPROVAL",
                                           "COUNTER_OFFER_ANSWER", "SUGGESTION_ANSWER"));

TEST_P(EveryKind, IsKeptAtItsDueTimeButNotAfterIt) {
  const auto keep = On<v1::KeepCommitmentRequest>(R"pb(commitment_id: "x1" evidence: "done")pb");
  Given<Ownership> given({kStarted, made});
  if (RefusesAllButADecision(given, keep)) return;
  const auto kept = Ownership::Decide(given.state(), keep, Ana(60));
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(
      absl::c_count_if(
          *kept, [](const auto& event) { return event.commitment_settled().outcome() == v1::COMMITMENT_OUTCOME_KEPT; }),
      1);
  given.When(keep, Ana(61)).ThenRefused(StatusCode::kFailedPrecondition, "broken");
  given.When(keep, Ben()).ThenRefused(StatusCode::kPermissionDenied, "ana");
  given.When(On<v1::KeepCommitmentRequest>(R"pb(commitment_id: "x1")pb"), Ana())
      .ThenRefused(StatusCode::kInvalidArgument, "evidence");
  given.When(On<v1::KeepCommitmentRequest>(R"pb(commitment_id: "x2" evidence: "done")pb"), Ana())
      .ThenRefused(StatusCode::kNotFound);
}

TEST_P(EveryKind, IsRenegotiatedBeforeItsDueTimeOnly) {
  const auto move = On<v1::RenegotiateCommitmentRequest>(R"pb(commitment_id: "x1" reason: "r" new_due)pb" + At(600));
  Given<Ownership> given({kStarted, made});
  if (RefusesAllButADecision(given, move)) return;
  given.When(move, Ana(59)).Then({Moved("x1", 60, 600, "r")});
  given.When(move, Ana(60)).ThenRefused(StatusCode::kFailedPrecondition, "broken");
  given.When(move, Ben()).ThenRefused(StatusCode::kPermissionDenied, "ana");
}

TEST_P(EveryKind, IsWithdrawnBeforeItsDueTimeUnlessTheCustomerNeedsIt) {
  const auto withdraw = On<v1::WithdrawCommitmentRequest>(R"pb(commitment_id: "x1" reason: "not needed")pb");
  Given<Ownership> given({kStarted, made});
  if (RefusesAllButADecision(given, withdraw)) return;
  given.When(withdraw, Ben()).ThenRefused(StatusCode::kPermissionDenied, "ana");
  if (kind == "NEXT_UPDATE" || kind == "REPLY") {
    given.When(withdraw, Ana()).ThenRefused(StatusCode::kFailedPrecondition, "customer");
    return;
  }
  const std::string withdrawn = Settled(kind, "x1", "WITHDRAWN", 60, R"(by: "ana" evidence: "not needed")");
  given.When(withdraw, Ana(59)).Then({withdrawn});
  given.When(withdraw, Ana(60)).ThenRefused(StatusCode::kFailedPrecondition, "broken");
  Given<Ownership> gone({kStarted, made, withdrawn});
  gone.When(withdraw, Ana(600)).Then({});
  gone.When(Due("x1"), Timer(600)).Then({});
  gone.When(On<v1::KeepCommitmentRequest>(R"pb(commitment_id: "x1" evidence: "done")pb"), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "withdrawn");
}

TEST_P(EveryKind, BreaksOnce) {
  Given<Ownership> given({kStarted, made});
  given.When(Due("x1"), Timer(59)).Then({});
  const auto broken = Ownership::Decide(given.state(), Due("x1"), Timer(60));
  ASSERT_TRUE(broken.ok());
  ASSERT_GE(broken->size(), 1u);
  EXPECT_EQ((*broken)[0].commitment_settled().outcome(), v1::COMMITMENT_OUTCOME_BROKEN);
  EXPECT_EQ((*broken)[0].commitment_settled().above(), "sue");
  v1::OwnershipState after = given.state();
  for (const auto& event : *broken) Ownership::Evolve(after, event);
  EXPECT_TRUE(Ownership::Decide(after, Due("x1"), Timer(61))->empty());
}

TEST(Commitment, IsSettledByWhoeverOwesItToo) {
  const std::string made =
      R"pb(commitment_made { commitment { commitment_id: "x1" kind: COMMITMENT_KIND_HELP owed_by: "ben" due)pb" +
      At(60) + "} }";
  const auto keep = On<v1::KeepCommitmentRequest>(R"pb(commitment_id: "x1" evidence: "done")pb");
  const Given<Ownership> given({kStarted, made});
  EXPECT_EQ(Ownership::Decide(given.state(), keep, Ben())->at(0).commitment_settled().owed_by(), "ben");
  EXPECT_TRUE(Ownership::Decide(given.state(), keep, Ana()).ok());
  given.When(keep, By("cleo", ROLE_REP)).ThenRefused(StatusCode::kPermissionDenied);
  given.When(keep, By("ben", ROLE_SERVICE)).ThenRefused(StatusCode::kPermissionDenied);
}

TEST(Commitment, GoesAlongWithAHandOver) {
  Given<Ownership> given({kStarted, kMade, R"pb(handoff_accepted { from: "ana" to: "ben" })pb"});
  const auto keep = On<Keep>(R"pb(promise_id: "p1" evidence: "called")pb");
  given.When(keep, Ana()).ThenRefused(StatusCode::kPermissionDenied, "ben");
  const auto kept = Ownership::Decide(given.state(), keep, Ben());
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->at(0).commitment_settled().owed_by(), "ben");
  EXPECT_EQ(Ownership::Decide(given.state(), Due("p1"), Timer(60))->at(0).commitment_settled().owed_by(), "ben");
}

constexpr v1::CommitmentKind kUpdate = v1::COMMITMENT_KIND_NEXT_UPDATE;

TEST(NextUpdate, IsOwedFromTheOpeningOnAndWithinADayIfNothingElseWasSaid) {
  const Given<Ownership> given({kStarted});
  const auto& ledger = given.state().ledger();
  ASSERT_NE(FindOpen(ledger, "c1"), nullptr) << "named by the case";
  EXPECT_EQ(FindOpen(ledger, "c1")->kind(), kUpdate);
  EXPECT_EQ(FindOpen(ledger, "c1")->due().seconds(), 1772300000 + 86400);
  const Given<Ownership> said({std::string("started {") + kOpening + " next_update_due { seconds: 1772300060 } }"});
  EXPECT_EQ(FindOpen(said.state().ledger(), "c1")->due().seconds(), 1772300060);
}

// The stream need not have started: the timer follows from the opening.
TEST(NextUpdate, ThatIsBrokenIsFollowedByAnother) {
  for (const auto& events : {std::vector<std::string>{}, {kStarted}}) {
    auto due = Due("c1");
    due.periods.next_update_within = absl::Hours(2);
    Given<Ownership>(events).When(due, Timer(86400 * 3)).AndState([](const auto& state) {
      ASSERT_EQ(Open(state, kUpdate), 1);
      EXPECT_EQ(state.ledger().settled(0).outcome(), v1::COMMITMENT_OUTCOME_BROKEN);
      EXPECT_EQ(FindOpen(state.ledger(), kUpdate)->due().seconds(), absl::ToUnixSeconds(Noon()) + 86400 * 3 + 7200);
    });
  }
}

TEST(NextUpdate, EndsWithTheCaseAndIsOwedAgainWhenItIsReopened) {
  const auto close = On<v1::CloseCaseRequest>(R"pb(reason: "r" options_offered: "o")pb");
  const std::string action = Made("NEXT_ACTION", "a1", 60);
  Given<Ownership>({kStarted, kMade, action}).When(close, Ana()).AndState([](const auto& state) {
    EXPECT_EQ(state.ledger().open_size(), 1) << "the promise to the customer stays";
    EXPECT_EQ(state.ledger().open(0).commitment_id(), "p1");
    for (const auto& settled : state.ledger().settled()) {
      EXPECT_EQ(settled.outcome(), v1::COMMITMENT_OUTCOME_WITHDRAWN) << settled.ShortDebugString();
    }
  });
  // What was due before it is broken, not withdrawn.
  Given<Ownership>({kStarted, action}).When(close, Ana(60)).AndState([](const auto& state) {
    EXPECT_EQ(FindSettled(state.ledger(), "a1")->outcome(), v1::COMMITMENT_OUTCOME_BROKEN);
  });
  const ReopenCase reopen{FromText<v1::ReopenCaseRequest>(R"pb(reason: "r")pb"),
                          FromText<v1::OwnershipStarted>(kOpening)};
  Given<Ownership>({kStarted, kMade, "closed { }"}).When(reopen, Ben()).AndState([](const auto& state) {
    EXPECT_EQ(Open(state, kUpdate), 1);
    EXPECT_EQ(FindOpen(state.ledger(), kUpdate)->due().seconds(), absl::ToUnixSeconds(Noon()) + 86400);
  });
}

TEST(NextAction, OfAnotherPersonsNoteLeavesTheOwnersAlone) {
  const std::string action = Made("NEXT_ACTION", "a1", 60, "ask acme");
  const Given<Ownership> given({kStarted, action});
  const auto note =
      On<v1::AddWorkNoteRequest>(R"pb(text: "looked" next_action: "look again" next_action_due)pb" + At(60));
  given.When(note, Ben()).AndState([](const auto& state) {
    EXPECT_EQ(Open(state, v1::COMMITMENT_KIND_NEXT_ACTION), 2);
    EXPECT_NE(FindOpen(state.ledger(), "a1"), nullptr);
  });
  const auto done = On<v1::AddWorkNoteRequest>(R"pb(text: "asked" done_commitment_ids: "a1")pb");
  given.When(done, Ben()).ThenRefused(StatusCode::kPermissionDenied, "ana");
  given.When(done, Ana())
      .Then({R"pb(work_note_added { by: "ana" text: "asked" done_commitment_ids: "a1" })pb",
             Settled("NEXT_ACTION", "a1", "KEPT", 60, R"(by: "ana" evidence: "asked")")});
  given.When(done, Sue()).AndState([](const auto& state) { EXPECT_EQ(FindOpen(state.ledger(), "a1"), nullptr); });
  given.When(On<v1::AddWorkNoteRequest>(R"pb(text: "t" done_commitment_ids: "c1")pb"), Ana())
      .ThenRefused(StatusCode::kNotFound, "next action");
}

TEST(NextAction, ThatIsMissedIsBroken) {
  const std::string action = Made("NEXT_ACTION", "a1", 60);
  Given<Ownership>({kStarted, action})
      .When(Due("a1"), Timer(60))
      .Then({Settled("NEXT_ACTION", "a1", "BROKEN", 60, R"(by: "throughline.ownership" above: "sue")")});
  // Done too late: the note says so, and the commitment stays broken.
  Given<Ownership>({kStarted, action})
      .When(On<v1::AddWorkNoteRequest>(R"pb(text: "asked" done_commitment_ids: "a1")pb"), Ana(61))
      .AndState([](const auto& state) {
        EXPECT_EQ(FindSettled(state.ledger(), "a1")->outcome(), v1::COMMITMENT_OUTCOME_BROKEN);
      });
}

TEST(Alert, IsANextActionOfTheOwnerOnce) {
  const AttachAlert attach{FromText<v1::Commitment>(R"pb(text: "order SO-1 is late")pb"),
                           FromText<v1::OwnershipStarted>(kOpening)};
  const auto system = By("throughline.ownership", ROLE_SERVICE);
  const std::string made = Made("NEXT_ACTION", "a1", 60, "order SO-1 is late");
  const auto one = [](const auto& state) {
    EXPECT_EQ(Open(state, v1::COMMITMENT_KIND_NEXT_ACTION), 1);
    EXPECT_EQ(state.status(), v1::CASE_STATUS_OPEN);
  };
  Given<Ownership>().When(attach, system).AndState(one);
  Given<Ownership>({kStarted, made}).When(attach, system).Then({});
  Given<Ownership>({kStarted, "closed { }"}).When(attach, system).AndState(one);
}

}  // namespace
}  // namespace throughline::ownership
