#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "services/ownership/domain/testing.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT
using absl::StatusCode;

OfferHandoff Offer(const std::string& request, bool known = true) {
  return {FromText<v1::OfferHandoffRequest>(request), FromText<v1::OwnershipStarted>(kOpening), known, absl::Hours(4)};
}
AcceptHandoff Accept(const std::string& handoff_id, std::optional<std::string> supervisor = std::nullopt) {
  AcceptHandoff command{{}, FromText<v1::OwnershipStarted>(kOpening), std::move(supervisor)};
  command.request.set_handoff_id(handoff_id);
  return command;
}
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
  given.When(Offer(R"pb(to: "bne" reason: "r")pb", false), Ana()).ThenRefused(StatusCode::kFailedPrecondition, "bne");
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
  given.When(Accept("h1", "sid"), Ben())
      .Then({R"pb(handoff_accepted { handoff_id: "h1" from: "ana" to: "ben" supervisor: "sid" })pb"})
      .AndState([](const auto& state) {
        EXPECT_EQ(state.owner(), "ben");
        EXPECT_EQ(state.supervisor(), "sid");
        EXPECT_FALSE(state.has_handoff());
      });
}

TEST(Handoff, TheSupervisorStaysIfNobodyElseIsOnDuty) {
  Given<Ownership>({kStarted, kOffered}).When(Accept("h1"), Ben()).Then({R"pb(handoff_accepted {
                                                                                handoff_id: "h1"
                                                                                from: "ana"
                                                                                to: "ben"
                                                                                supervisor: "sue"
                                                                              })pb"});
}

TEST(Handoff, BackToThePreviousOwnerIsPingPong) {
  const std::string back =
      R"pb(handoff_offered { handoff_id: "h2" from: "ben" to: "ana" reason: "r" offered_by: "ben" expires_at)pb" +
      At(60) + "}";
  Given<Ownership>({kStarted, kOffered, R"pb(handoff_accepted { handoff_id: "h1" from: "ana" to: "ben" })pb", back})
      .When(Accept("h2"), Ana())
      .Then({R"pb(handoff_accepted { handoff_id: "h2" from: "ben" to: "ana" ping_pong: true })pb"});
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
