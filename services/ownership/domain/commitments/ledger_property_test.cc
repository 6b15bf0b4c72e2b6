// Random histories keep the ledger: every open case owes its customer one next update at every version, and a
// commitment has one outcome.

#include <map>
#include <random>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/testing.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT

class RandomLedger {
 public:
  explicit RandomLedger(uint32_t seed) : random_(seed) {}

  void Step() {
    time_ += absl::Minutes(Pick(200));
    const auto decision = Give(Who());
    if (!decision.ok()) return;
    for (const auto& event : *decision) Apply(event);
    Check();
  }
  int returned() const { return returned_; }
  int settled() const { return static_cast<int>(outcomes_.size()); }

 private:
  int Pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  runtime::Caller Who() {
    runtime::Caller caller = Pick(3) == 0 ? By("sue", ROLE_SUPERVISOR, "", time_) : By("ana", ROLE_REP, "", time_);
    caller.command_id = std::to_string(++commands_);
    return caller;
  }
  std::string Any() {
    const auto& open = state_.ledger().open();
    return open.empty() ? "none" : open[Pick(open.size())].commitment_id();
  }
  template <typename Request>
  OnCase<Request> With(const std::string& request) {
    return {FromText<Request>(request), opening_};
  }
  google::protobuf::Timestamp Soon() { return runtime::ToProto(time_ + absl::Minutes(Pick(300))); }

  Ownership::Decision Give(const runtime::Caller& caller) {
    const auto decide = [&](const auto& command) { return Ownership::Decide(state_, command, caller); };
    switch (Pick(20)) {
      case 0: {
        auto command = With<v1::MakePromiseRequest>(R"pb(text: "t")pb");
        *command.request.mutable_due() = Soon();
        return decide(command);
      }
      case 1: {
        auto command = With<v1::AddWorkNoteRequest>(R"pb(text: "t" next_action: "n")pb");
        *command.request.mutable_next_action_due() = Soon();
        if (Pick(2) == 0) command.request.add_done_commitment_ids(Any());
        return decide(command);
      }
      case 2: {
        auto command = With<v1::KeepCommitmentRequest>(R"pb(evidence: "e")pb");
        command.request.set_commitment_id(Any());
        return decide(command);
      }
      case 3: {
        auto command = With<v1::RenegotiateCommitmentRequest>(R"pb(reason: "r")pb");
        command.request.set_commitment_id(Any());
        *command.request.mutable_new_due() = Soon();
        return decide(command);
      }
      case 4: {
        auto command = With<v1::WithdrawCommitmentRequest>(R"pb(reason: "r")pb");
        command.request.set_commitment_id(Any());
        return decide(command);
      }
      case 5:
      case 6: {
        CommitmentDue command{{}, opening_};
        command.request.set_commitment_id(Any());
        return decide(command);
      }
      case 7:
      case 8: {
        NoteInteraction command{{}, opening_};
        command.request.set_inbound(Pick(2) == 0);
        command.request.set_case_version(static_cast<uint64_t>(std::max(2, ++version_ - Pick(4))));
        command.request.set_interaction_id("i" + std::to_string(command.request.case_version()));
        *command.request.mutable_at() = runtime::ToProto(time_ - absl::Minutes(Pick(60)));
        if (Pick(3) == 0) *command.request.mutable_next_update_due() = Soon();
        if (Pick(6) == 0) command.request.set_case_id("c9");
        return decide(command);
      }
      case 9:
        return decide(With<v1::ProposeResolutionRequest>(R"pb(text: "t")pb"));
      case 10:
        return decide(With<v1::ConfirmResolutionRequest>(R"pb(evidence: "e")pb"));
      case 11:
        return decide(With<v1::CloseCaseRequest>(R"pb(reason: "r" options_offered: "o")pb"));
      case 12:
        return decide(ReopenCase{FromText<v1::ReopenCaseRequest>(R"pb(reason: "r")pb"), opening_});
      case 13:
        return decide(ResolutionUnanswered());
      case 14: {
        auto command = With<v1::InteractionAcknowledged>("");
        command.request.set_interaction_id(state_.last_inbound_interaction_id());
        return decide(command);
      }
      case 16: {
        RequestHelp command{FromText<v1::RequestHelpRequest>(R"pb(to: "ben" text: "t")pb"), opening_, "ben"};
        *command.request.mutable_due() = Soon();
        return decide(command);
      }
      case 17: {
        auto command = With<v1::HandBackHelpRequest>(R"pb(reason: "r")pb");
        command.request.set_commitment_id(Any());
        return decide(command);
      }
      case 18:
        return decide(
            RelievePerson{FromText<v1::CaseReassigned>(R"pb(from: "ben" to: "sue" reason: "r")pb"), opening_});
      case 15:
        return decide(AttachAlert{FromText<v1::Commitment>("text: \"" + std::to_string(Pick(3)) + "\""), opening_});
      default: {
        AbsorbCase command{FromText<v1::CaseMerged>(R"pb(by: "ana" reason: "r")pb"), "c8", opening_};
        auto& moved = *command.request.add_moved();
        moved.set_commitment_id("moved" + std::to_string(commands_));
        moved.set_kind(Pick(2) == 0 ? v1::COMMITMENT_KIND_PROMISE : v1::COMMITMENT_KIND_REPLY);
        *moved.mutable_due() = Soon();
        if (Pick(2) == 0) command.request.set_unanswered_interaction_id("u" + std::to_string(commands_));
        return decide(command);
      }
    }
  }

  void Apply(const v1::OwnershipEvent& event) {
    if (event.has_commitment_made()) {
      EXPECT_TRUE(made_.insert(event.commitment_made().commitment().commitment_id()).second)
          << "made twice: " << event.ShortDebugString();
    }
    if (event.has_commitment_settled()) {
      const v1::CommitmentSettled& settled = event.commitment_settled();
      const v1::Commitment* open = FindOpen(state_.ledger(), settled.commitment_id());
      ASSERT_NE(open, nullptr) << "settled without being open: " << event.ShortDebugString();
      EXPECT_TRUE(outcomes_.emplace(settled.commitment_id(), settled.outcome()).second)
          << "a second outcome: " << event.ShortDebugString();
      EXPECT_NE(settled.outcome(), v1::COMMITMENT_OUTCOME_UNSPECIFIED);
      const absl::Time due = runtime::FromProto(open->due());
      if (settled.outcome() == v1::COMMITMENT_OUTCOME_BROKEN) {
        // By the time of the words, if they settle it.
        EXPECT_GE(time_, due);
      }
      const bool returned = settled.outcome() == v1::COMMITMENT_OUTCOME_RETURNED;
      if (settled.outcome() == v1::COMMITMENT_OUTCOME_WITHDRAWN || returned) EXPECT_LT(time_, due);
      const bool help = settled.kind() == v1::COMMITMENT_KIND_HELP;
      EXPECT_TRUE(help || !returned);
      EXPECT_EQ(settled.owed_by(), help ? "ben" : state_.owner());
      returned_ += returned;
    }
    Ownership::Evolve(state_, event);
  }

  void Check() const {
    if (state_.status() == v1::CASE_STATUS_UNSPECIFIED) return;
    const auto open = [&](v1::CommitmentKind kind) {
      return absl::c_count_if(state_.ledger().open(), [&](const auto& one) { return one.kind() == kind; });
    };
    const bool closed = IsClosed(state_.status());
    EXPECT_EQ(open(v1::COMMITMENT_KIND_NEXT_UPDATE), closed ? 0 : 1);
    EXPECT_LE(open(v1::COMMITMENT_KIND_REPLY), 1);
    if (closed) {
      EXPECT_FALSE(state_.has_unanswered());
      for (const auto& one : state_.ledger().open()) EXPECT_EQ(one.kind(), v1::COMMITMENT_KIND_PROMISE);
    }
    if (open(v1::COMMITMENT_KIND_REPLY) == 1) EXPECT_TRUE(state_.has_unanswered());
    if (state_.status() != v1::CASE_STATUS_RESOLUTION_PROPOSED) EXPECT_FALSE(state_.has_proposal());
    EXPECT_FALSE(state_.owner().empty());
    EXPECT_LE(state_.ledger().settled_size(), kSettledCommitments);
  }

  std::mt19937 random_;
  absl::Time time_ = Noon();
  int commands_ = 0;
  int version_ = 1;
  int returned_ = 0;
  const v1::OwnershipStarted opening_ = FromText<v1::OwnershipStarted>(kOpening);
  v1::OwnershipState state_;
  std::set<std::string> made_;
  std::map<std::string, v1::CommitmentOutcome> outcomes_;
};

TEST(LedgerProperty, EveryOpenCaseOwesOneNextUpdateAndEveryCommitmentHasOneOutcome) {
  int settled = 0, returned = 0;
  for (uint32_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomLedger ledger(seed);
    for (int i = 0; i < 150; ++i) {
      ledger.Step();
      if (::testing::Test::HasFailure()) FAIL() << "at step " << i;
    }
    settled += ledger.settled();
    returned += ledger.returned();
  }
  EXPECT_GT(settled, 10000) << "too few to test anything";
  EXPECT_GT(returned, 200) << "too few to test anything";
}

}  // namespace
}  // namespace throughline::ownership
