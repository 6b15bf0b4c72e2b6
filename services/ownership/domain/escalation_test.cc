#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/testing.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT
using absl::StatusCode;
using ::testing::ElementsAre;
using Event = v1::OwnershipEvent;
using Decided = v1::SettleEscalationRequest;
using KeepAny = v1::KeepCommitmentRequest;

runtime::Caller Pam(int64_t seconds = 0) { return By("pam", ROLE_SUPERVISOR, "", Noon() + absl::Seconds(seconds)); }
runtime::Caller Clock(int64_t seconds, const std::string& command = "break") {
  return By("throughline.ownership", ROLE_SERVICE, command, Noon() + absl::Seconds(seconds));
}
// The levels have 60 and 120 seconds, the decision 600.
EscalationTerms TermsFrom(int64_t now = 0, uint32_t after_broken = 0) {
  const absl::Time from = Noon() + absl::Seconds(now);
  return {{from + absl::Seconds(60), from + absl::Seconds(120)}, from + absl::Seconds(600), after_broken};
}
EscalateCase RaiseTo(const std::string& above = "sue", const std::string& reason = "the part is lost") {
  EscalateCase command{{}, FromText<v1::OwnershipStarted>(kOpening), above, TermsFrom()};
  command.request.set_reason(reason);
  return command;
}
AcknowledgeEscalation TakeCare(int64_t now = 0) {
  return {{}, FromText<v1::OwnershipStarted>(kOpening), TermsFrom(now)};
}
CommitmentDue IsDue(const std::string& id, const std::string& to, int64_t now, uint32_t after_broken = 0) {
  CommitmentDue command{{}, FromText<v1::OwnershipStarted>(kOpening)};
  command.request.set_commitment_id(id);
  command.escalate_to = to;
  command.terms = TermsFrom(now, after_broken);
  return command;
}

// A case that was escalated to `sue`.
class Escalated {
 public:
  Escalated() : given_({kStarted}) { Do(RaiseTo(), Ana()); }

  template <typename Command>
  std::vector<Event> Do(const Command& command, const runtime::Caller& caller) {
    auto decision = Ownership::Decide(state(), command, caller);
    EXPECT_TRUE(decision.ok()) << decision.status();
    if (!decision.ok()) return {};
    for (const Event& event : *decision) Ownership::Evolve(state_, event);
    return *std::move(decision);
  }
  template <typename Command>
  std::string Refused(const Command& command, const runtime::Caller& caller) {
    const auto decision = Ownership::Decide(state(), command, caller);
    return decision.ok() ? "" : runtime::ReasonOf(decision.status()).value_or("?");
  }
  const v1::OwnershipState& state() {
    if (state_.status() == v1::CASE_STATUS_UNSPECIFIED) state_ = given_.state();
    return state_;
  }
  const std::string& owed() { return state().escalation().commitment_id(); }

 private:
  Given<Ownership> given_;
  v1::OwnershipState state_;
};

TEST(Escalation, RaisesTheCaseToWhoeverStandsAboveAndTheOwnerStays) {
  const std::string id = runtime::DerivedId(Ana(), "escalation");
  const std::string owed = runtime::DerivedId(Ana(), "escalation/acknowledge");
  Given<Ownership>({kStarted})
      .When(RaiseTo(), Ana())
      .Then({"escalated { escalation_id: \"" + id + "\" commitment_id: \"" + owed +
                 R"(" level: 1 to: "sue" from: "ana" by: "ana" reason: "the part is lost" owner: "ana"
                      cause: ESCALATION_CAUSE_PERSON due)" +
                 At(60) + "}",
             "commitment_made { by: \"ana\" commitment { commitment_id: \"" + owed +
                 R"(" kind: COMMITMENT_KIND_ESCALATION owed_by: "sue" owed_to: "ana"
                      text: "Acknowledge the escalation: the part is lost" due)" +
                 At(60) + "} }"})
      .AndState([](const auto& state) { EXPECT_EQ(state.owner(), "ana"); });
}

TEST(Escalation, IsForTheOwnerAndSupervisorsOfAnOpenCaseWithAReasonAndSomebodyAbove) {
  Given<Ownership> given({kStarted});
  given.When(RaiseTo(), Ben()).ThenRefused(StatusCode::kPermissionDenied, "ana");
  EXPECT_TRUE(Ownership::Decide(given.state(), RaiseTo("pam"), Sue()).ok());
  given.When(RaiseTo("sue", ""), Ana()).ThenRefused(StatusCode::kInvalidArgument, "reason");
  given.When(RaiseTo(""), Ana()).ThenRefused(StatusCode::kFailedPrecondition, "nobody stands above");
  Given<Ownership>({kStarted, "closed { }"})
      .When(RaiseTo(), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "closed");
  Escalated once;
  EXPECT_EQ(once.Refused(RaiseTo("pam"), Ana(1)), "ALREADY_ESCALATED");
}

TEST(Escalation, ClimbsUntilItIsAcknowledgedWithTheTimeOfEachLevel) {
  Escalated it;
  EXPECT_TRUE(it.Do(IsDue(it.owed(), "pam", 59), Clock(59)).empty()) << "not yet";
  const auto climbed = it.Do(IsDue(it.owed(), "pam", 60), Clock(60));
  ASSERT_EQ(climbed.size(), 3u);
  EXPECT_EQ(climbed[0].commitment_settled().outcome(), v1::COMMITMENT_OUTCOME_BROKEN);
  EXPECT_EQ(climbed[0].commitment_settled().owed_by(), "sue");
  EXPECT_EQ(climbed[1].escalated().level(), 2u);
  EXPECT_EQ(climbed[1].escalated().from(), "sue");
  EXPECT_EQ(climbed[1].escalated().to(), "pam");
  EXPECT_EQ(climbed[1].escalated().cause(), v1::ESCALATION_CAUSE_NOT_ACKNOWLEDGED);
  EXPECT_EQ(runtime::FromProto(climbed[1].escalated().due()), Noon() + absl::Seconds(180));
  EXPECT_EQ(it.state().owner(), "ana");
  EXPECT_THAT(it.state().escalation().ladder(), ElementsAre("sue", "pam"));
  EXPECT_EQ(it.state().broken_since_escalation(), 0u) << "an escalation is no reason for another one";

  it.Do(TakeCare(61), Pam(61));
  EXPECT_TRUE(it.state().escalation().acknowledged());
  const auto late = it.Do(IsDue(it.owed(), "tom", 61 + 600), Clock(61 + 600));
  ASSERT_EQ(late.size(), 1u) << "a decision that is late is broken, and climbs no further";
  EXPECT_EQ(late[0].commitment_settled().kind(), v1::COMMITMENT_KIND_ESCALATION_DECISION);
}

TEST(Escalation, EndsAtTheTopAndIsCountedThere) {
  for (const char* above : {"", "sue", "ana"}) {  // nobody, one who had it already, the owner
    Escalated it;
    const auto ended = it.Do(IsDue(it.owed(), above, 60), Clock(60));
    ASSERT_EQ(ended.size(), 2u) << above;
    EXPECT_EQ(ended[1].escalation_exhausted().to(), "sue");
    EXPECT_EQ(ended[1].escalation_exhausted().level(), 1u);
    EXPECT_TRUE(it.state().escalation().exhausted());
    EXPECT_TRUE(it.Do(IsDue(it.owed(), "pam", 700), Clock(700)).empty()) << "nothing is owed any more";
    it.Do(TakeCare(800), Sue(800));
    EXPECT_FALSE(it.state().escalation().exhausted());
  }
}

TEST(Escalation, IsAcknowledgedByWhomItWasRaisedToOrAnotherSupervisorAndNeverByTheOwner) {
  Escalated it;
  EXPECT_EQ(it.Refused(TakeCare(), Ana()), "NOT_ESCALATED_TO_YOU");
  EXPECT_EQ(it.Refused(TakeCare(), Ben()), "NOT_ESCALATED_TO_YOU");
  EXPECT_EQ(it.Refused(TakeCare(), By("ana", ROLE_SUPERVISOR, "", Noon())), "NOT_ESCALATED_TO_YOU");
  const auto taken = it.Do(TakeCare(5), Pam(5));
  ASSERT_EQ(taken.size(), 3u);
  EXPECT_EQ(taken[0].commitment_settled().outcome(), v1::COMMITMENT_OUTCOME_KEPT);
  EXPECT_EQ(taken[1].escalation_acknowledged().by(), "pam");
  EXPECT_EQ(taken[2].commitment_made().commitment().owed_by(), "pam");
  EXPECT_EQ(runtime::FromProto(taken[2].commitment_made().commitment().due()), Noon() + absl::Seconds(605));
  EXPECT_EQ(it.state().escalation().to(), "pam") << "whoever acknowledged it decides";
  EXPECT_TRUE(it.Do(TakeCare(6), Pam(6)).empty()) << "twice is once";
  EXPECT_EQ(it.Refused(TakeCare(6), Sue(6)), "ALREADY_ACKNOWLEDGED");
  Given<Ownership> plain({kStarted});
  plain.When(TakeCare(), Sue()).ThenRefused(StatusCode::kFailedPrecondition, "not escalated");
}

TEST(Escalation, AcknowledgedAfterItsTimeIsBrokenAndAcknowledged) {
  Escalated it;
  const auto late = it.Do(TakeCare(90), Sue(90));
  EXPECT_EQ(late.front().commitment_settled().outcome(), v1::COMMITMENT_OUTCOME_BROKEN);
  EXPECT_TRUE(it.state().escalation().acknowledged());
}

TEST(Escalation, IsSettledWithWhatWasDecided) {
  Escalated it;
  EXPECT_EQ(it.Refused(On<Decided>(R"pb(decision: "d")pb"), Ana()), "NOT_ESCALATED_TO_YOU");
  const auto empty = Ownership::Decide(it.state(), On<Decided>(""), Sue());
  EXPECT_EQ(runtime::BadFieldsOf(empty.status()), std::vector<std::string>{"decision"});
  it.Do(TakeCare(), Sue());
  const auto settled = it.Do(On<Decided>(R"pb(decision: "a new part goes out today")pb"), Sue(3));
  ASSERT_EQ(settled.size(), 2u);
  EXPECT_EQ(settled[0].commitment_settled().outcome(), v1::COMMITMENT_OUTCOME_KEPT);
  EXPECT_EQ(settled[1].escalation_settled().decision(), "a new part goes out today");
  EXPECT_EQ(settled[1].escalation_settled().by(), "sue");
  EXPECT_FALSE(settled[1].escalation_settled().with_case());
  EXPECT_FALSE(it.state().has_escalation());
  EXPECT_EQ(it.state().owner(), "ana");
  EXPECT_EQ(it.Refused(On<Decided>(R"pb(decision: "d")pb"), Sue(4)), "NOT_ESCALATED");
  it.Do(RaiseTo("sue", "and again"), Ana(5));
  EXPECT_EQ(it.state().escalation().level(), 1u) << "a new one begins below";
}

TEST(Escalation, IsNeitherKeptNorMovedNorWithdrawnByTheGeneralCalls) {
  Escalated it;
  OnCase<KeepAny> keep = On<KeepAny>(R"pb(evidence: "seen")pb");
  keep.request.set_commitment_id(it.owed());
  auto withdraw = On<v1::WithdrawCommitmentRequest>(R"pb(reason: "r")pb");
  withdraw.request.set_commitment_id(it.owed());
  auto move = On<v1::RenegotiateCommitmentRequest>(R"pb(reason: "r" new_due)pb" + At(900));
  move.request.set_commitment_id(it.owed());
  for (const runtime::Caller& who : {Ana(), Sue()}) {
    EXPECT_EQ(it.Refused(keep, who), "COMMITMENT_NEEDED");
    EXPECT_EQ(it.Refused(withdraw, who), "COMMITMENT_NEEDED");
    EXPECT_EQ(it.Refused(move, who), "COMMITMENT_NEEDED");
  }
}

TEST(Escalation, FollowsFromSoManyBrokenCommitments) {
  const auto promise = [](const std::string& id, int64_t due) {
    return "commitment_made { by: \"ana\" commitment { commitment_id: \"" + id +
           "\" kind: COMMITMENT_KIND_PROMISE owed_to: \"kim\" text: \"t\" due " + At(due) + "} }";
  };
  Given<Ownership> given({kStarted, promise("p1", 10), promise("p2", 20), promise("p3", 30), promise("p4", 40)});
  v1::OwnershipState state = given.state();
  const auto pass = [&](const std::string& id, int64_t now, uint32_t after) {
    auto decision = Ownership::Decide(state, IsDue(id, "sue", now, after), Clock(now, id));
    EXPECT_TRUE(decision.ok());
    for (const Event& event : *decision) Ownership::Evolve(state, event);
    return decision->size();
  };
  EXPECT_EQ(pass("p1", 10, 2), 1u);
  EXPECT_FALSE(state.has_escalation());
  EXPECT_EQ(pass("p2", 20, 2), 3u) << "broken, escalated, owed";
  EXPECT_EQ(state.escalation().to(), "sue");
  EXPECT_EQ(state.escalation().reason(), "2 commitments about the case were broken");
  EXPECT_EQ(state.owner(), "ana");
  EXPECT_EQ(pass("p3", 30, 1), 1u) << "it is escalated already";

  auto settle = Ownership::Decide(state, On<Decided>(R"pb(decision: "d")pb"), Sue(35));
  for (const Event& event : *settle) Ownership::Evolve(state, event);
  EXPECT_EQ(state.broken_since_escalation(), 0u);
  EXPECT_EQ(pass("p4", 40, 0), 1u) << "0: never";
}

TEST(Escalation, EndsWithTheCase) {
  Escalated it;
  const auto closed =
      it.Do(On<v1::CloseCaseRequest>(R"pb(reason: "no longer made" options_offered: "another")pb"), Ana(3));
  EXPECT_FALSE(it.state().has_escalation());
  const auto settled =
      std::find_if(closed.begin(), closed.end(), [](const Event& e) { return e.has_escalation_settled(); });
  ASSERT_NE(settled, closed.end());
  EXPECT_TRUE(settled->escalation_settled().with_case());
  EXPECT_EQ(FindOpen(it.state().ledger(), v1::COMMITMENT_KIND_ESCALATION), nullptr);
}

TEST(Escalation, OfSomebodyWhoIsDeactivatedMovesToWhoeverStandsAboveThem) {
  Escalated it;
  it.Do(TakeCare(), Sue());
  RelievePerson gone{FromText<v1::CaseReassigned>(R"pb(from: "sue" to: "pam" reason: "`sue` was deactivated")pb"),
                     FromText<v1::OwnershipStarted>(kOpening), TermsFrom(100)};
  const auto moved = it.Do(gone, Clock(100, "relieve"));
  ASSERT_EQ(moved.size(), 3u);
  EXPECT_EQ(moved[0].commitment_settled().outcome(), v1::COMMITMENT_OUTCOME_RETURNED);
  EXPECT_EQ(moved[1].escalated().cause(), v1::ESCALATION_CAUSE_PERSON_DEACTIVATED);
  EXPECT_EQ(moved[1].escalated().level(), 1u);
  EXPECT_EQ(it.state().escalation().to(), "pam");
  EXPECT_FALSE(it.state().escalation().acknowledged()) << "they have not seen it";
  EXPECT_EQ(it.state().owner(), "ana");
  EXPECT_TRUE(it.Do(gone, Clock(101, "again")).empty());
}

TEST(Escalation, GoesWithTheCaseThatIsMerged) {
  Escalated it;
  MergeCase merge{FromText<v1::MergeCasesRequest>(R"pb(reason: "one thing")pb"),
                  FromText<v1::OwnershipStarted>(kOpening),
                  FromText<v1::OwnershipStarted>(R"pb(case_id: "c0" owner: "ben" customer_id: "kim")pb"), "ben"};
  const auto merged = it.Do(merge, Ana(1)).back().merged();
  EXPECT_FALSE(it.state().has_escalation());
  EXPECT_EQ(merged.escalation().to(), "sue");
  for (const auto& moved : merged.moved()) EXPECT_FALSE(IsEscalation(moved.kind()));

  AbsorbCase absorb{merged, "c1",
                    FromText<v1::OwnershipStarted>(R"pb(case_id: "c0" owner: "ben" customer_id: "kim")pb")};
  const auto absorbed = Ownership::Decide({}, absorb, Clock(2, "absorb"));
  ASSERT_TRUE(absorbed.ok());
  v1::OwnershipState older;
  for (const Event& event : *absorbed) Ownership::Evolve(older, event);
  EXPECT_EQ(older.escalation().to(), "sue");
  EXPECT_EQ(older.escalation().reason(), "the part is lost");
  EXPECT_EQ(older.owner(), "ben");
  ASSERT_NE(FindOpen(older.ledger(), older.escalation().commitment_id()), nullptr);
  EXPECT_EQ(runtime::FromProto(FindOpen(older.ledger(), older.escalation().commitment_id())->due()),
            Noon() + absl::Seconds(60))
      << "its time does not begin anew";
}

}  // namespace
}  // namespace throughline::ownership
