#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/remedies/remedy.h"
#include "services/ownership/domain/remedies/testing_remedies.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT
using absl::StatusCode;
using DeclineIt = v1::DeclineRemedyRequest;
using AnswerOffer = v1::AnswerCounterOfferRequest;
using GiveUp = v1::WithdrawRemedyRequest;

// The refusal that a placed remedy ended with, as the case's event says it.
std::string RefusalIn(const Given<Ownership>& given, const PlaceRemedy<v1::RemedyOrder>& command,
                      const runtime::Caller& caller) {
  const auto decision = Ownership::Decide(given.state(), command, caller);
  if (!decision.ok()) return "status " + std::string(decision.status().message());
  for (const auto& event : *decision) {
    if (!event.has_remedy_refused()) continue;
    EXPECT_EQ(event.remedy_refused().reservation().ShortDebugString(), command.order.reservation().ShortDebugString());
    EXPECT_EQ(event.remedy_refused().amount().minor_units(), command.order.amount().minor_units());
    EXPECT_EQ(runtime::ReasonOf(RefusalOf(event.remedy_refused())), event.remedy_refused().refusal());
    return event.remedy_refused().refusal();
  }
  return "";
}

TEST(Remedies, TheOwnerGrantsWithinTheirAuthority) {
  Given<Ownership>({kStarted})
      .When(GrantBy("ana", "1", 50'00), Ana())
      .Then({GrantedText("1", 50'00)})
      .AndState([](const auto& state) {
        EXPECT_EQ(state.granted(0).minor_units(), 50'00);
        EXPECT_EQ(state.remedies(0).status(), v1::REMEDY_STATUS_GRANTED);
        EXPECT_EQ(VerdictOn(state, "v1"), absl::OkStatus());
        EXPECT_FALSE(VerdictOn(state, "v2"));
      });
  EXPECT_EQ(RefusalIn(Given<Ownership>({kStarted}), GrantBy("ana", "1", 50'01), Ana()), "ABOVE_AUTHORITY");
  EXPECT_EQ(RefusalIn(Given<Ownership>({kStarted}), GrantBy("ben", "1", 1), Ben()), "NOT_OWNER");
  EXPECT_EQ(RefusalIn(Given<Ownership>({kStarted}), GrantBy("sue", "1", 1), Sue()), "") << "a supervisor may";
}

TEST(Remedies, TheLimitOfACaseCountsWhatEverybodyGranted) {
  const Given<Ownership> given({kStarted, GrantedText("1", 30'00)});
  EXPECT_EQ(RefusalIn(given, GrantBy("ana", "2", 20'00), Ana()), "");
  EXPECT_EQ(RefusalIn(given, GrantBy("ana", "2", 20'01), Ana()), "ABOVE_AUTHORITY");
  EXPECT_EQ(RefusalIn(given, GrantBy("sue", "2", 20'01), Sue()), "ABOVE_AUTHORITY") << "hers is 50, too, here";
  EXPECT_EQ(RefusalIn(given, GrantBy("sue", "2", 470'00, 500'00), Sue()), "");
}

TEST(Remedies, AreRefusedOnceAndForAllByTheCase) {
  // What the case refused is remembered: whoever comes later with the same reservation changes nothing.
  const Given<Ownership> given({kStarted});
  const auto command = GrantBy("ben", "1", 10'00);
  auto refused = Ownership::Decide(given.state(), command, Ben());
  ASSERT_TRUE(refused.ok());
  v1::OwnershipState state = given.state();
  for (const auto& event : *refused) Ownership::Evolve(state, event);
  EXPECT_EQ(runtime::ReasonOf(*VerdictOn(state, "v1")), "NOT_OWNER");
  state.set_owner("ben");  // would be granted now
  const auto again = Ownership::Decide(state, command, Ours());
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->empty());
  auto checking = command;
  checking.check_only = true;
  EXPECT_EQ(runtime::ReasonOf(Ownership::Decide(state, checking, Ben()).status()), "NOT_OWNER");
}

TEST(Remedies, ReservedTwiceIsGrantedOnceAndTheSecondIsReleased) {
  // A retry in the next period reserves anew; the case has the remedy already.
  const Given<Ownership> given({kStarted, GrantedText("1", 10'00)});
  given.When(GrantBy("ana", "1", 10'00), Ana()).Then({});
  auto later = GrantBy("ana", "1", 10'00);
  later.order.mutable_reservation()->set_person_key("person/ana/q");
  EXPECT_EQ(RefusalIn(given, later, Ana()), "REMEDY_DECIDED");
  EXPECT_TRUE(IsPlaced(given.state(), later.order));
}

TEST(Remedies, AreRefusedAtTheCustomersLimit) {
  auto command = GrantBy("ana", "1", 10'00);
  command.denied = FromText<common::v1::Money>(R"pb(currency: "EUR" minor_units: 300)pb");
  Given<Ownership>({kStarted}).When(command, Ana()).AndState([](const auto& state) {
    const absl::Status refused = *VerdictOn(state, "v1");
    EXPECT_EQ(runtime::MetadataOf(refused, "limit"), "customer");
    EXPECT_EQ(runtime::MetadataOf(refused, "left"), "300");
    EXPECT_EQ(state.remedies_size(), 0);
  });
}

TEST(Remedies, AreNotGrantedInACaseThatIsClosedOrMerged) {
  const std::string closed = R"pb(closed { by: "ana" resolution_code: RESOLUTION_CODE_CONFIRMED })pb";
  EXPECT_EQ(RefusalIn(Given<Ownership>({kStarted, closed}), GrantBy("ana", "1", 1), Ana()), "CASE_CLOSED");
  EXPECT_EQ(RefusalIn(Given<Ownership>({kStarted, closed, R"pb(reopened { by: "ana" reason: "r" })pb"}),
                      GrantBy("ana", "1", 1), Ana()),
            "");
  const std::string merged = R"pb(merged { into_case_id: "c0" by: "ana" reason: "r" })pb";
  EXPECT_EQ(RefusalIn(Given<Ownership>({kStarted, merged}), GrantBy("ana", "1", 1), Ana()), "CASE_MERGED");
  // One that was granted before the merge stays granted, whoever comes late to complete it.
  Given<Ownership>({kStarted, GrantedText("1", 10'00), merged}).When(GrantBy("ana", "1", 10'00), Ours()).Then({});
}

TEST(Remedies, ACheckAddsNothing) {
  auto check = GrantBy("ana", "1", 10'00);
  check.check_only = true;
  Given<Ownership>().When(check, Ana()).Then({});
  check.order.set_by("ben");
  Given<Ownership>().When(check, Ben()).ThenRefused(StatusCode::kPermissionDenied, "ana");
  check.opening.Clear();
  Given<Ownership>().When(check, Ana()).ThenRefused(StatusCode::kNotFound);
}

RequestRemedy AskFor(int64_t amount, const std::string& approver = "sue") {
  return {FromText<v1::RequestRemedyRequest>("kind: REMEDY_KIND_REFUND reason: \"our price was wrong\" amount " +
                                             Euro(amount)),
          FromText<v1::OwnershipStarted>(kOpening), approver, Noon() + absl::Seconds(3600)};
}

TEST(Remedies, AboveTheLimitASupervisorIsAskedAndOwesADecision) {
  const std::string id = runtime::DerivedId(Ana(), "remedy"), approval = runtime::DerivedId(Ana(), "approval");
  const auto replaced = [&](std::string text) {
    text.replace(text.find("\"r1\""), 4, "\"" + id + "\"");
    const size_t at = text.find("\"a1\"");
    return at == std::string::npos ? text : text.replace(at, 4, "\"" + approval + "\"");
  };
  Given<Ownership>({kStarted}).When(AskFor(80'00), Ana()).Then({replaced(kRemedyRequested), replaced(ApprovalMade())});
  Given<Ownership>({kStarted}).When(AskFor(80'00), Ben()).ThenRefused(StatusCode::kPermissionDenied, "ana");
  Given<Ownership>({kStarted})
      .When(AskFor(80'00, ""), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "supervisor");
  Given<Ownership>({kStarted}).When(AskFor(80'00, "sue"), Sue()).ThenRefused(StatusCode::kFailedPrecondition);
  Given<Ownership>({kStarted}).When(AskFor(0), Ana()).ThenRefused(StatusCode::kInvalidArgument, "amount");
}

TEST(Remedies, ASupervisorApprovesAllOfItOrAPart) {
  Given<Ownership> given(kRemedyAsked);
  given.When(ApproveBy("sue", "1", 80'00), Sue(60))
      .Then({ApprovalEnds("KEPT", "the remedy was approved", "sue"),
             "remedy_granted { remedy_id: \"r1\" kind: REMEDY_KIND_REFUND amount " + Euro(80'00) +
                 " reason: \"our price was wrong\" granted_by: \"ana\" approved_by: \"sue\" at " + At(60) +
                 " requested_at " + At(0) + " customer_id: \"kim\" reservation " + ReservationText("v1sue", "sue") +
                 " limits " + LimitsText(500'00) + " payment_id: \"r1\" }"})
      .AndState([](const auto& state) {
        EXPECT_EQ(state.remedies(0).decided_by(), "sue");
        EXPECT_EQ(state.granted(0).minor_units(), 80'00);
      });
  given.When(ApproveBy("sue", "1", 60'00), Sue()).AndState([](const auto& state) {
    EXPECT_EQ(state.granted(0).minor_units(), 60'00);
  });
  EXPECT_EQ(RefusalIn(given, ApproveBy("sue", "1", 80'01), Sue()), "BAD_FIELD") << "more than was asked for";
  EXPECT_EQ(RefusalIn(given, ApproveBy("sue", "1", 80'00, 79'00), Sue()), "ABOVE_AUTHORITY") << "she has a limit, too";
  EXPECT_EQ(RefusalIn(given, ApproveBy("tom", "1", 80'00), Tom()), "") << "any supervisor may";
  EXPECT_EQ(RefusalIn(given, ApproveBy("sue", "9", 1), Sue()), "REMEDY_UNKNOWN");
}

TEST(Remedies, NobodyDecidesAboutWhatTheyAskedFor) {
  std::string requested = kRemedyRequested;
  requested.replace(requested.find("by: \"ana\""), 9, "by: \"sue\"");
  const Given<Ownership> given({kStarted, requested, ApprovalMade("a1", "tom")});
  EXPECT_EQ(RefusalIn(given, ApproveBy("sue", "1", 80'00), Sue()), "OWN_REQUEST");
  EXPECT_EQ(RefusalIn(given, CounterBy("sue", "1", 60'00), Sue()), "OWN_REQUEST");
  given.When(On<DeclineIt>(R"pb(remedy_id: "r1" reason: "no")pb"), Sue()).ThenRefused(StatusCode::kPermissionDenied);
  EXPECT_EQ(RefusalIn(given, ApproveBy("tom", "1", 80'00), Tom()), "");
}

TEST(Remedies, ASupervisorDeclinesWithAReasonAndThatIsFinal) {
  Given<Ownership> given(kRemedyAsked);
  const std::string declined = "remedy_declined { remedy_id: \"r1\" by: \"sue\" reason: \"not ours\" at " + At(0) +
                               " requested_at " + At(0) + " }";
  const std::string kept = ApprovalEnds("KEPT", "the remedy was declined", "sue");
  given.When(On<DeclineIt>(R"pb(remedy_id: "r1" reason: "not ours")pb"), Sue()).Then({kept, declined});
  given.When(On<DeclineIt>(R"pb(remedy_id: "r1")pb"), Sue()).ThenRefused(StatusCode::kInvalidArgument, "reason");
  const Given<Ownership> after(Plus(kRemedyAsked, {kept, declined}));
  after.When(On<DeclineIt>(R"pb(remedy_id: "r1" reason: "not ours")pb"), Sue()).Then({});
  after.When(On<DeclineIt>(R"pb(remedy_id: "r1" reason: "no")pb"), Tom()).ThenRefused(StatusCode::kFailedPrecondition);
  EXPECT_EQ(RefusalIn(after, ApproveBy("tom", "1", 80'00), Tom()), "REMEDY_DECIDED");
  after.When(On<GiveUp>(R"pb(remedy_id: "r1" reason: "r")pb"), Ana()).ThenRefused(StatusCode::kFailedPrecondition);
}

TEST(Remedies, ACounterOfferIsTakenByTheCustomer) {
  Given<Ownership>(kRemedyAsked)
      .When(CounterBy("sue", "1", 60'00), Sue())
      .Then({ApprovalEnds("KEPT", "another remedy was offered", "sue"), kCountered, kOfferMade});
  const Given<Ownership> offered(
      Plus(kRemedyAsked, {ApprovalEnds("KEPT", "another remedy was offered", "sue"), kCountered, kOfferMade}));
  offered.When(CounterBy("sue", "1", 60'00), Ours()).Then({});
  offered.When(On<AnswerOffer>(R"pb(remedy_id: "r1" accepted: true)pb"), Ana(60)).AndState([](const auto& state) {
    EXPECT_EQ(state.remedies(0).status(), v1::REMEDY_STATUS_GRANTED);
    EXPECT_EQ(state.remedies(0).kind(), v1::REMEDY_KIND_CREDIT);
    EXPECT_EQ(state.remedies(0).reservation().reservation_id(), "v1sue");
    EXPECT_EQ(state.granted(0).minor_units(), 60'00);
    EXPECT_EQ(FindSettled(state.ledger(), "v1sue")->outcome(), v1::COMMITMENT_OUTCOME_KEPT);
  });
  offered.When(On<AnswerOffer>(R"pb(remedy_id: "r1" accepted: true)pb"), Ben())
      .ThenRefused(StatusCode::kPermissionDenied);
  offered.When(On<AnswerOffer>(R"pb(remedy_id: "r1")pb"), Ana()).ThenRefused(StatusCode::kInvalidArgument, "reason");
  offered.When(On<AnswerOffer>(R"pb(remedy_id: "r1" accepted: true)pb"), Ana(601))
      .ThenRefused(StatusCode::kFailedPrecondition, "ran out");
  Given<Ownership>(kRemedyAsked)
      .When(On<AnswerOffer>(R"pb(remedy_id: "r1" accepted: true)pb"), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition);
}

TEST(Remedies, ACounterOfferThatIsNotTakenFreesItsAuthority) {
  const Given<Ownership> offered(
      Plus(kRemedyAsked, {ApprovalEnds("KEPT", "another remedy was offered", "sue"), kCountered, kOfferMade}));
  const auto withdrawn = [](const std::string& by, const std::string& reason, int64_t at) {
    return "remedy_withdrawn { remedy_id: \"r1\" by: \"" + by + "\" reason: \"" + reason + "\" at " + At(at) +
           " reservation " + ReservationText("v1sue", "sue") + " amount " + Euro(60'00) + " }";
  };
  const auto ended = [](const std::string& outcome, const std::string& by, const std::string& rest) {
    return "commitment_settled { commitment_id: \"v1sue\" kind: COMMITMENT_KIND_COUNTER_OFFER_ANSWER outcome: "
           "COMMITMENT_OUTCOME_" +
           outcome + " by: \"" + by + "\" due " + At(600) + " owed_by: \"ana\" " + rest + "}";
  };
  offered.When(On<AnswerOffer>(R"pb(remedy_id: "r1" reason: "too little")pb"), Ana(60))
      .Then({ended("KEPT", "ana", "evidence: \"too little\""), withdrawn("ana", "too little", 60)});
  // Nobody answered it.
  CommitmentDue due{{}, FromText<v1::OwnershipStarted>(kOpening)};
  due.request.set_commitment_id("v1sue");
  offered.When(due, Ours(600))
      .Then({ended("BROKEN", "throughline.ownership", ""),
             withdrawn("throughline.ownership", "the counter-offer was not answered in time", 600)});
}

TEST(Remedies, ADecisionThatIsLateIsBrokenAndGoesUp) {
  CommitmentDue due{{}, FromText<v1::OwnershipStarted>(kOpening)};
  due.request.set_commitment_id("a1");
  due.approver = "tom";
  due.approval_due = Noon() + absl::Seconds(9000);
  const std::string next = runtime::DerivedId(Ours(3600), "approval/a1");
  const std::string broken =
      "commitment_settled { commitment_id: \"a1\" kind: COMMITMENT_KIND_APPROVAL outcome: COMMITMENT_OUTCOME_BROKEN "
      "by: "
      "\"throughline.ownership\" due " +
      At(3600) + " owed_by: \"sue\" }";
  const auto passed = [&](const std::string& to) {
    return "remedy_passed_up { remedy_id: \"r1\" from: \"sue\" to: \"" + to +
           "\" reason: \"it was not decided in time\" commitment_id: \"" + next + "\" }";
  };
  Given<Ownership> given(kRemedyAsked);
  given.When(due, Ours(3600))
      .Then({broken, passed("tom"), ApprovalMade(next, "tom", 9000, "throughline.ownership", "a1")})
      .AndState([](const auto& state) { EXPECT_EQ(state.remedies(0).approver(), "tom"); });
  // At the top it stays where it is, and is due again.
  due.approver = "";
  given.When(due, Ours(3600))
      .Then({broken, passed("sue"), ApprovalMade(next, "sue", 9000, "throughline.ownership", "a1")});
  // It can still be decided, late.
  const Given<Ownership> late(
      Plus(kRemedyAsked, {broken, passed("tom"), ApprovalMade(next, "tom", 9000, "throughline.ownership", "a1")}));
  EXPECT_EQ(RefusalIn(late, ApproveBy("sue", "1", 80'00), Sue(4000)), "");
}

TEST(Remedies, ADecisionOfADeactivatedSupervisorGoesToWhoIsAbove) {
  RelievePerson relieve{FromText<v1::CaseReassigned>(R"pb(from: "sue" to: "tom" reason: "gone")pb"),
                        FromText<v1::OwnershipStarted>(kOpening)};
  relieve.beyond = "una";
  const std::string next = runtime::DerivedId(Ours(60), "approval/a1");
  Given<Ownership>(kRemedyAsked).When(relieve, Ours(60)).AndState([&](const auto& state) {
    const v1::Commitment* open = FindOpen(state.ledger(), next);
    ASSERT_NE(open, nullptr);
    EXPECT_EQ(open->owed_by(), "tom");
    EXPECT_EQ(FindSettled(state.ledger(), "a1")->outcome(), v1::COMMITMENT_OUTCOME_RETURNED);
    EXPECT_EQ(state.remedies(0).approver(), "tom");
  });
  // Whoever asked for it does not decide about it.
  relieve.request.set_to("ana");
  Given<Ownership>(kRemedyAsked).When(relieve, Ours(60)).AndState([&](const auto& state) {
    EXPECT_EQ(FindOpen(state.ledger(), next)->owed_by(), "una");
  });
  relieve.request.set_from("ben");
  Given<Ownership>(kRemedyAsked).When(relieve, Ours(60)).Then({});
}

TEST(Remedies, WhatIsDecidedIsSettledByNothingElse) {
  Given<Ownership> given(kRemedyAsked);
  given.When(On<v1::KeepCommitmentRequest>(R"pb(commitment_id: "a1" evidence: "e")pb"), Sue())
      .ThenRefused(StatusCode::kFailedPrecondition, "ApproveRemedy");
  given.When(On<v1::WithdrawCommitmentRequest>(R"pb(commitment_id: "a1" reason: "r")pb"), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "ApproveRemedy");
  given.When(On<v1::RenegotiateCommitmentRequest>("commitment_id: \"a1\" reason: \"r\" new_due " + At(9000)), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "ApproveRemedy");
}

TEST(Remedies, ARequestEndsWithTheCaseOrIsGivenUp) {
  Given<Ownership> given(kRemedyAsked);
  given.When(On<GiveUp>(R"pb(remedy_id: "r1" reason: "solved")pb"), Ana())
      .Then({ApprovalEnds("WITHDRAWN", "solved", "ana"),
             "remedy_withdrawn { remedy_id: \"r1\" by: \"ana\" reason: \"solved\" at " + At(0) + " }"});
  given.When(On<GiveUp>(R"pb(remedy_id: "r1" reason: "r")pb"), Ben()).ThenRefused(StatusCode::kPermissionDenied);
  given.When(On<v1::CloseCaseRequest>(R"pb(reason: "r" options_offered: "o")pb"), Ana())
      .AndState([](const auto& state) {
        EXPECT_EQ(state.remedies(0).status(), v1::REMEDY_STATUS_WITHDRAWN);
        EXPECT_EQ(state.ledger().open_size(), 0);
      });
}

TEST(Remedies, AHandOverOrReassignmentLeavesTheRequestAndTheNewOwnerGoesOn) {
  const std::string reassigned = R"pb(reassigned { from: "ana" to: "ben" by: "sue" reason: "r" })pb";
  const Given<Ownership> given(Plus(kRemedyAsked, {reassigned}));
  EXPECT_EQ(RefusalIn(given, ApproveBy("sue", "1", 80'00), Sue()), "");
  given.When(On<GiveUp>(R"pb(remedy_id: "r1" reason: "r")pb"), Ana()).ThenRefused(StatusCode::kPermissionDenied);
  EXPECT_TRUE(Ownership::Decide(given.state(), On<GiveUp>(R"pb(remedy_id: "r1" reason: "r")pb"), Ben()).ok());
}

TEST(Remedies, MoveWithAMergedCaseAndCountThere) {
  const Given<Ownership> given(Plus(kRemedyAsked, {GrantedText("2", 40'00)}));
  MergeCase merge{FromText<v1::MergeCasesRequest>(R"pb(reason: "one thing")pb"),
                  FromText<v1::OwnershipStarted>(kOpening),
                  FromText<v1::OwnershipStarted>(R"pb(case_id: "c0" owner: "ben" customer_id: "kim")pb"), "ben"};
  auto merged = Ownership::Decide(given.state(), merge, Ana());
  ASSERT_TRUE(merged.ok()) << merged.status();
  AbsorbCase absorb{merged->back().merged(), "c1",
                    FromText<v1::OwnershipStarted>(R"pb(case_id: "c0" owner: "ben" customer_id: "kim")pb")};
  Given<Ownership>().When(absorb, Ours()).AndState([](const auto& state) {
    EXPECT_EQ(state.remedies_size(), 2);
    EXPECT_EQ(state.granted(0).minor_units(), 40'00) << "a merge does not give a case its limit anew";
    EXPECT_NE(FindOpen(state.ledger(), "a1"), nullptr);
    const auto approved = Ownership::Decide(state, ApproveBy("sue", "1", 80'00), Sue());
    ASSERT_TRUE(approved.ok());
    EXPECT_TRUE(approved->back().has_remedy_granted());
  });
}

TEST(Remedies, ThereIsABoundOnWhatIsUnderWay) {
  std::vector<std::string> events = {kStarted};
  for (int i = 0; i < kMostRemedies; ++i) events.push_back(GrantedText(std::to_string(i), 1));
  EXPECT_EQ(RefusalIn(Given<Ownership>(events), GrantBy("ana", "x", 1), Ana()), "TOO_MANY_REMEDIES");
}

}  // namespace
}  // namespace throughline::ownership
