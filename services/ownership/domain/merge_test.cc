#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/testing.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT
using absl::StatusCode;

const std::string kOwed =
    R"pb(commitment_made {
           commitment { commitment_id: "p1" kind: COMMITMENT_KIND_PROMISE owed_to: "kim" text: "call back" due)pb" +
    At(60) + "} }";
constexpr char kWaits[] =
    R"pb(interaction_noted { interaction_id: "i1" inbound: true latest: true customer_waits: true })pb";
constexpr char kMerged[] = R"pb(merged { into_case_id: "c0" })pb";
const runtime::Caller kMerging = By("throughline.ownership", ROLE_SERVICE);

MergeCase Merge(const std::string& into_owner = "cleo") {
  return {FromText<v1::MergeCasesRequest>(R"pb(case_id: "c1" other_case_id: "c0" reason: "the same boiler")pb"),
          FromText<v1::OwnershipStarted>(kOpening),
          FromText<v1::OwnershipStarted>(R"pb(case_id: "c0" customer_id: "kim")pb"), into_owner};
}
AbsorbCase Absorb(const std::string& merged) {
  return {FromText<v1::CaseMerged>(R"pb(into_case_id: "c1" by: "ana" reason: "the same boiler")pb" + merged), "c2",
          FromText<v1::OwnershipStarted>(kOpening)};
}

TEST(Merging, MovesWhatIsOwedAndEndsTheNextUpdate) {
  Given<Ownership>({kStarted, kOwed, kWaits})
      .When(Merge(), Ana())
      .Then({UpdateEnds("ana", "the case was merged"),
             R"pb(merged { into_case_id: "c0" by: "ana" reason: "the same boiler" unanswered_interaction_id: "i1"
                           unanswered_since {}
                           moved { commitment_id: "p1" kind: COMMITMENT_KIND_PROMISE owed_to: "kim"
                                   text: "call back" due)pb" +
                 At(60) + "} }"})
      .AndState([](const auto& state) {
        EXPECT_EQ(state.status(), v1::CASE_STATUS_CLOSED_MERGED);
        EXPECT_EQ(state.owner(), "ana") << "at every version";
        EXPECT_EQ(state.ledger().open_size(), 0);
        EXPECT_FALSE(state.has_unanswered());
      });
}

TEST(Merging, IsForTheOwnersOfBothAndSupervisorsAndOfOneCustomer) {
  Given<Ownership> given({kStarted});
  given.When(Merge(), Ben()).ThenRefused(StatusCode::kPermissionDenied, "ana");
  EXPECT_TRUE(Ownership::Decide(given.state(), Merge("ben"), Ben()).ok());
  EXPECT_TRUE(Ownership::Decide(given.state(), Merge(), Sue()).ok());
  MergeCase other = Merge();
  other.into.set_customer_id("lee");
  given.When(other, Ana()).ThenRefused(StatusCode::kInvalidArgument, "other_case_id");
  other = Merge();
  other.into.set_case_id("c1");
  given.When(other, Ana()).ThenRefused(StatusCode::kInvalidArgument, "same case");
  other = Merge();
  other.request.clear_reason();
  given.When(other, Ana()).ThenRefused(StatusCode::kInvalidArgument, "reason");
}

TEST(Merging, TwiceChangesNothingAndAMergedCaseIsNotWorkedOn) {
  Given<Ownership> given({kStarted, kMerged});
  given.When(Merge(), Ana()).Then({});
  MergeCase elsewhere = Merge();
  elsewhere.into.set_case_id("c7");
  given.When(elsewhere, Ana()).ThenRefused(StatusCode::kFailedPrecondition, "c0");
  elsewhere.one_already = true;
  given.When(elsewhere, Ana()).Then({});
  const ReopenCase reopen{FromText<v1::ReopenCaseRequest>(R"pb(reason: "r")pb"),
                          FromText<v1::OwnershipStarted>(kOpening)};
  given.When(reopen, Ana()).ThenRefused(StatusCode::kFailedPrecondition, "c0");
  given.When(On<v1::AddWorkNoteRequest>(R"pb(text: "t")pb"), Ana()).ThenRefused(StatusCode::kFailedPrecondition, "c0");
  given.When(On<v1::KeepPromiseRequest>(R"pb(promise_id: "p1" evidence: "e")pb"), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "c0");
}

TEST(Merging, WithdrawsAnOpenOffer) {
  const std::string offered = R"pb(handoff_offered { handoff_id: "h1" to: "ben" expires_at)pb" + At(60) + "}";
  Given<Ownership>({kStarted, offered}).When(Merge(), Ana()).AndState([](const auto& state) {
    EXPECT_FALSE(state.has_handoff());
  });
}

TEST(Absorbing, OwesWhatWasOwedUnderTheSameIdsOnce) {
  const std::string moved =
      R"pb(moved { commitment_id: "p1" kind: COMMITMENT_KIND_PROMISE text: "call back" due)pb" + At(60) + "}";
  const AbsorbCase absorb = Absorb(moved);
  const auto owed = [](const auto& state) {
    EXPECT_NE(FindOpen(state.ledger(), "p1"), nullptr);
    EXPECT_EQ(state.ledger().open_size(), 2) << "it, and this case's own next update";
    EXPECT_EQ(state.status(), v1::CASE_STATUS_OPEN);
  };
  Given<Ownership>().When(absorb, kMerging).AndState(owed);
  Given<Ownership>({kStarted, kOwed}).When(absorb, kMerging).AndState(owed);
  Given<Ownership>({kStarted, "closed { }"}).When(absorb, kMerging).AndState(owed);
}

TEST(Absorbing, TakesOverWhatTheCustomerSaidLast) {
  const AbsorbCase absorb = Absorb(R"pb(unanswered_interaction_id: "i1")pb");
  const auto waits = [](const auto& state) {
    EXPECT_EQ(state.unanswered().interaction_id(), "i1");
    EXPECT_NE(FindOpen(state.ledger(), v1::COMMITMENT_KIND_REPLY), nullptr);
    EXPECT_EQ(state.status(), v1::CASE_STATUS_OPEN);
  };
  Given<Ownership>({kStarted}).When(absorb, kMerging).AndState(waits);
  Given<Ownership>({kStarted, "resolution_proposed { }", "resolution_confirmed { }"})
      .When(absorb, kMerging)
      .AndState(waits);
}

TEST(Absorbing, OnACaseThatWasMergedItselfMovesOn) {
  Given<Ownership>({kStarted, kMerged})
      .When(Absorb(R"pb(unanswered_interaction_id: "i1")pb"), kMerging)
      .Then(
          {R"pb(merged { into_case_id: "c0" by: "ana" reason: "the same boiler" unanswered_interaction_id: "i1" })pb"});
}

TEST(Absorbing, WordsOnAMergedCaseArePassedOn) {
  NoteInteraction note{FromText<v1::InteractionNoted>(R"pb(interaction_id: "i2" inbound: true case_version: 7)pb"),
                       FromText<v1::OwnershipStarted>(kOpening)};
  Given<Ownership>({kStarted, kMerged})
      .When(note, kMerging)
      .Then(
          {R"pb(interaction_noted { interaction_id: "i2" inbound: true case_version: 7 passed_on_to_case_id: "c0" })pb"})
      .AndState([](const auto& state) { EXPECT_FALSE(state.has_unanswered()); });
  // There they wait, whatever that case has heard itself.
  note.request.set_case_id("c2");
  Given<Ownership>(
      {kStarted, R"pb(interaction_noted { interaction_id: "i9" inbound: true latest: true case_version: 9 })pb"})
      .When(note, kMerging)
      .AndState([](const auto& state) { EXPECT_EQ(state.unanswered().interaction_id(), "i2"); });
}

}  // namespace
}  // namespace throughline::ownership
