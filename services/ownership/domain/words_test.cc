#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/testing.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT
using Close = v1::CloseCaseRequest;
using Confirm = v1::ConfirmResolutionRequest;
using Acknowledge = v1::InteractionAcknowledged;

const runtime::Caller kHearing = By("throughline.ownership", ROLE_SERVICE);
constexpr char kOneProposed[] = R"pb(resolution_proposed { by: "ana" text: "new valve" })pb";
constexpr char kOneConfirmed[] = R"pb(resolution_confirmed { by: "ana" evidence: "kim: it is warm" })pb";
constexpr char kOneClosed[] = R"pb(closed { by: "ana" resolution_code: RESOLUTION_CODE_CONFIRMED })pb";

// An interaction that intake recorded as this version of the case's stream, `seconds` after noon.
NoteInteraction Said(bool inbound, uint64_t version, int64_t seconds = 0) {
  NoteInteraction command{{}, FromText<v1::OwnershipStarted>(kOpening)};
  command.request.set_interaction_id("i" + std::to_string(version));
  command.request.set_case_version(version);
  command.request.set_inbound(inbound);
  *command.request.mutable_at() = runtime::ToProto(Noon() + absl::Seconds(seconds));
  command.request.set_by(inbound ? "web" : "ana");
  return command;
}

// A case on which decisions are applied.
class Talk {
 public:
  explicit Talk(const std::vector<std::string>& events = {kStarted}) : state_(Given<Ownership>(events).state()) {}

  template <typename Command>
  absl::Status Give(const Command& command, runtime::Caller caller) {
    caller.command_id = std::to_string(++commands_);
    const auto events = Ownership::Decide(state_, command, caller);
    if (!events.ok()) return events.status();
    for (const auto& event : *events) Ownership::Evolve(state_, event);
    last_ = *events;
    return absl::OkStatus();
  }
  void Hears(uint64_t version, int64_t seconds = 0) { EXPECT_TRUE(Give(Said(true, version, seconds), kHearing).ok()); }
  void Tells(uint64_t version, int64_t seconds = 0) { EXPECT_TRUE(Give(Said(false, version, seconds), kHearing).ok()); }

  const v1::OwnershipState& state() const { return state_; }
  const std::vector<v1::OwnershipEvent>& last() const { return last_; }
  bool waits() const { return state_.has_unanswered(); }
  const v1::Commitment* Open(v1::CommitmentKind kind) const { return FindOpen(state_.ledger(), kind); }

 private:
  v1::OwnershipState state_;
  std::vector<v1::OwnershipEvent> last_;
  int commands_ = 0;
};

TEST(Words, OfTheCustomerWaitUntilTheyAreAnswered) {
  Talk talk;
  talk.Hears(2);
  EXPECT_EQ(talk.state().unanswered().interaction_id(), "i2");
  ASSERT_NE(talk.Open(v1::COMMITMENT_KIND_REPLY), nullptr);
  EXPECT_EQ(runtime::FromProto(talk.Open(v1::COMMITMENT_KIND_REPLY)->due()), Noon() + absl::Hours(24));
  talk.Hears(3, 60);
  EXPECT_EQ(talk.state().unanswered().interaction_id(), "i3");
  EXPECT_EQ(runtime::FromProto(talk.state().unanswered().since()), Noon()) << "since the first one";
  EXPECT_EQ(runtime::FromProto(talk.Open(v1::COMMITMENT_KIND_REPLY)->due()), Noon() + absl::Hours(24)) << "one reply";
  talk.Tells(4, 120);
  EXPECT_FALSE(talk.waits());
  EXPECT_EQ(talk.Open(v1::COMMITMENT_KIND_REPLY), nullptr);
  EXPECT_EQ(talk.state().ledger().settled(0).outcome(), v1::COMMITMENT_OUTCOME_KEPT);
}

TEST(Words, OfOursKeepTheNextUpdateAndMakeTheNext) {
  Talk talk;
  auto told = Said(false, 2, 60);
  talk.Tells(2, 60);
  EXPECT_EQ(FindSettled(talk.state().ledger(), "c1")->outcome(), v1::COMMITMENT_OUTCOME_KEPT);
  EXPECT_EQ(runtime::FromProto(talk.Open(v1::COMMITMENT_KIND_NEXT_UPDATE)->due()),
            Noon() + absl::Seconds(60) + absl::Hours(24));
  told = Said(false, 3, 120);
  *told.request.mutable_next_update_due() = runtime::ToProto(Noon() + absl::Hours(3));
  EXPECT_TRUE(talk.Give(told, kHearing).ok());
  EXPECT_EQ(runtime::FromProto(talk.Open(v1::COMMITMENT_KIND_NEXT_UPDATE)->due()), Noon() + absl::Hours(3))
      << "as the customer was told";
}

// The words decide by when they were recorded, not by when the reaction to them comes.
TEST(Words, ThatCameTooLateKeepNothing) {
  Talk talk;
  talk.Tells(2, 20000);  // the opening's update is due then
  EXPECT_EQ(FindSettled(talk.state().ledger(), "c1")->outcome(), v1::COMMITMENT_OUTCOME_KEPT);
  Talk late;
  late.Tells(2, 20001);
  EXPECT_EQ(FindSettled(late.state().ledger(), "c1")->outcome(), v1::COMMITMENT_OUTCOME_BROKEN);
}

// "It broke again" was followed by a closing as confirmed.
TEST(Words, AfterAConfirmationTakeItBackAndNothingIsClosedAsConfirmed) {
  for (const auto& events :
       {std::vector<std::string>{kStarted, kOneProposed}, {kStarted, kOneProposed, kOneConfirmed}}) {
    Talk talk(events);
    talk.Hears(2);  // "it broke again"
    EXPECT_EQ(talk.state().status(), v1::CASE_STATUS_OPEN);
    EXPECT_EQ(talk.last()[1].confirmation_taken_back().interaction_id(), "i2");
    EXPECT_EQ(runtime::ReasonOf(talk.Give(On<Close>(""), Ana())), "BAD_FIELD") << "it is not confirmed any more";
    const auto close = On<Close>(R"pb(reason: "r" options_offered: "o")pb");
    const absl::Status refused = talk.Give(close, Ana());
    EXPECT_EQ(runtime::ReasonOf(refused), "CUSTOMER_WAITS") << refused;
    EXPECT_EQ(runtime::MetadataOf(refused, "last_interaction"), "i2");
    talk.Tells(3, 60);
    EXPECT_TRUE(talk.Give(close, Ana()).ok());
    EXPECT_EQ(talk.state().status(), v1::CASE_STATUS_CLOSED_UNCONFIRMED);
  }
}

TEST(Words, OnAClosedCaseReopenItWithItsOwner) {
  Talk talk({kStarted, kOneProposed, kOneConfirmed, kOneClosed});
  talk.Hears(2);
  EXPECT_EQ(talk.state().status(), v1::CASE_STATUS_OPEN);
  EXPECT_EQ(talk.state().owner(), "ana");
  EXPECT_EQ(talk.last()[1].reopened().interaction_id(), "i2");
  EXPECT_NE(talk.Open(v1::COMMITMENT_KIND_NEXT_UPDATE), nullptr);
  EXPECT_TRUE(talk.waits());
}

// A case that was reopened before there were commitments owes no next update until somebody speaks.
TEST(Words, MakeTheNextUpdateOfACaseThatHasNone) {
  for (const bool inbound : {true, false}) {
    Talk talk({kStarted, kOneClosed, "reopened { }"});
    ASSERT_EQ(talk.Open(v1::COMMITMENT_KIND_NEXT_UPDATE), nullptr);
    EXPECT_TRUE(talk.Give(Said(inbound, 2), kHearing).ok());
    EXPECT_NE(talk.Open(v1::COMMITMENT_KIND_NEXT_UPDATE), nullptr);
  }
}

TEST(Words, OfOursOnAClosedCaseChangeNothing) {
  Talk talk({kStarted, kOneProposed, kOneConfirmed, kOneClosed});
  talk.Tells(2);
  EXPECT_EQ(talk.state().status(), v1::CASE_STATUS_CLOSED_CONFIRMED);
  EXPECT_EQ(talk.last().size(), 1u);
}

TEST(Words, WhoeverConfirmsOrClosesNamesTheLastThatTheyHaveSeen) {
  Talk talk;
  talk.Hears(2);
  talk.Tells(3);
  EXPECT_TRUE(talk.Give(On<v1::ProposeResolutionRequest>(R"pb(text: "t")pb"), Ana()).ok());
  const absl::Status refused = talk.Give(On<Confirm>(R"pb(evidence: "e" last_interaction_seen: "c1")pb"), Ana());
  EXPECT_EQ(runtime::ReasonOf(refused), "CUSTOMER_SPOKE") << refused;
  EXPECT_EQ(runtime::MetadataOf(refused, "last_interaction"), "i2");
  EXPECT_TRUE(talk.Give(On<Confirm>(R"pb(evidence: "e" last_interaction_seen: "i2")pb"), Ana()).ok());
  EXPECT_EQ(runtime::ReasonOf(talk.Give(On<Close>(R"pb(last_interaction_seen: "c1")pb"), Ana())), "CUSTOMER_SPOKE");
  EXPECT_TRUE(talk.Give(On<Close>(R"pb(last_interaction_seen: "i2")pb"), Ana()).ok());
  EXPECT_EQ(talk.last().back().closed().last_interaction_seen(), "i2");
}

TEST(Words, AreAcknowledgedByTheOwnerOrASupervisor) {
  Talk talk;
  talk.Hears(2);
  EXPECT_EQ(runtime::ReasonOf(talk.Give(On<Acknowledge>(R"pb(interaction_id: "i2")pb"), Ben())), "NOT_OWNER");
  EXPECT_EQ(runtime::ReasonOf(talk.Give(On<Acknowledge>(R"pb(interaction_id: "c1")pb"), Ana())), "CUSTOMER_SPOKE");
  EXPECT_TRUE(talk.Give(On<Acknowledge>(R"pb(interaction_id: "i2" reason: "thanks only")pb"), Sue()).ok());
  EXPECT_EQ(talk.last()[0].interaction_acknowledged().by(), "sue");
  EXPECT_EQ(talk.last()[1].commitment_settled().outcome(), v1::COMMITMENT_OUTCOME_KEPT);
  EXPECT_FALSE(talk.waits());
  EXPECT_TRUE(talk.Give(On<Acknowledge>(R"pb(interaction_id: "i2")pb"), Ana()).ok());
  EXPECT_TRUE(talk.last().empty()) << "once";
}

TEST(Words, AreAcknowledgedByKeepingTheReplyInTimeOrLate) {
  Talk talk;
  talk.Hears(2);
  auto keep = On<v1::KeepCommitmentRequest>(R"pb(evidence: "thanks only")pb");
  keep.request.set_commitment_id(talk.Open(v1::COMMITMENT_KIND_REPLY)->commitment_id());
  Talk late = talk;
  EXPECT_TRUE(talk.Give(keep, Ana()).ok());
  EXPECT_FALSE(talk.waits());
  CommitmentDue due{{}, FromText<v1::OwnershipStarted>(kOpening)};
  due.request.set_commitment_id(keep.request.commitment_id());
  EXPECT_TRUE(late.Give(due, Ana(86400)).ok());
  EXPECT_TRUE(late.waits()) << "a broken reply does not answer anything";
  EXPECT_TRUE(late.Give(keep, Ana(86400)).ok());
  EXPECT_FALSE(late.waits());
  EXPECT_EQ(FindSettled(late.state().ledger(), due.request.commitment_id())->outcome(), v1::COMMITMENT_OUTCOME_BROKEN);
}

// Reactions in any order, each perhaps twice, end where those in order end.
TEST(Words, EndInTheSameStateInWhateverOrderTheReactionsCome) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    const std::vector<std::string> events = round % 3 == 0 ? std::vector<std::string>{kStarted}
                                            : round % 3 == 1
                                                ? std::vector<std::string>{kStarted, kOneProposed, kOneConfirmed}
                                                : std::vector<std::string>{kStarted, kOneClosed};
    std::vector<NoteInteraction> words;
    const uint64_t count = 2 + random() % 5;
    for (uint64_t i = 0; i < count; ++i) words.push_back(Said(random() % 2 == 0, i + 2, static_cast<int64_t>(i) * 10));
    Talk in_order(events);
    for (const auto& said : words) EXPECT_TRUE(in_order.Give(said, kHearing).ok());
    std::shuffle(words.begin(), words.end(), random);
    Talk shuffled(events);
    for (const auto& said : words) EXPECT_TRUE(shuffled.Give(said, kHearing).ok());
    SCOPED_TRACE("round " + std::to_string(round));
    const auto &a = in_order.state(), &b = shuffled.state();
    EXPECT_EQ(a.status(), b.status());
    EXPECT_EQ(a.unanswered().interaction_id(), b.unanswered().interaction_id());
    EXPECT_EQ(a.last_inbound_interaction_id(), b.last_inbound_interaction_id());
    EXPECT_EQ(in_order.Open(v1::COMMITMENT_KIND_REPLY) != nullptr, shuffled.Open(v1::COMMITMENT_KIND_REPLY) != nullptr);
    const auto *x = in_order.Open(v1::COMMITMENT_KIND_NEXT_UPDATE), *y = shuffled.Open(v1::COMMITMENT_KIND_NEXT_UPDATE);
    ASSERT_EQ(x != nullptr, y != nullptr);
    if (round % 3 < 2 && x != nullptr) EXPECT_EQ(x->due().seconds(), y->due().seconds());
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace throughline::ownership
