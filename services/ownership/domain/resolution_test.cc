#include <functional>
#include <map>
#include <string>
#include <vector>

#include "services/ownership/domain/testing.h"
#include "services/ownership/domain/testing_resolution.h"

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

}  // namespace
}  // namespace throughline::ownership
