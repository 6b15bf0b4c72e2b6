#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "services/ownership/domain/remedies/remedy.h"
#include "services/ownership/domain/remedies/testing_remedies.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT
using absl::StatusCode;
using TakeIt = v1::HandOffRemedyRequest;
using RecordIt = v1::RecordRemedyOutcomeRequest;
using RetryIt = v1::RetryRemedyRequest;
using GiveUp = v1::WithdrawRemedyRequest;

const std::string kTake = R"pb(remedy_id: "r1" payment_id: "r1")pb";
const std::string kTaken = "remedy_handed_off { remedy_id: \"r1\" to: \"bank\" payment_id: \"r1\" at " + At(0) + " }";
const std::string kPay = kTake + R"pb(outcome: PAYMENT_OUTCOME_PAID reference: "T-1")pb";
const std::string kFail = kTake + R"pb(outcome: PAYMENT_OUTCOME_FAILED reason: "no such account")pb";
std::string Recorded(const std::string& rest) {
  return "remedy_outcome_recorded { remedy_id: \"r1\" payment_id: \"r1\" by: \"bank\" at " + At(0) +
         " kind: REMEDY_KIND_REFUND amount " + Euro(40'00) + rest + " }";
}
const std::string kPaid = Recorded(R"pb(outcome: PAYMENT_OUTCOME_PAID reference: "T-1")pb");
const std::string kFailed = Recorded(R"pb(outcome: PAYMENT_OUTCOME_FAILED reason: "no such account")pb");
const std::vector<std::string> kGranted = {kStarted, GrantedText("1", 40'00)};

TEST(Payments, APayingSystemTakesARemedyOnce) {
  const Given<Ownership> granted(kGranted);
  granted.When(On<TakeIt>(kTake), Bank()).Then({kTaken});
  const Given<Ownership> taken(Plus(kGranted, {kTaken}));
  taken.When(On<TakeIt>(kTake), Bank()).Then({});
  taken.When(On<TakeIt>(kTake), By("other", ROLE_SERVICE)).ThenRefused(StatusCode::kFailedPrecondition, "bank");
  granted.When(On<TakeIt>(R"pb(remedy_id: "r1" payment_id: "x")pb"), Bank())
      .ThenRefused(StatusCode::kFailedPrecondition, "pay nothing");
  granted.When(On<TakeIt>(R"pb(remedy_id: "r9" payment_id: "r9")pb"), Bank()).ThenRefused(StatusCode::kNotFound);
  Given<Ownership>(kRemedyAsked)
      .When(On<TakeIt>(kTake), Bank())
      .ThenRefused(StatusCode::kFailedPrecondition, "not granted");
}

TEST(Payments, APaidRemedyIsFinal) {
  const Given<Ownership> taken(Plus(kGranted, {kTaken}));
  taken.When(On<RecordIt>(kPay), Bank()).Then({kPaid});
  const Given<Ownership> paid(Plus(kGranted, {kTaken, kPaid}));
  paid.When(On<RecordIt>(kPay), Bank()).Then({});
  paid.When(On<RecordIt>(kTake + R"pb(outcome: PAYMENT_OUTCOME_PAID reference: "T-2")pb"), Bank())
      .ThenRefused(StatusCode::kFailedPrecondition, "T-1");
  paid.When(On<RecordIt>(kFail), Bank()).ThenRefused(StatusCode::kFailedPrecondition, "paid");
  paid.When(On<TakeIt>(kTake), Bank()).ThenRefused(StatusCode::kFailedPrecondition, "pay nothing more");
  paid.When(On<RetryIt>(R"pb(remedy_id: "r1" reason: "r")pb"), Ana()).ThenRefused(StatusCode::kFailedPrecondition);
  paid.When(On<GiveUp>(R"pb(remedy_id: "r1" reason: "r")pb"), Ana()).ThenRefused(StatusCode::kFailedPrecondition);
}

TEST(Payments, OnlyWhoeverTookItSaysWhatBecameOfIt) {
  const Given<Ownership> taken(Plus(kGranted, {kTaken}));
  taken.When(On<RecordIt>(kPay), By("other", ROLE_SERVICE)).ThenRefused(StatusCode::kPermissionDenied, "bank");
  Given<Ownership>(kGranted)
      .When(On<RecordIt>(kPay), Bank())
      .ThenRefused(StatusCode::kFailedPrecondition, "HandOffRemedy");
  taken.When(On<RecordIt>(kTake), Bank()).ThenRefused(StatusCode::kInvalidArgument, "outcome");
  taken.When(On<RecordIt>(kTake + "outcome: PAYMENT_OUTCOME_PAID"), Bank())
      .ThenRefused(StatusCode::kInvalidArgument, "reference");
  taken.When(On<RecordIt>(kTake + "outcome: PAYMENT_OUTCOME_FAILED"), Bank())
      .ThenRefused(StatusCode::kInvalidArgument, "reason");
}

TEST(Payments, AFailedOneIsPaidAgainUnderAnotherIdOrGivenUp) {
  const Given<Ownership> failed(Plus(kGranted, {kTaken, kFailed}));
  failed.When(On<RecordIt>(kFail), Bank()).Then({});
  failed.When(On<RecordIt>(kPay), Bank()).ThenRefused(StatusCode::kFailedPrecondition, "outcome");
  failed.When(On<RetryIt>(R"pb(remedy_id: "r1" reason: "the account is right now")pb"), Ben())
      .ThenRefused(StatusCode::kPermissionDenied);
  const std::string payment = runtime::DerivedId(Ana(), "payment");
  const std::string retried =
      "remedy_retried { remedy_id: \"r1\" by: \"ana\" reason: \"the account is right now\" payment_id: \"" + payment +
      "\" at " + At(0) + " }";
  failed.When(On<RetryIt>(R"pb(remedy_id: "r1" reason: "the account is right now")pb"), Ana()).Then({retried});
  const Given<Ownership> again(Plus(kGranted, {kTaken, kFailed, retried}));
  again.When(On<TakeIt>(kTake), Bank()).ThenRefused(StatusCode::kFailedPrecondition, "ListRemediesToPay");
  again.When(On<RecordIt>(kPay), Bank()).ThenRefused(StatusCode::kFailedPrecondition, "pay nothing");
  EXPECT_TRUE(
      Ownership::Decide(again.state(), On<TakeIt>("remedy_id: \"r1\" payment_id: \"" + payment + "\""), Bank()).ok());
  failed.When(On<GiveUp>(R"pb(remedy_id: "r1" reason: "paid in cash")pb"), Ana())
      .Then({"remedy_withdrawn { remedy_id: \"r1\" by: \"ana\" reason: \"paid in cash\" at " + At(0) + " reservation " +
             ReservationText("v1", "ana") + " amount " + Euro(40'00) + " granted: true granted_at " + At(0) + " }"})
      .AndState([](const auto& state) { EXPECT_EQ(state.granted(0).minor_units(), 0); });
}

TEST(Payments, GoOnWhenTheCaseIsClosedAndMoveWhenItIsMerged) {
  const std::string closed = R"pb(closed { by: "ana" resolution_code: RESOLUTION_CODE_CONFIRMED })pb";
  Given<Ownership>(Plus(kGranted, {closed})).When(On<TakeIt>(kTake), Bank()).Then({kTaken});
  Given<Ownership>(Plus(kGranted, {kTaken, closed})).When(On<RecordIt>(kFail), Bank()).Then({kFailed});
  const Given<Ownership> merged(Plus(kGranted, {R"pb(merged { into_case_id: "c0" by: "ana" reason: "r" })pb"}));
  merged.When(On<TakeIt>(kTake), Bank()).ThenRefused(StatusCode::kFailedPrecondition, "c0");
  merged.When(On<RecordIt>(kPay), Bank()).ThenRefused(StatusCode::kFailedPrecondition, "c0");
}

}  // namespace
}  // namespace throughline::ownership
