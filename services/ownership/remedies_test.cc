// Remedies through the service's calls: authority, supervisors' decisions, and payment.

#include "gmock/gmock.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/remedies/authority.h"
#include "services/ownership/domain/remedies/remedy.h"
#include "services/ownership/testing_people.h"
#include "services/ownership/testing_remedies.h"

namespace throughline::ownership {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

TEST_F(RemediesService, WhatMayBeGrantedIsShownAndGrantedAndUsedUp) {
  const auto before = Options();
  EXPECT_EQ(UpTo(before, v1::REMEDY_KIND_REFUND), 50'00);
  EXPECT_EQ(before.remedies(0).approver(), "sue");
  EXPECT_EQ(absl::FromUnixSeconds(before.remedies(0).decision_due().seconds()), world_.clock.Now() + absl::Hours(4));
  EXPECT_TRUE(before.more_time());
  EXPECT_EQ(before.not_now(), "");
  const auto granted = Grant(20'00);
  ASSERT_TRUE(granted.ok()) << granted.status();
  EXPECT_EQ(UpTo(Options(), v1::REMEDY_KIND_CREDIT), 30'00) << "the case's limit is one, whatever the kind";
  const v1::Remedy remedy = View().remedies(0);
  EXPECT_EQ(remedy.remedy_id(), granted->remedy_id());
  EXPECT_EQ(remedy.status(), v1::REMEDY_STATUS_GRANTED);
  EXPECT_EQ(remedy.limits().per_case().minor_units(), 50'00) << "what it was decided with is recorded";
  EXPECT_EQ(Held("ana"), 20'00);
  EXPECT_EQ(HeldFor("kim"), 20'00);
  const absl::Status above = Grant(30'01).status();
  EXPECT_EQ(runtime::ReasonOf(above), "ABOVE_AUTHORITY");
  EXPECT_EQ(runtime::MetadataOf(above, "limit"), "case");
  EXPECT_EQ(runtime::MetadataOf(above, "left"), "3000");
  EXPECT_EQ(Held("ana"), 20'00) << "what is refused beforehand reserves nothing";
  ExpectRebuildIsTheSame();
}

TEST_F(RemediesService, ARetryHasNoSecondEffect) {
  auto request = GrantRequest(20'00);
  const runtime::Caller ana = Asking("ana", ROLE_REP, "once");
  const auto first = Ask<v1::GrantRemedyResponse>(world_, *api_, "GrantRemedy", request, ana);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto again = Ask<v1::GrantRemedyResponse>(world_, *api_, "GrantRemedy", request, ana);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->remedy_id(), first->remedy_id());
  EXPECT_EQ(again->version(), first->version());
  // In the next period, too, though that is another stream.
  world_.Pass(absl::Hours(24 * 40));
  ASSERT_TRUE(Ask<v1::GrantRemedyResponse>(world_, *api_, "GrantRemedy", request, ana).ok());
  EXPECT_EQ(View().remedies_size(), 1);
  EXPECT_EQ(Held("ana"), 0);
  request.mutable_amount()->set_minor_units(21'00);
  const auto other = Ask<v1::GrantRemedyResponse>(world_, *api_, "GrantRemedy", request, ana);
  EXPECT_EQ(runtime::ReasonOf(other.status()), "COMMAND_ID_REUSED");
  EXPECT_EQ(View().remedies(0).amount().minor_units(), 20'00);
}

TEST_F(RemediesService, ALimitOfThePeriodEndsWithIt) {
  for (int i = 0; i < 10; ++i) {
    const std::string id = Open("p" + std::to_string(i), "customer-" + std::to_string(i));
    ASSERT_TRUE(Grant(50'00, id).ok());
  }
  const std::string id = Open("p10", "customer-10");
  EXPECT_EQ(runtime::MetadataOf(Grant(1, id).status(), "limit"), "period");
  world_.Pass(absl::Hours(24 * 31));
  EXPECT_TRUE(Grant(50'00, id).ok());
}

TEST_F(RemediesService, ACustomerHasALimitWhoeverGrants) {
  Open("k1", "kim");
  Open("k2", "kim", "ben");
  EXPECT_TRUE(GrantAs("sue", ROLE_SUPERVISOR, 500'00, "k1").ok());
  EXPECT_TRUE(GrantAs("sue", ROLE_SUPERVISOR, 480'00, "c1").ok());
  const absl::Status refused = GrantAs("ben", ROLE_REP, 20'01, "k2").status();
  EXPECT_EQ(runtime::ReasonOf(refused), "ABOVE_AUTHORITY") << refused;
  EXPECT_EQ(runtime::MetadataOf(refused, "limit"), "customer");
  EXPECT_EQ(runtime::MetadataOf(refused, "left"), "2000");
  world_.Run();
  EXPECT_EQ(Held("ben"), 0) << "what was reserved of ben's is free again";
  EXPECT_EQ(HeldFor("kim"), 980'00);
  EXPECT_TRUE(GrantAs("ben", ROLE_REP, 20'00, "k2").ok());
}

TEST_F(RemediesService, AMistakeOfTheCompanyRaisesTheLimit) {
  EXPECT_EQ(runtime::ReasonOf(Grant(80'00).status()), "ABOVE_AUTHORITY");
  Say(R"pb(interaction_recorded { interaction_id: "i1" direction: DIRECTION_OUTBOUND by: "ana" text: "it is 20" })pb");
  EXPECT_FALSE(Options().raised_by_mistake());
  Say(R"pb(interaction_marked_as_mistake { interaction_id: "i1" by: "ana" reason: "it is 40" })pb");
  EXPECT_TRUE(Options().raised_by_mistake());
  EXPECT_EQ(UpTo(Options(), v1::REMEDY_KIND_REFUND), 100'00);
  ASSERT_TRUE(Grant(80'00).ok());
  EXPECT_TRUE(View().remedies(0).limits().raised_by_mistake());
}

TEST_F(RemediesService, OnlyTheOwnerAndSupervisorsGrant) {
  EXPECT_EQ(runtime::ReasonOf(GrantAs("ben", ROLE_REP, 1).status()), "NOT_OWNER");
  EXPECT_THAT(Options("ben").not_now(), ::testing::HasSubstr("`ana` owns"));
  EXPECT_EQ(UpTo(Options("ben"), v1::REMEDY_KIND_REFUND), 0);
  EXPECT_TRUE(GrantAs("sue", ROLE_SUPERVISOR, 1).ok());
  EXPECT_EQ(runtime::ReasonOf(Grant(1, "nope").status()), "CASE_UNKNOWN");
  auto in_yen = GrantRequest(1);
  in_yen.mutable_amount()->set_currency("JPY");
  EXPECT_EQ(runtime::ReasonOf(Give<v1::GrantRemedyResponse>("GrantRemedy", in_yen).status()), "NO_AUTHORITY");
  for (const char* bad :
       {"amount { currency: \"EUR\" }", "amount { currency: \"EURO\" minor_units: 1 }", "kind: 0", "reason: \" \""}) {
    auto request = GrantRequest(1);
    ::google::protobuf::TextFormat::MergeFromString(bad, &request);
    if (std::string(bad).find("currency: \"EUR\" }") != std::string::npos) request.mutable_amount()->set_minor_units(0);
    EXPECT_EQ(Give<v1::GrantRemedyResponse>("GrantRemedy", request).status().code(), absl::StatusCode::kInvalidArgument)
        << bad;
  }
}

TEST_F(RemediesService, WhoIsDeactivatedGrantsNothingAndTheirRetryIsAnswered) {
  const runtime::Caller ana = Asking("ana", ROLE_REP, "once");
  const auto request = GrantRequest(20'00);
  ASSERT_TRUE(Ask<v1::GrantRemedyResponse>(world_, *api_, "GrantRemedy", request, ana).ok());
  ASSERT_TRUE(Give<v1::DeactivatePersonResponse>(
                  "DeactivatePerson", FromText<v1::DeactivatePersonRequest>(R"pb(person: "ana" reason: "left")pb"),
                  "sue", ROLE_SUPERVISOR)
                  .ok());
  EXPECT_EQ(runtime::ReasonOf(Grant(1).status()), "PERSON_DEACTIVATED");
  EXPECT_TRUE(Ask<v1::GrantRemedyResponse>(world_, *api_, "GrantRemedy", request, ana).ok());
  EXPECT_EQ(View().remedies_size(), 1);
}

// The process stops after each of the steps; another one completes what is left, or gives it back.
TEST_F(RemediesService, WhatAHandlerBeganIsCompleted) {
  const v1::RemedyOrder order = Order(20'00);
  ReserveOnly(order);
  world_.Run();
  EXPECT_THAT(View().remedies(), IsEmpty()) << "the handler is given a moment";
  world_.Pass(absl::Seconds(3));
  ASSERT_EQ(View().remedies_size(), 1);
  EXPECT_EQ(View().remedies(0).asked_by(), "ana");
  EXPECT_EQ(Held("ana"), 20'00);
  EXPECT_EQ(HeldFor("kim"), 20'00);
  world_.Pass(absl::Minutes(1));
  EXPECT_EQ(View().remedies_size(), 1);
}

TEST_F(RemediesService, WhatAHandlerBeganAndTheCaseRefusesIsReleased) {
  ASSERT_TRUE(Close("c1").ok());
  ReserveOnly(Order(20'00));
  world_.Pass(absl::Seconds(3));
  world_.Pass(absl::Seconds(3));
  EXPECT_EQ(Held("ana"), 0);
  EXPECT_EQ(HeldFor("kim"), 0);
  EXPECT_THAT(View().remedies(), IsEmpty());
  EXPECT_EQ(View().status(), v1::CASE_STATUS_CLOSED_UNCONFIRMED);
}

TEST_F(RemediesService, ASupervisorDecidesInTheirWorklist) {
  const auto asked = Request(80'00);
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(asked->approver(), "sue");
  EXPECT_EQ(absl::FromUnixSeconds(asked->decision_due().seconds()), world_.clock.Now() + absl::Hours(4));
  EXPECT_THAT(Worklist("sue", ROLE_SUPERVISOR), Contains("APPROVAL/c1"));
  EXPECT_EQ(node_.Gauge("throughline_remedies_waiting"), 1);
  ASSERT_TRUE(Approve(asked->remedy_id()).ok());
  EXPECT_THAT(Worklist("sue", ROLE_SUPERVISOR), Not(Contains("APPROVAL/c1")));
  const v1::Remedy remedy = View().remedies(0);
  EXPECT_EQ(remedy.status(), v1::REMEDY_STATUS_GRANTED);
  EXPECT_EQ(remedy.decided_by(), "sue");
  EXPECT_EQ(Held("sue"), 80'00);
  EXPECT_EQ(Held("ana"), 0) << "it is within sue's authority, not ana's";
  EXPECT_TRUE(Approve(asked->remedy_id()).ok()) << "again changes nothing";
  EXPECT_EQ(Held("sue"), 80'00);
  EXPECT_EQ(runtime::Counted(node_.store(), kRemediesApproved), 1);
  EXPECT_EQ(node_.Gauge("throughline_remedies_waiting"), 0);
  EXPECT_EQ(node_.Gauge("throughline_remedies_to_pay"), 1);
  ExpectRebuildIsTheSame();
}

TEST_F(RemediesService, ApprovesAPartOrNothingAboveTheSupervisorsOwnLimit) {
  const auto asked = Request(600'00);
  ASSERT_TRUE(asked.ok());
  EXPECT_EQ(runtime::ReasonOf(Approve(asked->remedy_id())), "ABOVE_AUTHORITY");
  EXPECT_EQ(runtime::ReasonOf(Approve(asked->remedy_id(), 601'00)), "BAD_FIELD");
  ASSERT_TRUE(Approve(asked->remedy_id(), 450'00).ok());
  EXPECT_EQ(View().remedies(0).amount().minor_units(), 450'00);
  EXPECT_EQ(Held("sue"), 450'00);
}

TEST_F(RemediesService, TheFirstSupervisorWhoseLimitIsEnoughIsAsked) {
  Meet("tom", ROLE_SUPERVISOR);
  auto policy = AuthorityPolicy::Shipped();
  AuthorityRule rule;
  rule.team = "heads";
  rule.currency = "EUR";
  rule.per_case = rule.per_period = 9'000'00;
  policy.rules.insert(policy.rules.begin(), rule);
  Config config;
  config.policy = policy;
  const auto api = MakeApi(node_.streams(), config);
  Meet("ana", ROLE_REP);
  ASSERT_TRUE(Change(R"pb(person: "tom" team: "heads")pb").ok());
  ASSERT_TRUE(Change(R"pb(person: "ana" reports_to: "sue")pb").ok());
  ASSERT_TRUE(Change(R"pb(person: "sue" reports_to: "tom")pb").ok());
  auto ask = RequestRequest(80'00);
  EXPECT_EQ(
      Ask<v1::RequestRemedyResponse>(world_, *api, "RequestRemedy", ask, Asking("ana", ROLE_REP, "1"))->approver(),
      "sue");
  ask.mutable_amount()->set_minor_units(800'00);
  EXPECT_EQ(
      Ask<v1::RequestRemedyResponse>(world_, *api, "RequestRemedy", ask, Asking("ana", ROLE_REP, "2"))->approver(),
      "tom");
  // Sue asks for herself: whoever is above her decides, and she does not.
  const auto own =
      Ask<v1::RequestRemedyResponse>(world_, *api, "RequestRemedy", ask, Asking("sue", ROLE_SUPERVISOR, "3"));
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_EQ(own->approver(), "tom");
  EXPECT_EQ(runtime::ReasonOf(Approve(own->remedy_id())), "OWN_REQUEST");
}

TEST_F(RemediesService, ALateDecisionReachesWhoIsAboveAndClimbs) {
  Meet("ana", ROLE_REP);
  Meet("tom", ROLE_SUPERVISOR);
  ASSERT_TRUE(Change(R"pb(person: "ana" reports_to: "sue")pb").ok());
  ASSERT_TRUE(Change(R"pb(person: "sue" reports_to: "tom")pb").ok());
  const auto asked = Request(80'00);
  ASSERT_TRUE(asked.ok());
  world_.Pass(absl::Hours(4) + absl::Seconds(1));
  EXPECT_THAT(Worklist("sue", ROLE_SUPERVISOR), Contains("COMMITMENT_BROKEN!/c1"));
  EXPECT_THAT(Worklist("tom", ROLE_SUPERVISOR), Contains("APPROVAL/c1"));
  EXPECT_THAT(Worklist("tom", ROLE_SUPERVISOR), Contains("COMMITMENT_BROKEN!/c1"));
  ASSERT_TRUE(Approve(asked->remedy_id(), 0, "tom").ok());
  EXPECT_THAT(Worklist("sue", ROLE_SUPERVISOR), Not(Contains("COMMITMENT_BROKEN!/c1"))) << "decided, so seen";
  EXPECT_THAT(Worklist("tom", ROLE_SUPERVISOR), Not(Contains("APPROVAL/c1")));
}

TEST_F(RemediesService, ADeactivatedSupervisorsDecisionMoves) {
  Meet("tom", ROLE_SUPERVISOR);
  ASSERT_TRUE(Change(R"pb(person: "sue" reports_to: "tom")pb").ok());
  const auto asked = Request(80'00);
  ASSERT_TRUE(asked.ok());
  ASSERT_EQ(asked->approver(), "sue");
  ASSERT_TRUE(Give<v1::DeactivatePersonResponse>(
                  "DeactivatePerson", FromText<v1::DeactivatePersonRequest>(R"pb(person: "sue" reason: "left")pb"),
                  "tom", ROLE_SUPERVISOR)
                  .ok());
  EXPECT_EQ(View().remedies(0).approver(), "tom");
  EXPECT_THAT(Worklist("tom", ROLE_SUPERVISOR), Contains("APPROVAL/c1"));
}

TEST_F(RemediesService, ACounterOfferIsTheOwnersToAnswer) {
  const auto asked = Request(80'00);
  ASSERT_TRUE(Counter(asked->remedy_id(), 60'00).ok());
  EXPECT_EQ(Held("sue"), 60'00);
  EXPECT_THAT(Worklist("ana"), Contains("COUNTER_OFFER/c1"));
  EXPECT_THAT(Worklist("sue", ROLE_SUPERVISOR), Not(Contains("APPROVAL/c1")));
  ASSERT_TRUE(Answer(asked->remedy_id(), true).ok());
  EXPECT_THAT(Worklist("ana"), Not(Contains("COUNTER_OFFER/c1")));
  EXPECT_EQ(View().remedies(0).kind(), v1::REMEDY_KIND_CREDIT);
  EXPECT_EQ(View().granted(0).minor_units(), 60'00);

  const auto other = Request(90'00);
  ASSERT_TRUE(Counter(other->remedy_id(), 70'00).ok());
  EXPECT_EQ(Held("sue"), 130'00);
  ASSERT_TRUE(Answer(other->remedy_id(), false).ok());
  EXPECT_EQ(Held("sue"), 60'00);

  const auto ignored = Request(95'00);
  ASSERT_TRUE(Counter(ignored->remedy_id(), 70'00).ok());
  world_.Pass(absl::Hours(24 * 5));
  EXPECT_EQ(View().remedies(2).status(), v1::REMEDY_STATUS_WITHDRAWN);
  EXPECT_EQ(Held("sue"), 60'00);
}

TEST_F(RemediesService, APaymentIsTakenOnceAndItsOutcomeIsFinal) {
  ASSERT_TRUE(Grant(20'00).ok());
  auto listed = ToPay();
  ASSERT_EQ(listed.remedies_size(), 1);
  const std::string id = listed.remedies(0).remedy().remedy_id();
  ASSERT_TRUE(HandOff(listed.remedies(0)).ok());
  EXPECT_EQ(ToPay().remedies_size(), 0);
  EXPECT_EQ(ToPay("include_handed_off: true").remedies_size(), 1);
  EXPECT_EQ(runtime::ReasonOf(HandOff(listed.remedies(0), "other-bank")), "HANDED_OFF");
  EXPECT_TRUE(HandOff(listed.remedies(0)).ok());
  ASSERT_TRUE(Outcome(listed.remedies(0), "PAID").ok());
  EXPECT_TRUE(Outcome(listed.remedies(0), "PAID").ok());
  EXPECT_EQ(runtime::ReasonOf(Outcome(listed.remedies(0), "FAILED")), "PAYMENT_ENDED");
  EXPECT_EQ(ToPay("include_handed_off: true").remedies_size(), 0);
  EXPECT_EQ(runtime::Counted(node_.store(), kRemediesPaid), 1);
  EXPECT_EQ(Held("ana"), 20'00) << "paid is used";
  ExpectRebuildIsTheSame();
}

TEST_F(RemediesService, AFailedPaymentComesBackToTheOwnerWhoeverThatIs) {
  ASSERT_TRUE(Grant(20'00).ok());
  const v1::PayableRemedy first = ToPay().remedies(0);
  ASSERT_TRUE(HandOff(first).ok());
  ASSERT_TRUE(Close("c1").ok());
  ASSERT_TRUE(Outcome(first, "FAILED").ok());
  EXPECT_THAT(Worklist("ana"), ElementsAre("REMEDY_FAILED/c1"));
  ASSERT_TRUE(
      Give<v1::RetryRemedyResponse>(
          "RetryRemedy", FromText<v1::RetryRemedyRequest>("case_id: \"c1\" reason: \"right account\" remedy_id: \"" +
                                                          first.remedy().remedy_id() + "\""))
          .ok());
  EXPECT_THAT(Worklist("ana"), IsEmpty());
  const v1::PayableRemedy second = ToPay().remedies(0);
  EXPECT_NE(second.remedy().payment_id(), first.remedy().payment_id());
  EXPECT_EQ(runtime::ReasonOf(HandOff(first)), "PAYMENT_ENDED") << "a late retry of the old payment pays nothing";
  ASSERT_TRUE(HandOff(second).ok());
  ASSERT_TRUE(Outcome(second, "FAILED").ok());
  ASSERT_TRUE(Withdraw(first.remedy().remedy_id()).ok());
  EXPECT_EQ(Held("ana"), 0);
  EXPECT_EQ(View().granted(0).minor_units(), 0);
}

TEST_F(RemediesService, MovesWithAMergedCase) {
  Open("c0", "kim", "ben");  // the older one goes on
  ASSERT_TRUE(Grant(20'00).ok());
  const auto asked = Request(80'00);
  const v1::PayableRemedy granted = ToPay().remedies(0);
  ASSERT_TRUE(HandOff(granted).ok());
  ASSERT_TRUE(Give<v1::MergeCasesResponse>("MergeCases", FromText<v1::MergeCasesRequest>(R"pb(case_id: "c1"
                                                                                              other_case_id: "c0"
                                                                                              reason: "one thing")pb"))
                  .ok());
  const v1::OwnershipView view =
      Give<v1::GetOwnershipResponse>("GetOwnership", FromText<v1::GetOwnershipRequest>(R"pb(case_id: "c0")pb"))
          ->ownership();
  ASSERT_EQ(view.remedies_size(), 2) << view.status();
  EXPECT_EQ(View().remedies_size(), 0);
  // The paying system knows the old case only.
  auto recorded = Record(granted, "FAILED");
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_EQ(recorded->case_id(), "c0");
  EXPECT_THAT(Worklist("ben"), Contains("REMEDY_FAILED/c0"));
  EXPECT_EQ(runtime::ReasonOf(Approve(asked->remedy_id())), "CASE_MERGED");
  EXPECT_TRUE(Approve(asked->remedy_id(), 0, "sue", "c0").ok());
  ExpectRebuildIsTheSame();
}

TEST_F(RemediesService, EverySentenceIsInTheHistory) {
  ASSERT_TRUE(Grant(20'00).ok());
  const v1::PayableRemedy granted = ToPay().remedies(0);
  ASSERT_TRUE(HandOff(granted).ok());
  ASSERT_TRUE(Outcome(granted, "PAID").ok());
  const auto asked = Request(80'00);
  ASSERT_TRUE(Approve(asked->remedy_id(), 70'00).ok());
  std::vector<std::string> texts;
  const auto history =
      Give<v1::GetCaseHistoryResponse>("GetCaseHistory", FromText<v1::GetCaseHistoryRequest>(R"pb(case_id: "c1")pb"));
  for (const auto& entry : history->entries()) texts.push_back(entry.text());
  EXPECT_THAT(texts, Contains("ana grants the customer a refund of 20.00 EUR: our price was wrong"));
  EXPECT_THAT(texts, Contains("the remedy is handed to bank to be paid"));
  EXPECT_THAT(texts, Contains("bank paid a refund of 20.00 EUR: T-1"));
  EXPECT_THAT(texts, Contains("ana asks sue for a refund of 80.00 EUR: our price was wrong"));
  EXPECT_THAT(
      texts,
      Contains("sue approves a refund of 70.00 EUR instead of 80.00 EUR, which ana asked for: our price was wrong"));
}

}  // namespace
}  // namespace throughline::ownership
