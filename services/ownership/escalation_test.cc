// Escalation through the service's handlers, timers and reactions: who sees it, how it climbs, and where it ends.

#include "services/ownership/escalation/policy.h"
#include "services/ownership/people/people.h"
#include "services/ownership/testing_people.h"

namespace throughline::ownership {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// sue, on duty, stands above ana; pam, off duty, above sue.
class EscalationOf : public People {
 protected:
  EscalationOf() { Meet("pam", ROLE_SUPERVISOR); }

  absl::StatusOr<v1::EscalateCaseResponse> Escalate(const std::string& who = "ana", runtime::Role role = ROLE_REP) {
    return Give<v1::EscalateCaseResponse>(
        "EscalateCase", FromText<v1::EscalateCaseRequest>(R"pb(case_id: "c1" reason: "the part is lost")pb"), who,
        role);
  }
  absl::Status Acknowledge(const std::string& who, runtime::Role role = ROLE_SUPERVISOR) {
    return Do<v1::AcknowledgeEscalationResponse, v1::AcknowledgeEscalationRequest>("AcknowledgeEscalation",
                                                                                   R"pb(case_id: "c1")pb", who, role);
  }
  absl::Status Settle(const std::string& who) {
    return Do<v1::SettleEscalationResponse, v1::SettleEscalationRequest>(
        "SettleEscalation", R"pb(case_id: "c1" decision: "a new part goes out today")pb", who);
  }
  int64_t Counted(const char* counter) { return runtime::Counted(node_.store(), counter); }
  std::vector<std::string> History() {
    std::vector<std::string> told;
    const auto history =
        Give<v1::GetCaseHistoryResponse>("GetCaseHistory", FromText<v1::GetCaseHistoryRequest>(R"pb(case_id: "c1")pb"));
    for (const auto& entry : history->entries()) told.push_back(entry.text());
    return told;
  }
};

TEST_F(EscalationOf, ACaseIsSeenByWhoeverStandsAboveUntilTheyDecideAndTheOwnerStays) {
  const auto raised = Escalate();
  ASSERT_TRUE(raised.ok()) << raised.status();
  EXPECT_EQ(raised->to(), "sue");
  EXPECT_EQ(runtime::FromProto(raised->due()), world_.clock.Now() + absl::Hours(4));
  EXPECT_THAT(Worklist("sue", ROLE_SUPERVISOR), Contains("ESCALATED/c1"));
  EXPECT_THAT(Worklist("ana"), Contains("OWNED/c1"));
  EXPECT_EQ(View().owner(), "ana");
  EXPECT_EQ(View().escalation().escalation_id(), raised->escalation_id());
  EXPECT_EQ(runtime::ReasonOf(Escalate().status()), "ALREADY_ESCALATED");
  EXPECT_EQ(runtime::ReasonOf(Acknowledge("ben", ROLE_REP)), "NOT_ESCALATED_TO_YOU");

  ASSERT_TRUE(Acknowledge("sue").ok());
  EXPECT_THAT(Worklist("sue", ROLE_SUPERVISOR), Contains("ESCALATION_DECISION/c1"));
  world_.Pass(absl::Hours(5));
  EXPECT_EQ(View().escalation().level(), 1u) << "what was acknowledged climbs no further";
  ASSERT_TRUE(Settle("sue").ok());
  EXPECT_FALSE(View().has_escalation());
  EXPECT_EQ(View().escalation_count(), 1u);
  EXPECT_EQ(View().owner(), "ana");
  EXPECT_THAT(Worklist("sue", ROLE_SUPERVISOR), Not(Contains(HasSubstr("ESCALAT"))));
  EXPECT_EQ(Counted(kEscalations), 1);
  EXPECT_EQ(Counted(kEscalationsOpen), 0);

  const auto told = History();
  EXPECT_THAT(told, Contains(HasSubstr("ana escalates the case to sue, who acknowledges it by ")));
  EXPECT_THAT(told, Contains(HasSubstr(": the part is lost; ana stays the owner")));
  EXPECT_THAT(told, Contains(HasSubstr("sue acknowledges the escalation and decides by ")));
  EXPECT_THAT(told, Contains("sue settles the escalation: a new part goes out today"));
  ExpectRebuildIsTheSame();
}

TEST_F(EscalationOf, ACaseClimbsUntilItIsAcknowledgedAndStaysAtTheTop) {
  ASSERT_TRUE(Escalate().ok());
  world_.Pass(absl::Hours(4) + absl::Seconds(1));
  EXPECT_EQ(View().escalation().level(), 2u);
  EXPECT_EQ(View().escalation().to(), "pam");
  EXPECT_THAT(Worklist("pam", ROLE_SUPERVISOR), Contains("ESCALATED/c1"));
  EXPECT_THAT(Worklist("sue", ROLE_SUPERVISOR), Contains("COMMITMENT_BROKEN!/c1")) << "sue did not acknowledge it";
  EXPECT_THAT(Worklist("sue", ROLE_SUPERVISOR), Not(Contains(HasSubstr("ESCALATED"))));
  EXPECT_EQ(Counted(kEscalationsClimbed), 1);

  world_.Pass(absl::Hours(8) + absl::Seconds(1));
  EXPECT_TRUE(View().escalation().exhausted()) << "nobody stands above whom it did not reach";
  EXPECT_EQ(View().escalation().to(), "pam");
  EXPECT_THAT(Worklist("pam", ROLE_SUPERVISOR), Contains("ESCALATED!/c1")) << "it stays";
  EXPECT_EQ(Counted(kEscalationsExhausted), 1);
  EXPECT_EQ(View().owner(), "ana");
  EXPECT_THAT(History(), Contains("nobody acknowledged the escalation up to the top: it stays with pam"));
  std::vector<std::string> ladder;
  const v1::EscalationView escalation = View().escalation();
  for (const auto& step : escalation.steps()) ladder.push_back(step.to());
  EXPECT_THAT(ladder, ElementsAre("sue", "pam"));

  ASSERT_TRUE(Acknowledge("pam").ok());
  ASSERT_TRUE(Settle("pam").ok());
  EXPECT_THAT(Worklist("sue", ROLE_SUPERVISOR), Not(Contains("COMMITMENT_BROKEN!/c1"))) << "whoever settled it knows";
  ExpectRebuildIsTheSame();
}

TEST_F(EscalationOf, ASupervisorGoesToTheNextAboveAndNobodyEscalatesToThemselves) {
  EXPECT_EQ(Escalate("sue", ROLE_SUPERVISOR)->to(), "pam");
}

TEST_F(EscalationOf, ACaseFollowsFromBrokenCommitments) {
  for (int day = 0; day < 2; ++day) world_.Pass(absl::Hours(24) + absl::Seconds(1));
  EXPECT_FALSE(View().has_escalation());
  world_.Pass(absl::Hours(24) + absl::Seconds(1));
  ASSERT_TRUE(View().has_escalation()) << "the customer has heard nothing for three days";
  EXPECT_EQ(View().escalation().cause(), v1::ESCALATION_CAUSE_COMMITMENTS_BROKEN);
  EXPECT_EQ(View().escalation().to(), "sue");
  EXPECT_THAT(Worklist("sue", ROLE_SUPERVISOR), Contains("ESCALATED/c1"));
  EXPECT_THAT(History(), Contains(HasSubstr("the case is escalated to sue")));
  ExpectRebuildIsTheSame();
}

TEST_F(EscalationOf, WhoIsDeactivatedMovesToWhoeverStandsAbove) {
  ASSERT_TRUE(Escalate().ok());
  ASSERT_TRUE((Do<v1::DeactivatePersonResponse, v1::DeactivatePersonRequest>(
                   "DeactivatePerson", R"pb(person: "sue" reason: "left")pb", "pam"))
                  .ok());
  world_.Run();
  EXPECT_EQ(View().escalation().to(), "pam");
  EXPECT_EQ(View().escalation().level(), 1u);
  EXPECT_EQ(View().owner(), "ana");
  EXPECT_THAT(History(), Contains(HasSubstr("the escalation moves from sue to pam")));
}

TEST_F(EscalationOf, ACaseWithNobodyAboveIsRefused) {
  ASSERT_TRUE((Do<v1::DeactivatePersonResponse, v1::DeactivatePersonRequest>("DeactivatePerson",
                                                                             R"pb(person: "pam" reason: "left")pb"))
                  .ok());
  EXPECT_EQ(runtime::ReasonOf(Escalate("sue", ROLE_SUPERVISOR).status()), "NOBODY_ABOVE");
  EXPECT_EQ(Escalate()->to(), "sue");
}

TEST_F(EscalationOf, ACaseListsTheCommitmentOfWhoeverHasIt) {
  ASSERT_TRUE(Escalate().ok());
  const auto owed = Give<v1::ListCommitmentsResponse>(
      "ListCommitments", FromText<v1::ListCommitmentsRequest>("kind: COMMITMENT_KIND_ESCALATION"), "sue",
      ROLE_SUPERVISOR);
  ASSERT_TRUE(owed.ok()) << owed.status();
  ASSERT_EQ(owed->commitments_size(), 1);
  EXPECT_EQ(owed->commitments(0).commitment().commitment().owed_by(), "sue");
  EXPECT_EQ(owed->commitments(0).owner(), "ana");
}

TEST_F(EscalationOf, ThreeHandOversInARoundAreCountedAsAReturn) {
  const auto reassign = [&](const std::string& to) {
    auto request = FromText<v1::ReassignCaseRequest>(R"pb(case_id: "c1" reason: "r")pb");
    request.set_to(to);
    ASSERT_TRUE(Give<v1::ReassignCaseResponse>("ReassignCase", request, "sue", ROLE_SUPERVISOR).ok());
  };
  Meet("ana", ROLE_REP);
  Meet("cleo", ROLE_REP);
  for (const char* to : {"ben", "cleo", "ana"}) reassign(to);
  EXPECT_EQ(View().hand_over_count(), 3u);
  EXPECT_EQ(View().returned_count(), 1u);
  EXPECT_EQ(View().ping_pong_count(), 0u) << "it did not go straight back";
  EXPECT_EQ(Counted(kReturns), 1);
}

TEST(EscalationPolicyOf, WordsIsReadAndWrongOnesSayWhy) {
  const auto levels = ParseLevels(kAcknowledgeWithin);
  ASSERT_TRUE(levels.ok()) << levels.status();
  const EscalationPolicy by_default;
  ASSERT_EQ(levels->size(), by_default.acknowledge_within.size());
  for (size_t i = 0; i < levels->size(); ++i) {
    EXPECT_EQ((*levels)[i].kind, by_default.acknowledge_within[i].kind);
    EXPECT_EQ((*levels)[i].amount, by_default.acknowledge_within[i].amount);
  }
  EXPECT_EQ(ParsePeriodInWords(kDecideWithin)->amount, by_default.decide_within.amount);
  EXPECT_EQ(ParsePeriodInWords("1h30m")->amount, absl::Minutes(90));
  EXPECT_FALSE(ParseLevels("0s").ok());
  EXPECT_FALSE(ParseLevels("").ok());
  EXPECT_FALSE(ParseLevels("4 hours,").ok());
  EXPECT_FALSE(ParseLevels("soon").ok());
  EXPECT_THAT(std::string(ParseLevels("2026-11-24").status().message()), HasSubstr("is a date"));
}

}  // namespace
}  // namespace throughline::ownership
