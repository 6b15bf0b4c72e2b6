#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/testing.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT
using absl::StatusCode;
using HandBack = v1::HandBackHelpRequest;
using GiveHelp = v1::KeepCommitmentRequest;

RequestHelp Ask(const std::string& request, const std::string& helper = "ben") {
  return {FromText<v1::RequestHelpRequest>(request), FromText<v1::OwnershipStarted>(kOpening), helper};
}
std::string HelpAsked(const std::string& id, const std::string& rest = "", const std::string& helper = "ben") {
  return "commitment_made { by: \"ana\" commitment { commitment_id: \"" + id +
         "\" kind: COMMITMENT_KIND_HELP owed_by: \"" + helper + "\" owed_to: \"ana\" text: \"the price\" due " +
         At(60) + rest + "} }";
}
std::string HelpEnded(const std::string& outcome, const std::string& rest, const std::string& id = "h1") {
  return "commitment_settled { commitment_id: \"" + id + "\" kind: COMMITMENT_KIND_HELP outcome: COMMITMENT_OUTCOME_" +
         outcome + " owed_by: \"ben\" due " + At(60) + rest + "}";
}
const std::string kAsked = HelpAsked("h1");
runtime::Caller Service(int64_t seconds) {
  return By("throughline.ownership", ROLE_SERVICE, "", Noon() + absl::Seconds(seconds));
}

TEST(Help, IsAskedOfAPersonAndTheOwnerStays) {
  Given<Ownership>({kStarted})
      .When(Ask(R"pb(to: "ben" text: "the price" due)pb" + At(60)), Ana())
      .Then({HelpAsked(runtime::DerivedId(Ana(), "help"))})
      .AndState([](const auto& state) { EXPECT_EQ(state.owner(), "ana"); });
  Given<Ownership>()
      .When(Ask(R"pb(team: "prices" text: "the price" due)pb" + At(60)), Ana())
      .Then({kStarted, HelpAsked(runtime::DerivedId(Ana(), "help"), R"pb(team: "prices")pb")});
}

TEST(Help, IsAskedByTheOwnerOrASupervisorOfSomebodyWhoCanHelp) {
  Given<Ownership> given({kStarted});
  const std::string good = R"pb(to: "ben" text: "t" due)pb" + At(60);
  given.When(Ask(good), Ben()).ThenRefused(StatusCode::kPermissionDenied, "ana");
  EXPECT_TRUE(Ownership::Decide(given.state(), Ask(good), Sue()).ok());
  const auto bad = [&](const std::string& request, const std::string& field) {
    given.When(Ask(request), Ana()).ThenRefused(StatusCode::kInvalidArgument, field);
  };
  bad(R"pb(text: "t" due)pb" + At(60), "to is not set");
  bad(R"pb(to: "ben" team: "prices" text: "t" due)pb" + At(60), "team is given besides");
  bad(R"pb(to: "ben" due)pb" + At(60), "text");
  bad(R"pb(to: "ben" text: "t" due)pb" + At(0), "due");
  given.When(Ask(R"pb(to: "ana" text: "t" due)pb" + At(60), "ana"), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "owns the case already");
  given.When(Ask(R"pb(team: "prices" text: "t" due)pb" + At(60), ""), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "nobody of team `prices`");
  RequestHelp absent = Ask(good);
  absent.absent = true;
  given.When(absent, Ana()).ThenRefused(StatusCode::kFailedPrecondition, "absent");
  RequestHelp gone = Ask(good);
  gone.person = absl::FailedPreconditionError("deactivated");
  given.When(gone, Ana()).ThenRefused(StatusCode::kFailedPrecondition, "deactivated");
  Given<Ownership>({kStarted, "closed { }"})
      .When(Ask(good), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "closed");
}

TEST(Help, CountsAgainstTheLimitWhileItIsOpen) {
  std::vector<std::string> events = {kStarted};
  for (int i = 0; i < kMaxOpenCommitments; ++i) events.push_back(HelpAsked("h" + std::to_string(i)));
  Given<Ownership>(events)
      .When(Ask(R"pb(to: "ben" text: "t" due)pb" + At(60)), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "100");
}

TEST(Help, IsGivenWithWhatChangedByWhoeverWasAskedTheOwnerOrASupervisor) {
  Given<Ownership> given({kStarted, kAsked});
  const auto keep = On<GiveHelp>(R"pb(commitment_id: "h1" evidence: "it is 12")pb");
  given.When(keep, Ben(60)).Then({HelpEnded("KEPT", R"pb(by: "ben" evidence: "it is 12")pb")});
  given.When(keep, Ana()).Then({HelpEnded("KEPT", R"pb(by: "ana" evidence: "it is 12")pb")});
  given.When(keep, Sue()).Then({HelpEnded("KEPT", R"pb(by: "sue" evidence: "it is 12")pb")});
  given.When(keep, By("tom", ROLE_REP)).ThenRefused(StatusCode::kPermissionDenied, "ana");
  given.When(keep, By("ben", ROLE_SERVICE)).ThenRefused(StatusCode::kPermissionDenied, "ana");
  given.When(On<GiveHelp>(R"pb(commitment_id: "h1")pb"), Ben()).ThenRefused(StatusCode::kInvalidArgument, "evidence");
  given.When(keep, Ben(61)).ThenRefused(StatusCode::kFailedPrecondition, "has passed");
  // Whoever was asked may say so again.
  Given<Ownership>({kStarted, kAsked, HelpEnded("KEPT", "")}).When(keep, Ben()).Then({});
}

TEST(Help, IsHandedBackWithAReasonByWhoeverWasAsked) {
  Given<Ownership> given({kStarted, kAsked});
  const auto back = On<HandBack>(R"pb(commitment_id: "h1" reason: "not ours")pb");
  const std::string returned = HelpEnded("RETURNED", R"pb(by: "ben" evidence: "not ours")pb");
  given.When(back, Ben()).Then({returned}).AndState([](const auto& state) {
    EXPECT_EQ(state.owner(), "ana");
    EXPECT_EQ(FindOpen(state.ledger(), "h1"), nullptr);
  });
  given.When(back, Sue()).Then({HelpEnded("RETURNED", R"pb(by: "sue" evidence: "not ours")pb")});
  given.When(back, Ana()).ThenRefused(StatusCode::kPermissionDenied, "WithdrawCommitment");
  given.When(On<HandBack>(R"pb(commitment_id: "h1" reason: " ")pb"), Ben())
      .ThenRefused(StatusCode::kInvalidArgument, "reason");
  given.When(back, Ben(60)).ThenRefused(StatusCode::kFailedPrecondition, "has passed");
  given.When(On<HandBack>(R"pb(commitment_id: "h2" reason: "r")pb"), Ben()).ThenRefused(StatusCode::kNotFound, "help");
  given.When(On<HandBack>(R"pb(commitment_id: "c1" reason: "r")pb"), Sue()).ThenRefused(StatusCode::kNotFound, "help");
  Given<Ownership> over({kStarted, kAsked, returned});
  over.When(back, Ben()).Then({});
  over.When(On<GiveHelp>(R"pb(commitment_id: "h1" evidence: "e")pb"), Ben())
      .ThenRefused(StatusCode::kFailedPrecondition, "handed back");
  Given<Ownership>({kStarted, kAsked, HelpEnded("KEPT", "")})
      .When(back, Ben())
      .ThenRefused(StatusCode::kFailedPrecondition, "kept");
}

TEST(Help, GoesBackByItselfAtItsDueTime) {
  CommitmentDue due{FromText<v1::CommitmentSettled>(R"pb(commitment_id: "h1" above: "sue")pb"),
                    FromText<v1::OwnershipStarted>(kOpening)};
  Given<Ownership> given({kStarted, kAsked});
  given.When(due, Service(59)).Then({});
  given.When(due, Service(60)).Then({HelpEnded("BROKEN", R"pb(by: "throughline.ownership" above: "sue")pb")});
  Given<Ownership>({kStarted, kAsked, HelpEnded("RETURNED", "")}).When(due, Service(60)).Then({});
}

TEST(Help, IsTheOwnersToWithdrawAndToMove) {
  Given<Ownership> given({kStarted, kAsked});
  const auto withdraw = On<v1::WithdrawCommitmentRequest>(R"pb(commitment_id: "h1" reason: "solved")pb");
  const auto move = On<v1::RenegotiateCommitmentRequest>(R"pb(commitment_id: "h1" reason: "r" new_due)pb" + At(90));
  given.When(withdraw, Ben()).ThenRefused(StatusCode::kFailedPrecondition, "HandBackHelp");
  given.When(move, Ben()).ThenRefused(StatusCode::kFailedPrecondition, "HandBackHelp");
  given.When(withdraw, Ana()).Then({HelpEnded("WITHDRAWN", R"pb(by: "ana" evidence: "solved")pb")});
  given.When(move, Ana()).AndState([](const auto& state) {
    EXPECT_EQ(runtime::FromProto(FindOpen(state.ledger(), "h1")->due()), Noon() + absl::Seconds(90));
  });
}

TEST(Help, StaysWhenTheCaseIsReassignedAndEndsWhenItIsClosed) {
  Given<Ownership> given({kStarted, kAsked});
  given
      .When(ReassignCase{FromText<v1::ReassignCaseRequest>(R"pb(to: "tom" reason: "r")pb"),
                         FromText<v1::OwnershipStarted>(kOpening)},
            Sue())
      .AndState([](const auto& state) {
        EXPECT_EQ(state.owner(), "tom");
        EXPECT_EQ(FindOpen(state.ledger(), "h1")->owed_by(), "ben");
      });
  given.When(On<v1::CloseCaseRequest>(R"pb(reason: "r" options_offered: "o")pb"), Ana())
      .Then({UpdateEnds("ana"), HelpEnded("WITHDRAWN", R"pb(by: "ana" evidence: "the case was closed")pb"),
             R"pb(closed {
                    by: "ana"
                    resolution_code: RESOLUTION_CODE_UNCONFIRMED
                    reason: "r"
                    options_offered: "o"
                    last_interaction_seen: "c1"
                  })pb"});
}

TEST(Help, IsHandedBackForWhoeverIsDeactivated) {
  const RelievePerson gone{FromText<v1::CaseReassigned>(R"pb(from: "ben" to: "sue" reason: "`ben` was deactivated")pb"),
                           FromText<v1::OwnershipStarted>(kOpening)};
  const std::string why = R"pb(by: "throughline.ownership" evidence: "`ben` was deactivated")pb";
  const std::string withdrawn = R"pb(handoff_withdrawn {
                                       handoff_id: "o1"
                                       to: "ben"
                                       by: "throughline.ownership"
                                       reason: "`ben` was deactivated"
                                     })pb";
  const std::string offered = R"pb(handoff_offered { handoff_id: "o1" to: "ben" expires_at)pb" + At(60) + "}";
  Given<Ownership>({kStarted, kAsked, HelpAsked("h2"), HelpAsked("h3", "", "tom")})
      .When(gone, Service(1))
      .Then({HelpEnded("RETURNED", why), HelpEnded("RETURNED", why, "h2")});
  Given<Ownership>({kStarted, kAsked, offered}).When(gone, Service(1)).Then({HelpEnded("RETURNED", why), withdrawn});
  // Past its due time it went back by itself, whatever comes first.
  Given<Ownership>({kStarted, kAsked})
      .When(gone, Service(60))
      .Then({HelpEnded("BROKEN", R"pb(by: "throughline.ownership")pb")});
  Given<Ownership>({kStarted}).When(gone, Service(1)).Then({});
}

TEST(Help, MovesWithAMergedCase) {
  MergeCase merge{FromText<v1::MergeCasesRequest>(R"pb(reason: "one")pb"), FromText<v1::OwnershipStarted>(kOpening),
                  FromText<v1::OwnershipStarted>(R"pb(case_id: "c0" customer_id: "kim")pb"), "ana"};
  auto moved = Ownership::Decide(Given<Ownership>({kStarted, kAsked}).state(), merge, Ana());
  ASSERT_TRUE(moved.ok()) << moved.status();
  AbsorbCase absorb{moved->back().merged(), "c1", FromText<v1::OwnershipStarted>(kOpening)};
  Given<Ownership>({kStarted}).When(absorb, Service(1)).AndState([](const auto& state) {
    const v1::Commitment* help = FindOpen(state.ledger(), "h1");
    ASSERT_NE(help, nullptr);
    EXPECT_EQ(help->owed_by(), "ben");
  });
}

}  // namespace
}  // namespace throughline::ownership
