#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "services/ownership/domain/testing.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT
using absl::StatusCode;

const absl::Status kUnknown = runtime::Refuse(StatusCode::kFailedPrecondition, "PERSON_UNKNOWN", "nobody called so");
const absl::Status kDeactivated = runtime::Refuse(StatusCode::kFailedPrecondition, "PERSON_DEACTIVATED", "gone");

OfferHandoff Offer(const std::string& request, absl::Status person = absl::OkStatus(), bool absent = false) {
  return {FromText<v1::OfferHandoffRequest>(request), FromText<v1::OwnershipStarted>(kOpening), std::move(person),
          absent, absl::Hours(4)};
}
AcceptHandoff Accept(const std::string& handoff_id, absl::Status person = absl::OkStatus()) {
  AcceptHandoff command{{}, FromText<v1::OwnershipStarted>(kOpening), std::move(person)};
  command.request.set_handoff_id(handoff_id);
  return command;
}
ReassignCase Reassign(const std::string& request, absl::Status person = absl::OkStatus(), bool absent = false) {
  return {FromText<v1::ReassignCaseRequest>(request), FromText<v1::OwnershipStarted>(kOpening), std::move(person),
          absent};
}
RelievePerson Relieve(const std::string& person) {
  return {FromText<v1::CaseReassigned>("from: \"" + person + "\" to: \"sue\" reason: \"" + person + " has left\""),
          FromText<v1::OwnershipStarted>(kOpening)};
}
using Withdraw = v1::WithdrawHandoffRequest;
using Decline = v1::DeclineHandoffRequest;

const std::string kOffered =
    R"pb(handoff_offered { handoff_id: "h1" from: "ana" to: "ben" reason: "knows it" offered_by: "ana" expires_at)pb" +
    At(60) + "}";

TEST(Handoff, AnOfferStartsTheStreamAndKeepsTheOwner) {
  Given<Ownership>()
      .When(Offer(R"pb(case_id: "c1" to: "ben" reason: "knows it")pb"), Ana())
      .Then({kStarted,
             R"pb(handoff_offered { from: "ana" to: "ben" reason: "knows it" offered_by: "ana" handoff_id: ")pb" +
                 runtime::DerivedId(Ana(), "handoff") + "\" expires_at " + At(4 * 3600) + "}"})
      .AndState([](const auto& state) {
        EXPECT_EQ(state.owner(), "ana");
        EXPECT_EQ(state.handoff().to(), "ben");
      });
}

TEST(Handoff, OnlyTheOwnerOrASupervisorOffers) {
  const auto refused = Ownership::Decide({}, Offer(R"pb(to: "cleo" reason: "r")pb"), Ben());
  EXPECT_EQ(refused.status().code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(runtime::ReasonOf(refused.status()), "NOT_OWNER");
  EXPECT_EQ(runtime::MetadataOf(refused.status(), "owner"), "ana");
  EXPECT_TRUE(Ownership::Decide({}, Offer(R"pb(to: "cleo" reason: "r")pb"), Sue()).ok());
}

TEST(Handoff, AnOfferNeedsAKnownPersonAReasonAndATimeWithinAWeek) {
  Given<Ownership> given({kStarted});
  given.When(Offer(R"pb(to: "ben")pb"), Ana()).ThenRefused(StatusCode::kInvalidArgument, "reason");
  given.When(Offer(R"pb(reason: "r")pb"), Ana()).ThenRefused(StatusCode::kInvalidArgument, "to");
  given.When(Offer(R"pb(to: "ben" reason: "r" expires_at)pb" + At(0)), Ana())
      .ThenRefused(StatusCode::kInvalidArgument, "passed");
  given.When(Offer(R"pb(to: "ben" reason: "r" expires_at)pb" + At(8 * 86400)), Ana())
      .ThenRefused(StatusCode::kInvalidArgument, "7 days");
  given.When(Offer(R"pb(to: "bne" reason: "r")pb", kUnknown), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "nobody");
  given.When(Offer(R"pb(to: "ben" reason: "r")pb", kDeactivated), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "gone");
  given.When(Offer(R"pb(to: "ben" reason: "r")pb", absl::OkStatus(), true), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "absent");
  given.When(Offer(R"pb(to: "ana" reason: "r")pb"), Ana()).ThenRefused(StatusCode::kFailedPrecondition, "already");
}

TEST(Handoff, ThereIsOneOfferAtATime) {
  Given<Ownership> given({kStarted, kOffered});
  given.When(Offer(R"pb(to: "cleo" reason: "r")pb"), Ana()).ThenRefused(StatusCode::kFailedPrecondition, "ben");
  // The offer has expired, but no timer has recorded it yet: the command does.
  given.When(Offer(R"pb(to: "cleo" reason: "r" expires_at)pb" + At(90)), Ana(61))
      .Then({R"pb(handoff_expired { handoff_id: "h1" to: "ben" })pb",
             R"pb(handoff_offered { from: "ana" to: "cleo" reason: "r" offered_by: "ana" handoff_id: ")pb" +
                 runtime::DerivedId(Ana(), "handoff") + "\" expires_at " + At(90) + "}"});
}

TEST(Handoff, OnlyTheAddresseeAcceptsAndThenOwnsTheCase) {
  Given<Ownership> given({kStarted, kOffered});
  given.When(Accept("h1"), Sue()).ThenRefused(StatusCode::kPermissionDenied, "ben");
  given.When(Accept("h0"), Ben()).ThenRefused(StatusCode::kFailedPrecondition, "not open");
  given.When(Accept("h1", kDeactivated), Ben()).ThenRefused(StatusCode::kFailedPrecondition, "gone");
  given.When(Accept("h1"), Ben())
      .Then({R"pb(handoff_accepted { handoff_id: "h1" from: "ana" to: "ben" })pb"})
      .AndState([](const auto& state) {
        EXPECT_EQ(state.owner(), "ben");
        EXPECT_FALSE(state.has_handoff());
      });
}

TEST(Handoff, BackToThePreviousOwnerIsPingPong) {
  const std::string back =
      R"pb(handoff_offered { handoff_id: "h2" from: "ben" to: "ana" reason: "r" offered_by: "ben" expires_at)pb" +
      At(60) + "}";
  Given<Ownership>({kStarted, kOffered, R"pb(handoff_accepted { handoff_id: "h1" from: "ana" to: "ben" })pb", back})
      .When(Accept("h2"), Ana())
      .Then({R"pb(handoff_accepted { handoff_id: "h2" from: "ben" to: "ana" ping_pong: true returned_after: 2 })pb"});
}

TEST(Handoff, PingPongOfAnyLengthIsMeasured) {
  // A, B, C, A: no straight return, but a return.
  const std::string offered =
      R"pb(handoff_offered { handoff_id: "h3" from: "cleo" to: "ana" reason: "r" offered_by: "cleo" expires_at)pb" +
      At(60) + "}";
  const std::vector<std::string> by_now = {kStarted, R"pb(reassigned { from: "ana" to: "ben" })pb",
                                           R"pb(reassigned { from: "ben" to: "cleo" })pb"};
  std::vector<std::string> then = by_now;
  then.push_back(offered);
  Given<Ownership>(then).When(Accept("h3"), Ana()).Then({R"pb(handoff_accepted {
                                                                handoff_id: "h3"
                                                                from: "cleo"
                                                                to: "ana"
                                                                returned_after: 3
                                                              })pb"});
  const auto reassign = [](const std::string& to) {
    ReassignCase command{FromText<v1::ReassignCaseRequest>(R"pb(reason: "r")pb"),
                         FromText<v1::OwnershipStarted>(kOpening)};
    command.request.set_to(to);
    return command;
  };
  const std::string decided = R"pb(by: "sue" reason: "r" cause: REASSIGNMENT_CAUSE_SUPERVISOR)pb";
  Given<Ownership>(by_now)
      .When(reassign("ben"), Sue())
      .Then({"reassigned { from: \"cleo\" to: \"ben\" ping_pong: true returned_after: 2 " + decided + "}"});
  Given<Ownership>(by_now)
      .When(reassign("dan"), Sue())
      .Then({"reassigned { from: \"cleo\" to: \"dan\" " + decided + "}"});
}

TEST(Handoff, ADeclinedOrExpiredOfferKeepsTheOwner) {
  Given<Ownership> given({kStarted, kOffered});
  given.When(On<Decline>(R"pb(handoff_id: "h1" reason: "busy")pb"), Ben())
      .Then({R"pb(handoff_declined { handoff_id: "h1" by: "ben" reason: "busy" })pb"})
      .AndState([](const auto& state) {
        EXPECT_EQ(state.owner(), "ana");
        EXPECT_FALSE(state.has_handoff());
      });
  given.When(On<Decline>(R"pb(handoff_id: "h1")pb"), Ben()).ThenRefused(StatusCode::kInvalidArgument, "reason");
  given.When(On<Decline>(R"pb(handoff_id: "h1" reason: "no")pb"), Ana()).ThenRefused(StatusCode::kPermissionDenied);
  given.When(Accept("h1"), Ben(60)).ThenRefused(StatusCode::kFailedPrecondition, "expired");
}

TEST(Handoff, AnOfferExpiresOnceAndNotEarly) {
  const ExpireHandoff expire{FromText<v1::HandoffExpired>(R"pb(handoff_id: "h1")pb")};
  const runtime::Caller early = By("throughline.ownership", ROLE_SERVICE, "", Noon() + absl::Seconds(59));
  const runtime::Caller due = By("throughline.ownership", ROLE_SERVICE, "", Noon() + absl::Seconds(60));
  Given<Ownership>({kStarted, kOffered}).When(expire, early).Then({});
  Given<Ownership>({kStarted, kOffered})
      .When(expire, due)
      .Then({R"pb(handoff_expired { handoff_id: "h1" to: "ben" })pb"});
  Given<Ownership>({kStarted}).When(expire, due).Then({});
  Given<Ownership>().When(expire, due).Then({});
}

TEST(Handoff, AnOfferIsWithdrawnByWhoMadeItTheOwnerOrASupervisor) {
  Given<Ownership> given({kStarted, kOffered});
  for (const runtime::Caller& caller : {Ana(), Sue()}) {
    given.When(On<Withdraw>(R"pb(handoff_id: "h1" reason: "not needed")pb"), caller)
        .Then({R"pb(handoff_withdrawn { handoff_id: "h1" to: "ben" reason: "not needed" by: ")pb" + caller.id + "\"}"})
        .AndState([](const auto& state) {
          EXPECT_EQ(state.owner(), "ana");
          EXPECT_FALSE(state.has_handoff());
        });
  }
  const std::string by_cleo =
      R"pb(handoff_offered { handoff_id: "h1" from: "ana" to: "ben" reason: "r" offered_by: "cleo" expires_at)pb" +
      At(60) + "}";
  Given<Ownership>({kStarted, by_cleo})
      .When(On<Withdraw>(R"pb(reason: "r")pb"), By("cleo", ROLE_REP))
      .Then({R"pb(handoff_withdrawn { handoff_id: "h1" to: "ben" reason: "r" by: "cleo" })pb"});
  given.When(On<Withdraw>(R"pb(reason: "r")pb"), Ben()).ThenRefused(StatusCode::kPermissionDenied, "ana");
  given.When(On<Withdraw>(""), Ana()).ThenRefused(StatusCode::kInvalidArgument, "reason");
  given.When(On<Withdraw>(R"pb(handoff_id: "h0" reason: "r")pb"), Ana()).ThenRefused(StatusCode::kFailedPrecondition);
  given.When(On<Withdraw>(R"pb(reason: "r")pb"), Ana(60)).ThenRefused(StatusCode::kFailedPrecondition, "expired");
  Given<Ownership>({kStarted})
      .When(On<Withdraw>(R"pb(reason: "r")pb"), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "not open");
}

TEST(Reassignment, ChangesTheOwnerAtOnceAndEndsAnOffer) {
  Given<Ownership>({kStarted, kOffered})
      .When(Reassign(R"pb(to: "cleo" reason: "on leave")pb"), Sue())
      .Then({R"pb(reassigned {
                    from: "ana"
                    to: "cleo"
                    by: "sue"
                    reason: "on leave"
                    cause: REASSIGNMENT_CAUSE_SUPERVISOR
                  })pb"})
      .AndState([](const auto& state) {
        EXPECT_EQ(state.owner(), "cleo");
        EXPECT_EQ(state.previous_owner(), "ana");
        EXPECT_FALSE(state.has_handoff());
      });
}

TEST(Reassignment, NeedsAReasonAndAnotherPersonWhoIsHere) {
  Given<Ownership> given({kStarted});
  given.When(Reassign(R"pb(to: "ben")pb"), Sue()).ThenRefused(StatusCode::kInvalidArgument, "reason");
  given.When(Reassign(R"pb(reason: "r")pb"), Sue()).ThenRefused(StatusCode::kInvalidArgument, "to");
  given.When(Reassign(R"pb(to: "ana" reason: "r")pb"), Sue()).ThenRefused(StatusCode::kFailedPrecondition, "already");
  given.When(Reassign(R"pb(to: "ben" reason: "r")pb", kDeactivated), Sue())
      .ThenRefused(StatusCode::kFailedPrecondition, "gone");
  given.When(Reassign(R"pb(to: "ben" reason: "r")pb", absl::OkStatus(), true), Sue())
      .ThenRefused(StatusCode::kFailedPrecondition, "absent");
}

TEST(Deactivation, MovesACaseToThePersonAbove) {
  const runtime::Caller service = By("throughline.ownership", ROLE_SERVICE);
  Given<Ownership>({kStarted}).When(Relieve("ana"), service).Then({R"pb(reassigned {
                                                                          from: "ana"
                                                                          to: "sue"
                                                                          by: "throughline.ownership"
                                                                          reason: "ana has left"
                                                                          cause: REASSIGNMENT_CAUSE_OWNER_DEACTIVATED
                                                                        })pb"});
  Given<Ownership>({kStarted}).When(Relieve("ben"), service).Then({});
  Given<Ownership>({kStarted, "closed { resolution_code: RESOLUTION_CODE_UNCONFIRMED }"})
      .When(Relieve("ana"), service)
      .Then({});
}

TEST(Deactivation, WithdrawsAnOfferToThePerson) {
  Given<Ownership>({kStarted, kOffered})
      .When(Relieve("ben"), By("throughline.ownership", ROLE_SERVICE))
      .Then(
          {R"pb(handoff_withdrawn { handoff_id: "h1" to: "ben" by: "throughline.ownership" reason: "ben has left" })pb"});
}

TEST(Handoff, AClosedCaseCannotBeHandedOver) {
  Given<Ownership>({kStarted, "closed { resolution_code: RESOLUTION_CODE_UNCONFIRMED }"})
      .When(Offer(R"pb(to: "ben" reason: "r")pb"), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "closed");
}

TEST(Handoff, ACaseThatWasNeverOpenedIsUnknown) {
  OfferHandoff offer = Offer(R"pb(to: "ben" reason: "r")pb");
  offer.opening.Clear();
  Given<Ownership>().When(offer, Ana()).ThenRefused(StatusCode::kNotFound);
}

}  // namespace
}  // namespace throughline::ownership
