#include <functional>
#include <map>

#include "absl/strings/escaping.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/testing.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT
using absl::StatusCode;
using WorkNote = v1::AddWorkNoteRequest;
using Propose = v1::ProposeResolutionRequest;
using Confirm = v1::ConfirmResolutionRequest;
using Reject = v1::RejectResolutionRequest;
using Close = v1::CloseCaseRequest;

ReopenCase Again(const std::string& request, const std::string& gone = "") {
  return {FromText<v1::ReopenCaseRequest>(request), FromText<v1::OwnershipStarted>(kOpening), gone, "sue"};
}

constexpr char kProposed[] = R"pb(resolution_proposed { by: "ana" text: "new valve" })pb";
constexpr char kConfirmed[] = R"pb(resolution_confirmed {
                                     by: "ana"
                                     evidence: "kim: it is warm"
                                     method: ANSWER_METHOD_RECORDED
                                     last_interaction_seen: "c1"
                                   })pb";
constexpr char kClosed[] = R"pb(closed { by: "ana" resolution_code: RESOLUTION_CODE_CONFIRMED })pb";

TEST(WorkNote, AnyRepAddsOneAndTheOwnerStays) {
  Given<Ownership>()
      .When(On<WorkNote>(R"pb(text: "looked")pb"), Ben())
      .Then({kStarted, R"pb(work_note_added { by: "ben" text: "looked" })pb"})
      .AndState([](const auto& state) { EXPECT_EQ(state.owner(), "ana"); });
}

TEST(WorkNote, WaitingForSomebodyNeedsOurNextActionAndItsDate) {
  Given<Ownership> given({kStarted});
  given.When(On<WorkNote>(R"pb(text: "asked" waiting_on: "acme")pb"), Ana())
      .ThenRefused(StatusCode::kInvalidArgument, "next_action");
  given.When(On<WorkNote>(R"pb(text: "asked" waiting_on: "acme" next_action: "ask again")pb"), Ana())
      .ThenRefused(StatusCode::kInvalidArgument, "next_action_due");
  given.When(On<WorkNote>(R"pb(text: "asked" next_action: "ask" next_action_due)pb" + At(-1)), Ana())
      .ThenRefused(StatusCode::kInvalidArgument, "passed");
  given.When(On<WorkNote>(R"pb(text: "asked" next_action_due)pb" + At(60)), Ana())
      .ThenRefused(StatusCode::kInvalidArgument, "next_action ");
  given
      .When(On<WorkNote>(R"pb(text: "asked" waiting_on: "acme" next_action: "ask again" next_action_due)pb" + At(60)),
            Ana())
      .Then(
          {R"pb(work_note_added { by: "ana" text: "asked" waiting_on: "acme" next_action: "ask again" next_action_due)pb" +
               At(60) + " next_action_commitment_id: \"" + runtime::DerivedId(Ana(), "next-action") + "\" }",
           R"pb(commitment_made { by: "ana"
                                  commitment { kind: COMMITMENT_KIND_NEXT_ACTION owed_to: "kim" text: "ask again" due)pb" +
               At(60) + " commitment_id: \"" + runtime::DerivedId(Ana(), "next-action") + "\" } }"});
  given.When(On<WorkNote>(""), Ana()).ThenRefused(StatusCode::kInvalidArgument, "text");
}

TEST(Resolution, IsProposedByTheOwnerAndConfirmedByTheCustomer) {
  Given<Ownership>({kStarted})
      .When(ProposeResolution(On<Propose>(R"pb(text: "new valve")pb")), Ana())
      .Then({kProposed});
  Given<Ownership>({kStarted}).When(On<Propose>(R"pb(text: "x")pb"), Ben()).ThenRefused(StatusCode::kPermissionDenied);
  Given<Ownership>({kStarted}).When(On<Propose>(""), Ana()).ThenRefused(StatusCode::kInvalidArgument, "text");
  Given<Ownership>({kStarted, kProposed})
      .When(On<Confirm>(R"pb(evidence: "kim: it is warm")pb"), Ana())
      .Then({kConfirmed})
      .AndState([](const auto& state) { EXPECT_EQ(state.status(), v1::CASE_STATUS_RESOLVED_CONFIRMED); });
}

TEST(Resolution, IsNotConfirmedWithoutEvidenceOrAProposal) {
  Given<Ownership>({kStarted, kProposed})
      .When(On<Confirm>(""), Ana())
      .ThenRefused(StatusCode::kInvalidArgument, "evidence");
  Given<Ownership>({kStarted, kProposed})
      .When(On<Confirm>(R"pb(evidence: "e")pb"), Ben())
      .ThenRefused(StatusCode::kPermissionDenied);
  Given<Ownership>({kStarted})
      .When(On<Confirm>(R"pb(evidence: "e")pb"), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "propose");
  Given<Ownership>({kStarted, kProposed, kConfirmed}).When(On<Confirm>(R"pb(evidence: "e")pb"), Ana()).Then({});
  Given<Ownership>({kStarted, kProposed, kConfirmed})
      .When(On<Propose>(R"pb(text: "x")pb"), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "confirmed");
}

TEST(Resolution, ARejectionMakesTheCaseOpenAgain) {
  const auto open = [](const v1::OwnershipState& state) { EXPECT_EQ(state.status(), v1::CASE_STATUS_OPEN); };
  const auto reject = On<Reject>(R"pb(reason: "cold again")pb");
  const std::string rejected =
      R"pb(resolution_rejected { by: "ben" reason: "cold again" method: ANSWER_METHOD_RECORDED })pb";
  Given<Ownership>({kStarted, kProposed}).When(reject, Ben()).Then({rejected}).AndState(open);
  Given<Ownership>({kStarted, kProposed, kConfirmed}).When(reject, Ben()).Then({rejected}).AndState(open);
  Given<Ownership>({kStarted}).When(reject, Ben()).ThenRefused(StatusCode::kFailedPrecondition);
  Given<Ownership>({kStarted, kProposed})
      .When(On<Reject>(""), Ben())
      .ThenRefused(StatusCode::kInvalidArgument, "reason");
}

TEST(Closing, IsConfirmedOnlyAfterTheCustomerConfirmed) {
  Given<Ownership>({kStarted, kProposed, kConfirmed})
      .When(On<Close>(""), Ana())
      .Then({UpdateEnds("ana"),
             R"pb(closed { by: "ana" resolution_code: RESOLUTION_CODE_CONFIRMED last_interaction_seen: "c1" })pb"})
      .AndState([](const auto& state) { EXPECT_EQ(state.status(), v1::CASE_STATUS_CLOSED_CONFIRMED); });
  for (const auto& events : {std::vector<std::string>{kStarted}, {kStarted, kProposed}}) {
    Given<Ownership>(events)
        .When(On<Close>(R"pb(reason: "no part exists" options_offered: "refund")pb"), Sue())
        .Then({UpdateEnds("sue"), R"pb(closed {
                                         by: "sue"
                                         last_interaction_seen: "c1"
                                         resolution_code: RESOLUTION_CODE_UNCONFIRMED
                                         reason: "no part exists"
                                         options_offered: "refund"
                                       })pb"})
        .AndState([](const auto& state) { EXPECT_EQ(state.status(), v1::CASE_STATUS_CLOSED_UNCONFIRMED); });
  }
}

TEST(Closing, WithoutConfirmationNeedsAReasonAndOptions) {
  Given<Ownership> given({kStarted});
  given.When(On<Close>(R"pb(options_offered: "refund")pb"), Ana()).ThenRefused(StatusCode::kInvalidArgument, "reason");
  given.When(On<Close>(R"pb(reason: "no part")pb"), Ana()).ThenRefused(StatusCode::kInvalidArgument, "options_offered");
  given.When(On<Close>(R"pb(reason: "no part" options_offered: "")pb"), Ana())
      .ThenRefused(StatusCode::kInvalidArgument, "options_offered[0]");
}

TEST(Closing, IsForTheOwnerOrASupervisorOnly) {
  const auto close = On<Close>(R"pb(reason: "r" options_offered: "o")pb");
  Given<Ownership>({kStarted}).When(close, Ben()).ThenRefused(StatusCode::kPermissionDenied, "ana");
  Given<Ownership>({kStarted}).When(close, By("web", ROLE_SERVICE)).ThenRefused(StatusCode::kPermissionDenied);
  Given<Ownership>({kStarted})
      .When(close, By("root", common::v1::ROLE_ADMIN))
      .ThenRefused(StatusCode::kPermissionDenied);
  Given<Ownership>({kStarted, kClosed}).When(close, Ana()).ThenRefused(StatusCode::kFailedPrecondition, "reopen");
}

TEST(Closing, WaitsForAnOpenOffer) {
  const std::string offered =
      R"pb(handoff_offered { handoff_id: "h1" from: "ana" to: "ben" expires_at)pb" + At(60) + "}";
  const auto close = On<Close>(R"pb(reason: "r" options_offered: "o")pb");
  Given<Ownership>({kStarted, offered}).When(close, Ana()).ThenRefused(StatusCode::kFailedPrecondition, "ben");
  Given<Ownership>({kStarted, offered})
      .When(close, Ana(60))
      .Then({R"pb(handoff_expired { handoff_id: "h1" to: "ben" })pb", UpdateEnds("ana"),
             R"pb(closed {
                    last_interaction_seen: "c1"
                    by: "ana"
                    resolution_code: RESOLUTION_CODE_UNCONFIRMED
                    reason: "r"
                    options_offered: "o"
                  })pb"});
}

// Whoever proposes, confirms, closes, promises, settles or acknowledges is the owner or a supervisor, on every path.
TEST(Settling, IsForTheOwnerAndSupervisorsWhateverTheCommand) {
  const std::string soon = At(60);
  const std::string promise =
      R"pb(commitment_made { commitment { commitment_id: "p1" kind: COMMITMENT_KIND_PROMISE due)pb" + soon + "} }";
  const Given<Ownership> open({kStarted, promise}), proposed({kStarted, promise, kProposed});
  using Decide = std::function<Ownership::Decision(const runtime::Caller&)>;
  const auto with = [](const Given<Ownership>& given, auto command) -> Decide {
    return [&given, command](const runtime::Caller& who) { return Ownership::Decide(given.state(), command, who); };
  };
  const std::map<std::string, Decide> commands = {
      {"MakePromise", with(open, On<v1::MakePromiseRequest>(R"pb(text: "t" due)pb" + soon))},
      {"KeepPromise", with(open, On<v1::KeepPromiseRequest>(R"pb(promise_id: "p1" evidence: "e")pb"))},
      {"RenegotiatePromise",
       with(open, On<v1::RenegotiatePromiseRequest>(R"pb(promise_id: "p1" reason: "r" new_due)pb" + soon))},
      {"KeepCommitment", with(open, On<v1::KeepCommitmentRequest>(R"pb(commitment_id: "p1" evidence: "e")pb"))},
      {"RenegotiateCommitment",
       with(open, On<v1::RenegotiateCommitmentRequest>(R"pb(commitment_id: "p1" reason: "r" new_due)pb" + soon))},
      {"WithdrawCommitment", with(open, On<v1::WithdrawCommitmentRequest>(R"pb(commitment_id: "p1" reason: "r")pb"))},
      {"AcknowledgeInteraction", with(open, On<v1::InteractionAcknowledged>(R"pb(interaction_id: "c1")pb"))},
      {"ProposeResolution", with(open, On<Propose>(R"pb(text: "t")pb"))},
      {"ConfirmResolution", with(proposed, On<Confirm>(R"pb(evidence: "e")pb"))},
      {"CloseCase", with(open, On<Close>(R"pb(reason: "r" options_offered: "o")pb"))},
      {"MergeCases",
       with(open,
            MergeCase{FromText<v1::MergeCasesRequest>(R"pb(reason: "r")pb"), FromText<v1::OwnershipStarted>(kOpening),
                      FromText<v1::OwnershipStarted>(R"pb(case_id: "c0" customer_id: "kim")pb"), "cleo"})},
  };
  using common::v1::Role;
  for (const auto& [name, decide] : commands) {
    for (int role = common::v1::Role_MIN; role <= common::v1::Role_MAX; ++role) {
      for (const char* who : {"ana", "ben"}) {
        const bool may = role == ROLE_SUPERVISOR || (role == ROLE_REP && who == std::string("ana"));
        const auto decision = decide(By(who, static_cast<Role>(role)));
        EXPECT_EQ(decision.ok(), may) << name << " by " << who << " as "
                                      << common::v1::Role_Name(static_cast<Role>(role)) << ": " << decision.status();
        if (!may) EXPECT_EQ(runtime::ReasonOf(decision.status()), "NOT_OWNER") << name;
      }
    }
  }
}

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

TEST(Reopening, KeepsTheOwner) {
  Given<Ownership>({kStarted, kProposed, kConfirmed, kClosed})
      .When(Again(R"pb(reason: "cold again")pb"), Ben())
      .Then({R"pb(reopened { by: "ben" reason: "cold again" })pb", UpdateMade(Ben())})
      .AndState([](const auto& state) {
        EXPECT_EQ(state.status(), v1::CASE_STATUS_OPEN);
        EXPECT_EQ(state.owner(), "ana");
      });
  Given<Ownership>({kStarted}).When(Again(R"pb(reason: "r")pb"), Ben()).ThenRefused(StatusCode::kFailedPrecondition);
  Given<Ownership>({kStarted, kClosed}).When(Again(""), Ben()).ThenRefused(StatusCode::kInvalidArgument, "reason");
}

TEST(Reopening, GivesTheCaseOfADeactivatedOwnerToThePersonAbove) {
  Given<Ownership>({kStarted, kClosed})
      .When(Again(R"pb(reason: "cold again")pb", "ana"), Ben())
      .Then({R"pb(reopened { by: "ben" reason: "cold again" })pb", UpdateMade(Ben()),
             R"pb(reassigned {
                    from: "ana"
                    to: "sue"
                    by: "ben"
                    reason: "the owner was deactivated"
                    cause: REASSIGNMENT_CAUSE_OWNER_DEACTIVATED
                  })pb"});
  // The owner changed since the fact was looked up.
  Given<Ownership>({kStarted, kClosed})
      .When(Again(R"pb(reason: "cold again")pb", "cleo"), Ben())
      .Then({R"pb(reopened { by: "ben" reason: "cold again" })pb", UpdateMade(Ben())});
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
