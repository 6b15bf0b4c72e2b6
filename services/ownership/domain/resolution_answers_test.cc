// What the customer makes of a proposed resolution: an answer of their own, or none at all.

#include <string>

#include "absl/strings/escaping.h"
#include "absl/time/time.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/testing.h"
#include "services/ownership/domain/testing_resolution.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT
using absl::StatusCode;
using Propose = v1::ProposeResolutionRequest;

constexpr char kCode[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
std::string ProposedWithCode() {
  v1::OwnershipEvent event = FromText<v1::OwnershipEvent>(kProposed);
  event.mutable_resolution_proposed()->set_code_sha256(absl::HexStringToBytes(kCode));
  return event.ShortDebugString();
}
OnCase<v1::AnswerResolutionRequest> Answer(const std::string& code, const std::string& rest) {
  return On<v1::AnswerResolutionRequest>("code: \"" + code + "\" " + rest);
}
const runtime::Caller kWeb = By("web", ROLE_SERVICE);

TEST(Answer, WithTheCodeConfirmsOnce) {
  const Given<Ownership> given({kStarted, ProposedWithCode()});
  given.When(Answer(kCode, "confirmed: true"), kWeb).Then({R"pb(resolution_confirmed {
                                                                  by: "web"
                                                                  evidence: "confirmed with the one-time code"
                                                                  method: ANSWER_METHOD_CODE
                                                                  last_interaction_seen: "c1"
                                                                })pb"});
  std::string wrong = kCode;
  wrong.back() = '0';
  for (const std::string& code : {wrong, wrong.substr(1), std::string("x")}) {
    const auto decision = Ownership::Decide(given.state(), Answer(code, "confirmed: true"), kWeb);
    EXPECT_EQ(decision.status().code(), StatusCode::kPermissionDenied);
    EXPECT_EQ(runtime::ReasonOf(decision.status()), "CODE_WRONG");
  }
  // Used, replaced by another proposal, or none was made.
  Given<Ownership>({kStarted, ProposedWithCode(), kConfirmed})
      .When(Answer(kCode, "confirmed: true"), kWeb)
      .ThenRefused(StatusCode::kFailedPrecondition);
  Given<Ownership>({kStarted, ProposedWithCode(), kProposed})
      .When(Answer(kCode, "confirmed: true"), kWeb)
      .ThenRefused(StatusCode::kPermissionDenied);
  Given<Ownership>({kStarted, ProposedWithCode(), R"pb(resolution_rejected {})pb", kProposed})
      .When(Answer(kCode, "confirmed: true"), kWeb)
      .ThenRefused(StatusCode::kPermissionDenied);
}

OnCase<v1::AnswerResolutionRequest> OnPage(const std::string& proposal, const std::string& rest) {
  auto command = On<v1::AnswerResolutionRequest>("known_by: \"the page of order SO-1, link l1\" " + rest);
  command.request.set_proposal_sha256(crypto::Sha256(proposal));
  return command;
}

TEST(Answer, OnThePageThatASystemOfOursShows) {
  const std::string text = FromText<v1::OwnershipEvent>(kProposed).resolution_proposed().text();
  const Given<Ownership> given({kStarted, kProposed});
  given.When(OnPage(text, "confirmed: true"), kWeb)
      .Then({R"pb(resolution_confirmed {
                    by: "web"
                    evidence: "confirmed on the page of order SO-1, link l1"
                    method: ANSWER_METHOD_PAGE
                    last_interaction_seen: "c1"
                  })pb"});
  given.When(OnPage(text, R"pb(words: "cold again")pb"), kWeb).AndState([](const auto& state) {
    EXPECT_EQ(state.status(), v1::CASE_STATUS_OPEN);
    EXPECT_TRUE(state.has_unanswered());
  });
  given.When(OnPage(text, ""), kWeb).ThenRefused(StatusCode::kInvalidArgument, "words");
  const auto refused = [&](const OnCase<v1::AnswerResolutionRequest>& answer, const runtime::Caller& caller) {
    return runtime::ReasonOf(Ownership::Decide(given.state(), answer, caller).status());
  };
  EXPECT_EQ(refused(OnPage("something else", "confirmed: true"), kWeb), "PROPOSAL_CHANGED");
  EXPECT_EQ(refused(OnPage(text, "confirmed: true"), By("ana", ROLE_REP)), "SYSTEMS_ONLY");
  given.When(OnPage(text, "code: \"x\" confirmed: true"), kWeb).ThenRefused(StatusCode::kInvalidArgument, "code");
  auto short_digest = OnPage(text, "confirmed: true");
  short_digest.request.set_proposal_sha256("x");
  given.When(short_digest, kWeb).ThenRefused(StatusCode::kInvalidArgument, "proposal_sha256");
  Given<Ownership>({kStarted}).When(OnPage(text, "confirmed: true"), kWeb).ThenRefused(StatusCode::kFailedPrecondition);
}

TEST(Answer, ARejectionWithTheCodeNeedsWordsWhichWaitForAnAnswer) {
  const Given<Ownership> given({kStarted, ProposedWithCode()});
  given.When(Answer(kCode, ""), kWeb).ThenRefused(StatusCode::kInvalidArgument, "words");
  given.When(Answer(kCode, R"pb(words: "cold again")pb"), kWeb).AndState([](const auto& state) {
    EXPECT_EQ(state.status(), v1::CASE_STATUS_OPEN);
    EXPECT_TRUE(state.has_unanswered());
    EXPECT_NE(FindOpen(state.ledger(), v1::COMMITMENT_KIND_REPLY), nullptr);
  });
}

TEST(Answer, ACodesDigestHas32Bytes) {
  auto propose = On<Propose>(R"pb(text: "t")pb");
  propose.request.set_code_sha256("too short");
  Given<Ownership>({kStarted}).When(propose, Ana()).ThenRefused(StatusCode::kInvalidArgument, "code_sha256");
}

const runtime::Caller kService = By("throughline.ownership", ROLE_SERVICE);
runtime::Caller Later(absl::Duration time) {
  runtime::Caller caller = kService;
  caller.time += time;
  return caller;
}
const ResolutionUnanswered kSilence{FromText<v1::ResolutionProposed>(R"pb(text: "new valve")pb")};
constexpr auto kWeek = absl::Hours(168), kDay = absl::Hours(24);

// Proposed at noon.
v1::OwnershipState Proposed() {
  v1::OwnershipState state = Given<Ownership>({kStarted}).state();
  const ProposeResolution propose(On<Propose>(R"pb(text: "new valve")pb"),
                                  Silence{Noon() + kWeek - kDay, Noon() + kWeek, "office"});
  const auto events = Ownership::Decide(state, propose, Ana());
  for (const auto& event : *events) Ownership::Evolve(state, event);
  return state;
}
Ownership::Decision After(v1::OwnershipState& state, absl::Duration time) {
  auto events = Ownership::Decide(state, kSilence, Later(time));
  for (const auto& event : *events) Ownership::Evolve(state, event);
  return events;
}

TEST(Silence, IsAnnouncedAndThenClosesUnconfirmed) {
  v1::OwnershipState state = Proposed();
  EXPECT_TRUE(After(state, kWeek - kDay - absl::Seconds(1))->empty());
  const auto announced = After(state, kWeek - kDay);
  ASSERT_EQ(announced->size(), 1u);
  EXPECT_EQ(runtime::FromProto(announced->at(0).closing_announced().closes_at()), Noon() + kWeek);
  EXPECT_TRUE(After(state, kWeek - absl::Seconds(1))->empty());
  const auto closed = After(state, kWeek);
  ASSERT_FALSE(closed->empty());
  EXPECT_EQ(closed->back().closed().ShortDebugString(),
            FromText<v1::CaseClosed>(R"pb(by: "throughline.ownership"
                                          resolution_code: RESOLUTION_CODE_UNCONFIRMED
                                          reason: "the customer did not answer the proposed resolution"
                                          options_offered: "new valve"
                                          last_interaction_seen: "c1")pb")
                .ShortDebugString());
  EXPECT_EQ(state.status(), v1::CASE_STATUS_CLOSED_UNCONFIRMED);
}

TEST(Silence, ClosesNothingBeforeItWasAnnouncedLongEnough) {
  v1::OwnershipState state = Proposed();
  const absl::Duration late = kWeek + absl::Hours(50);  // the service was down until then
  const auto announced = After(state, late);
  ASSERT_EQ(announced->size(), 1u);
  EXPECT_EQ(runtime::FromProto(announced->at(0).closing_announced().closes_at()), Noon() + late + kDay);
  EXPECT_TRUE(After(state, late + kDay - absl::Seconds(1))->empty());
  EXPECT_FALSE(After(state, late + kDay)->empty());
}

TEST(Silence, EndsWithAnyAnswerAndIsNoneWhileTheCustomerWaits) {
  for (const char* event :
       {kConfirmed, R"pb(resolution_rejected {})pb", R"pb(confirmation_taken_back {})pb", kClosed}) {
    v1::OwnershipState state = Proposed();
    Ownership::Evolve(state, FromText<v1::OwnershipEvent>(event));
    EXPECT_TRUE(After(state, kWeek * 2)->empty()) << event;
  }
  v1::OwnershipState state = Proposed();
  ASSERT_TRUE(After(state, kWeek - kDay).ok());
  state.mutable_unanswered()->set_interaction_id("i1");
  const auto postponed = After(state, kWeek);
  ASSERT_EQ(postponed->size(), 1u);
  EXPECT_EQ(runtime::FromProto(postponed->at(0).closing_announced().closes_at()), Noon() + kWeek + kDay);
}

TEST(Silence, ClosesNothingWhereItIsNotConfigured) {
  v1::OwnershipState state = Given<Ownership>({kStarted}).state();
  const auto events = Ownership::Decide(state, ProposeResolution(On<Propose>(R"pb(text: "new valve")pb")), Ana());
  for (const auto& event : *events) Ownership::Evolve(state, event);
  EXPECT_TRUE(After(state, kWeek * 100)->empty());
}

TEST(Silence, WithdrawsAnOpenOffer) {
  v1::OwnershipState state = Proposed();
  ASSERT_TRUE(After(state, kWeek - kDay).ok());
  Ownership::Evolve(state, FromText<v1::OwnershipEvent>(R"pb(handoff_offered {
                                                               handoff_id: "h1"
                                                               to: "ben"
                                                               expires_at { seconds: 9000000000 }
                                                             })pb"));
  EXPECT_EQ(After(state, kWeek)->front().handoff_withdrawn().handoff_id(), "h1");
}

TEST(Confirmation, IsRequestedOncePerNoticeAndNotOfClosedCases) {
  const RequestConfirmation request{FromText<v1::ConfirmationRequested>(R"pb(notice_id: "n1")pb"),
                                    FromText<v1::OwnershipStarted>(kOpening)};
  const auto reactor = By("throughline.ownership", ROLE_SERVICE);
  const std::string requested = R"pb(confirmation_requested { notice_id: "n1" })pb";
  Given<Ownership>().When(request, reactor).Then({kStarted, requested});
  Given<Ownership>({kStarted, requested}).When(request, reactor).Then({});
  Given<Ownership>({kStarted, kClosed}).When(request, reactor).Then({});
}

}  // namespace
}  // namespace throughline::ownership
