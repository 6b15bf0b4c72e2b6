#include "services/ownership/reports/numbers.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

#include "services/ownership/domain/testing.h"
#include "services/ownership/reports/sums.h"

namespace throughline::ownership {
namespace {

using ownership::testing::kStarted;
using runtime::testing::FromText;
using runtime::testing::Noon;

// A case's events, and what they count: `given` starts it.
class Case {
 public:
  Case() { Happens(kStarted); }

  // `minutes` after noon.
  Case& Happens(const std::string& event, int minutes = 0, const std::string& about = "", bool moves = false) {
    const auto happened = FromText<v1::OwnershipEvent>(event);
    const auto commitment = FromText<v1::Commitment>(about);
    CountForReports({happened, Noon() + absl::Minutes(minutes), commitment, moves}, facts_, by_rep_);
    return *this;
  }
  v1::ReportNumbers Of(const std::string& rep) { return by_rep_[rep]; }
  v1::ReportNumbers All() const {
    v1::ReportNumbers all;
    for (const auto& [rep, numbers] : by_rep_) AddTo(all, numbers);
    return all;
  }

 private:
  v1::CaseFactsRow facts_;
  std::map<std::string, v1::ReportNumbers> by_rep_;
};

constexpr char kProposed[] = R"pb(resolution_proposed { by: "ana" text: "t" })pb";
constexpr char kConfirmed[] = R"pb(resolution_confirmed { by: "ana" evidence: "e" })pb";
constexpr char kRejected[] = R"pb(resolution_rejected { by: "ana" reason: "r" })pb";
constexpr char kClosedConfirmed[] = R"pb(closed { by: "ana" resolution_code: RESOLUTION_CODE_CONFIRMED })pb";
constexpr char kClosedUnconfirmed[] = R"pb(closed { by: "ana" resolution_code: RESOLUTION_CODE_UNCONFIRMED })pb";
constexpr char kReopened[] = R"pb(reopened { by: "ana" reason: "r" })pb";
constexpr char kSaid[] = R"pb(interaction_noted { inbound: true latest: true })pb";

TEST(Numbers, AConfirmedClosingAfterOneContactIsAFirstContactResolution) {
  const auto numbers = Case().Happens(kProposed).Happens(kConfirmed).Happens(kClosedConfirmed).All();
  EXPECT_EQ(numbers.closed_confirmed(), 1);
  EXPECT_EQ(numbers.first_contact_resolutions(), 1);
  EXPECT_EQ(numbers.closed_unconfirmed() + numbers.closed_unsolved(), 0);
}

TEST(Numbers, ItIsNoneIfTheCustomerHadToSpeakAgainBeforeAResolutionWasProposed) {
  const auto numbers = Case().Happens(kSaid).Happens(kProposed).Happens(kConfirmed).Happens(kClosedConfirmed).All();
  EXPECT_EQ(numbers.closed_confirmed(), 1);
  EXPECT_EQ(numbers.first_contact_resolutions(), 0);
}

TEST(Numbers, WhatTheCustomerAnswersToAProposalIsNoFurtherContact) {
  const auto numbers = Case().Happens(kProposed).Happens(kSaid).Happens(kConfirmed).Happens(kClosedConfirmed).All();
  EXPECT_EQ(numbers.first_contact_resolutions(), 1);
}

TEST(Numbers, ItIsNoneIfTheFirstProposalWasNotTheOne) {
  const auto numbers = Case()
                           .Happens(kProposed)
                           .Happens(kRejected)
                           .Happens(kProposed)
                           .Happens(kConfirmed)
                           .Happens(kClosedConfirmed)
                           .All();
  EXPECT_EQ(numbers.first_contact_resolutions(), 0);
}

TEST(Numbers, AReopenedFirstContactResolutionIsCountedAsThatAndTheNumberDoesNotFall) {
  Case one;
  one.Happens(kProposed).Happens(kConfirmed).Happens(kClosedConfirmed).Happens(kReopened);
  EXPECT_EQ(one.All().first_contact_resolutions(), 1);
  EXPECT_EQ(one.All().first_contact_reopened(), 1);
  one.Happens(kProposed).Happens(kConfirmed).Happens(kClosedConfirmed).Happens(kReopened);
  EXPECT_EQ(one.All().first_contact_resolutions(), 1) << "the second time it is none";
  EXPECT_EQ(one.All().first_contact_reopened(), 1);
  EXPECT_EQ(one.All().reopenings(), 2);
  EXPECT_EQ(one.All().closed_confirmed(), 2);
}

TEST(Numbers, UnconfirmedIsWhatTheCustomerLeftUnansweredAndUnsolvedTheRest) {
  EXPECT_EQ(Case().Happens(kProposed).Happens(kClosedUnconfirmed).All().closed_unconfirmed(), 1);
  EXPECT_EQ(Case().Happens(kProposed).Happens(kClosedUnconfirmed).All().closed_unsolved(), 0);
  EXPECT_EQ(Case().Happens(kClosedUnconfirmed).All().closed_unsolved(), 1);
  EXPECT_EQ(Case().Happens(kProposed).Happens(kRejected).Happens(kClosedUnconfirmed).All().closed_unsolved(), 1);
  EXPECT_EQ(Case()
                .Happens(kProposed)
                .Happens(R"pb(confirmation_taken_back { status: CASE_STATUS_RESOLUTION_PROPOSED })pb")
                .Happens(kClosedUnconfirmed)
                .All()
                .closed_unsolved(),
            1);
}

TEST(Numbers, TheTimeToTheConfirmationIsExactAndInAHistogram) {
  const auto opened = FromText<v1::OwnershipStarted>(ownership::testing::kOpening).opened_at();
  const int64_t until_noon = absl::ToUnixSeconds(Noon()) - opened.seconds();
  const auto time =
      Case().Happens(kProposed).Happens(kConfirmed, 30).Happens(kClosedConfirmed, 90).All().time_to_confirmed();
  EXPECT_EQ(time.count(), 1);
  EXPECT_EQ(time.total_microseconds(), (until_noon + 30 * 60) * 1'000'000) << "until the confirmation, not the closing";
  ASSERT_EQ(time.counts_size(), static_cast<int>(DurationLimitsSeconds().size()) + 1);
  int64_t counted = 0;
  for (int i = 0; i < time.counts_size(); ++i) {
    const bool fits = i == time.counts_size() - 1 || until_noon + 30 * 60 <= DurationLimitsSeconds()[i];
    EXPECT_EQ(time.counts(i), fits && counted == 0 ? 1 : 0) << i;
    counted += time.counts(i);
  }
}

TEST(Numbers, ADurationAtALimitIsWithinIt) {
  v1::DurationNumbers numbers;
  AddDuration(absl::Seconds(DurationLimitsSeconds()[0]), numbers);
  AddDuration(absl::Seconds(DurationLimitsSeconds()[0]) + absl::Microseconds(1), numbers);
  AddDuration(absl::Hours(24 * 365), numbers);
  EXPECT_EQ(numbers.counts(0), 1);
  EXPECT_EQ(numbers.counts(1), 1);
  EXPECT_EQ(numbers.counts(numbers.counts_size() - 1), 1);
}

TEST(Numbers, PingPongOfAnyLengthIsSeen) {
  Case one;
  one.Happens(R"pb(handoff_offered { from: "ana" to: "ben" })pb");
  one.Happens(R"pb(handoff_accepted { from: "ana" to: "ben" })pb");
  one.Happens(R"pb(reassigned { from: "ben" to: "cleo" })pb");
  EXPECT_EQ(one.All().ping_pongs(), 0);
  one.Happens(R"pb(handoff_accepted { from: "cleo" to: "ana" })pb");
  EXPECT_EQ(one.All().ping_pongs(), 1);
  EXPECT_EQ(one.Of("cleo").ping_pongs(), 1) << "of whoever gave it away";
  EXPECT_EQ(one.All().handoffs_offered(), 1);
  EXPECT_EQ(one.All().handoffs_accepted(), 2);
  EXPECT_EQ(one.All().reassignments(), 1);
  one.Happens(R"pb(handoff_declined { by: "ben" })pb").Happens(R"pb(handoff_expired { to: "cleo" })pb");
  EXPECT_EQ(one.Of("ben").handoffs_declined(), 1);
  EXPECT_EQ(one.Of("cleo").handoffs_expired(), 1);
}

TEST(Numbers, CommitmentsCountByKindForWhoeverOwesThem) {
  Case one;
  one.Happens(R"pb(commitment_made { commitment { commitment_id: "p" kind: COMMITMENT_KIND_PROMISE } })pb");
  one.Happens(R"pb(commitment_renegotiated { commitment_id: "p" })pb", 0, R"pb(kind: COMMITMENT_KIND_PROMISE)pb");
  one.Happens(R"pb(commitment_settled {
                     commitment_id: "p"
                     kind: COMMITMENT_KIND_PROMISE
                     outcome: COMMITMENT_OUTCOME_KEPT
                   })pb");
  one.Happens(R"pb(commitment_made { commitment { commitment_id: "h" kind: COMMITMENT_KIND_HELP owed_by: "ben" } })pb");
  one.Happens(R"pb(commitment_settled {
                     commitment_id: "h"
                     kind: COMMITMENT_KIND_HELP
                     outcome: COMMITMENT_OUTCOME_RETURNED
                     owed_by: "ben"
                   })pb");
  one.Happens(R"pb(commitment_settled {
                     commitment_id: "h2"
                     kind: COMMITMENT_KIND_HELP
                     outcome: COMMITMENT_OUTCOME_BROKEN
                     owed_by: "ben"
                   })pb");
  ASSERT_EQ(one.Of("ana").commitments_size(), 2) << "the next update of the opening, too";
  const auto& promises = one.Of("ana").commitments(0);
  EXPECT_EQ(promises.kind(), v1::COMMITMENT_KIND_PROMISE);
  EXPECT_EQ(promises.made(), 1);
  EXPECT_EQ(promises.renegotiated(), 1);
  EXPECT_EQ(promises.kept(), 1);
  EXPECT_EQ(one.Of("ana").commitments(1).kind(), v1::COMMITMENT_KIND_NEXT_UPDATE);
  ASSERT_EQ(one.Of("ben").commitments_size(), 1);
  const auto help = one.Of("ben").commitments(0);
  EXPECT_EQ(help.kind(), v1::COMMITMENT_KIND_HELP);
  EXPECT_EQ(help.returned(), 1);
  EXPECT_EQ(help.broken(), 1);
}

constexpr char kRequested[] = R"pb(remedy_requested {
                                     remedy_id: "r1"
                                     kind: REMEDY_KIND_REFUND
                                     amount { currency: "USD" minor_units: 5000 }
                                     by: "ana"
                                     at { seconds: 1000 }
                                   })pb";

TEST(Numbers, RemediesCountByKindAndCurrencyToTheMinorUnit) {
  Case one;
  for (const int amount : {1999, 1}) {
    one.Happens(
        "remedy_granted { remedy_id: \"g\" kind: REMEDY_KIND_CREDIT granted_by: \"ana\" amount { currency: \"EUR\" "
        "minor_units: " +
        std::to_string(amount) + " } }");
  }
  one.Happens(kRequested);
  one.Happens(R"pb(remedy_granted {
                     remedy_id: "r1"
                     kind: REMEDY_KIND_REFUND
                     amount { currency: "USD" minor_units: 4000 }
                     granted_by: "ana"
                     approved_by: "sue"
                     at { seconds: 1600 }
                     requested_at { seconds: 1000 }
                   })pb");
  one.Happens(R"pb(remedy_outcome_recorded {
                     remedy_id: "r1"
                     outcome: PAYMENT_OUTCOME_FAILED
                     kind: REMEDY_KIND_REFUND
                     amount { currency: "USD" minor_units: 4000 }
                   })pb");
  one.Happens(R"pb(remedy_outcome_recorded {
                     remedy_id: "r1"
                     outcome: PAYMENT_OUTCOME_PAID
                     kind: REMEDY_KIND_REFUND
                     amount { currency: "USD" minor_units: 4000 }
                   })pb");
  ASSERT_EQ(one.Of("ana").remedies_size(), 2);
  const auto refunds = one.Of("ana").remedies(0);
  EXPECT_EQ(refunds.kind(), v1::REMEDY_KIND_REFUND);
  EXPECT_EQ(refunds.currency(), "USD");
  EXPECT_EQ(refunds.requested(), 1);
  EXPECT_EQ(refunds.requested_minor_units(), 5000);
  EXPECT_EQ(refunds.granted_minor_units(), 4000);
  EXPECT_EQ(refunds.approved(), 1);
  EXPECT_EQ(refunds.payments_failed(), 1);
  EXPECT_EQ(refunds.paid(), 1);
  EXPECT_EQ(refunds.paid_minor_units(), 4000);
  const auto credits = one.Of("ana").remedies(1);
  EXPECT_EQ(credits.kind(), v1::REMEDY_KIND_CREDIT);
  EXPECT_EQ(credits.granted(), 2);
  EXPECT_EQ(credits.granted_minor_units(), 2000);
  EXPECT_EQ(credits.approved(), 0);
  EXPECT_EQ(one.Of("sue").time_to_decision().count(), 1) << "of whoever decided";
  EXPECT_EQ(one.Of("sue").time_to_decision().total_microseconds(), 600'000'000);
}

TEST(Numbers, EveryDecisionOfASupervisorIsTimedOnce) {
  Case one;
  one.Happens(kRequested).Happens(R"pb(remedy_countered {
                                         remedy_id: "r1"
                                         offer { kind: REMEDY_KIND_CREDIT by: "sue" }
                                         at { seconds: 1060 }
                                         requested_at { seconds: 1000 }
                                       })pb");
  EXPECT_EQ(one.Of("sue").remedies(0).countered(), 1);
  EXPECT_EQ(one.Of("sue").remedies(0).kind(), v1::REMEDY_KIND_REFUND) << "of what was asked for";
  one.Happens(R"pb(remedy_granted {
                     remedy_id: "r1"
                     kind: REMEDY_KIND_CREDIT
                     amount { currency: "USD" minor_units: 3000 }
                     granted_by: "ana"
                     approved_by: "sue"
                     countered: true
                     at { seconds: 9000 }
                     requested_at { seconds: 1000 }
                   })pb");
  EXPECT_EQ(one.Of("sue").time_to_decision().total_microseconds(), 60'000'000) << "not when the customer took it";
  one.Happens(R"pb(remedy_withdrawn {
                     remedy_id: "r1"
                     granted: true
                     amount { currency: "USD" minor_units: 3000 }
                   })pb");
  EXPECT_EQ(one.Of("ana").remedies(1).given_up(), 1);
  EXPECT_EQ(one.Of("ana").remedies(1).given_up_minor_units(), 3000);
  one.Happens(kRequested).Happens(R"pb(remedy_declined {
                                         remedy_id: "r1"
                                         by: "sue"
                                         at { seconds: 1030 }
                                         requested_at { seconds: 1000 }
                                       })pb");
  EXPECT_EQ(one.Of("sue").remedies(0).declined(), 1);
  EXPECT_EQ(one.Of("sue").time_to_decision().count(), 2);
}

TEST(Numbers, ARemedyThatMovesWithAMergedCaseIsKnownThere) {
  Case one;
  one.Happens(R"pb(absorbed {
                     from_case_id: "c2"
                     remedies {
                       remedy_id: "r2"
                       kind: REMEDY_KIND_WAIVED_FEE
                       amount { currency: "JPY" minor_units: 700 }
                     }
                   })pb");
  one.Happens(R"pb(remedy_declined { remedy_id: "r2" by: "sue" })pb");
  EXPECT_EQ(one.Of("sue").remedies(0).kind(), v1::REMEDY_KIND_WAIVED_FEE);
  EXPECT_EQ(one.Of("sue").remedies(0).currency(), "JPY");
}

TEST(Numbers, EscalationsCountOnceAndTheirLevelsApart) {
  Case one;
  one.Happens(R"pb(escalated { level: 1 from: "ana" to: "sue" cause: ESCALATION_CAUSE_COMMITMENTS_BROKEN })pb");
  one.Happens(R"pb(escalated { level: 2 from: "sue" to: "max" cause: ESCALATION_CAUSE_NOT_ACKNOWLEDGED })pb");
  one.Happens(R"pb(escalated { level: 2 from: "sue" to: "eve" cause: ESCALATION_CAUSE_PERSON_DEACTIVATED })pb");
  one.Happens(R"pb(escalation_acknowledged { by: "eve" level: 2 })pb");
  one.Happens(R"pb(escalation_settled { by: "eve" decision: "d" })pb");
  one.Happens(R"pb(escalation_settled { by: "ana" with_case: true })pb");
  one.Happens(R"pb(escalation_exhausted { to: "max" })pb");
  EXPECT_EQ(one.Of("ana").escalations(), 1);
  EXPECT_EQ(one.All().escalations(), 1);
  EXPECT_EQ(one.Of("sue").escalations_climbed(), 1) << "of whoever did not acknowledge it";
  EXPECT_EQ(one.Of("eve").escalations_acknowledged(), 1);
  EXPECT_EQ(one.All().escalations_settled(), 1) << "one ended with its case";
  EXPECT_EQ(one.Of("max").escalations_exhausted(), 1);
}

TEST(Numbers, WhatMovesWithAMergedCaseIsNotMadeAgain) {
  const std::string made = R"pb(commitment_made { commitment { commitment_id: "p" kind: COMMITMENT_KIND_PROMISE } })pb";
  EXPECT_EQ(Case().Happens(made, 0, "", true).All().commitments_size(), 1) << "the opening's next update";
  EXPECT_EQ(Case().Happens(made).All().commitments_size(), 2);
}

TEST(Numbers, AreTheSameWhateverTheOrderInWhichTheyAreAdded) {
  const auto promises = FromText<v1::ReportNumbers>(R"pb(
    reopenings: 1
    commitments { kind: COMMITMENT_KIND_PROMISE kept: 2 }
    commitments { kind: COMMITMENT_KIND_REPLY kept: 1 })pb");
  const auto help = FromText<v1::ReportNumbers>(R"pb(
    reopenings: 2
    commitments { kind: COMMITMENT_KIND_HELP made: 1 }
    commitments { kind: COMMITMENT_KIND_REPLY broken: 1 }
    time_to_confirmed {
      count: 1
      total_microseconds: 5
      counts: [ 1, 0 ]
    })pb");
  v1::ReportNumbers one, other;
  AddTo(one, promises);
  AddTo(one, help);
  AddTo(other, help);
  AddTo(other, promises);
  EXPECT_EQ(one.SerializeAsString(), other.SerializeAsString());
  EXPECT_EQ(one.DebugString(), FromText<v1::ReportNumbers>(R"pb(
                                 reopenings: 3
                                 commitments { kind: COMMITMENT_KIND_PROMISE kept: 2 }
                                 commitments { kind: COMMITMENT_KIND_HELP made: 1 }
                                 commitments { kind: COMMITMENT_KIND_REPLY kept: 1 broken: 1 }
                                 time_to_confirmed {
                                   count: 1
                                   total_microseconds: 5
                                   counts: [ 1, 0 ]
                                 })pb")
                                   .DebugString());
}

}  // namespace
}  // namespace throughline::ownership
