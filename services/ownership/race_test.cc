// Two replicas of the service on one log, with commands under way on both at once: the order of the log settles every
// race, each accepted command has its effect once, and the rules hold at every version.

#include <map>
#include <random>
#include <set>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/projections/view/view.h"
#include "services/ownership/testing.h"
#include "throughline/log/v1/commit.pb.h"

namespace throughline::ownership {
namespace {

// The accepted commits of a stream, by the acceptance rule alone.
std::vector<log::v1::Commit> AcceptedOf(const World& world, const std::string& stream) {
  std::vector<log::v1::Commit> accepted;
  std::string last;
  const log::Partition partition{Topic::kOwnership, log::PartitionFor(stream, world.book.partitions)};
  for (const auto& record : world.book.records.at(partition)) {
    log::v1::Commit commit;
    if (!commit.ParseFromString(record->value) || commit.stream() != stream || commit.follows() != last) continue;
    last = crypto::Sha256(record->value);
    accepted.push_back(std::move(commit));
  }
  return accepted;
}

class Race : public OwnershipService {
 protected:
  struct Sent {
    std::shared_ptr<FakeCall> call;
    std::string method;
  };

  int Pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }

  void Send(const std::string& method, const google::protobuf::Message& request) {
    static constexpr const char* kPeople[] = {"ana", "ben", "sue"};
    const int who = Pick(3);
    const std::string id = "race " + std::to_string(sent_.size());
    sent_[id] = {Begin(world_, Pick(2) == 0 ? *api_ : *other_api_, method, request,
                       Asking(kPeople[who], who == 2 ? ROLE_SUPERVISOR : ROLE_REP, id)),
                 method};
  }
  template <typename Request>
  void SendText(const std::string& method, const std::string& request) {
    Send(method, FromText<Request>("case_id: \"c1\" " + request));
  }
  std::string AnyOpen(v1::CommitmentKind kind) {
    std::vector<std::string> ids = {"none"};
    const auto view = View();
    for (const auto& one : view.commitments()) {
      if (one.commitment().kind() == kind) ids.push_back(one.commitment().commitment_id());
    }
    return ids[Pick(ids.size())];
  }

  void SendOne(const v1::OwnershipView& view) {
    const std::string offer = view.handoff().handoff_id();
    switch (Pick(13)) {
      case 0: {
        auto request = FromText<v1::MakePromiseRequest>(R"pb(case_id: "c1" text: "t")pb");
        *request.mutable_due() = runtime::ToProto(world_.clock.Now() + absl::Minutes(1 + Pick(120)));
        return Send("MakePromise", request);
      }
      case 1:
        return SendText<v1::KeepPromiseRequest>(
            "KeepPromise", R"(evidence: "e" promise_id: ")" + AnyOpen(v1::COMMITMENT_KIND_PROMISE) + "\"");
      case 2:
        return SendText<v1::WithdrawCommitmentRequest>(
            "WithdrawCommitment", R"(reason: "r" commitment_id: ")" + AnyOpen(v1::COMMITMENT_KIND_PROMISE) + "\"");
      case 3:
        return SendText<v1::AddWorkNoteRequest>("AddWorkNote", R"(text: "t")");
      case 4:
        return SendText<v1::OfferHandoffRequest>(
            "OfferHandoff", std::string(R"(reason: "r" to: ")") + (view.owner() == "ben" ? "ana" : "ben") + "\"");
      case 5:
        return SendText<v1::AcceptHandoffRequest>("AcceptHandoff", "handoff_id: \"" + offer + "\"");
      case 6:
        return SendText<v1::WithdrawHandoffRequest>("WithdrawHandoff", R"(reason: "r")");
      case 7:
        return SendText<v1::ReassignCaseRequest>(
            "ReassignCase", std::string(R"(reason: "r" to: ")") + (view.owner() == "ana" ? "ben" : "ana") + "\"");
      case 8:
        return SendText<v1::CloseCaseRequest>("CloseCase", R"(reason: "r" options_offered: "o")");
      case 9:
        return SendText<v1::ReopenCaseRequest>("ReopenCase", R"(reason: "r")");
      case 10:
        return SendText<v1::ProposeResolutionRequest>("ProposeResolution", R"(text: "t")");
      case 11:
        return SendText<v1::ConfirmResolutionRequest>("ConfirmResolution", R"(evidence: "e")");
      default: {
        auto said = FromText<intake::v1::CaseEvent>(R"pb(interaction_recorded { by: "web" })pb");
        said.mutable_interaction_recorded()->set_interaction_id("i" + std::to_string(++interactions_));
        said.mutable_interaction_recorded()->set_direction(Pick(3) == 0 ? intake::v1::DIRECTION_INBOUND
                                                                        : intake::v1::DIRECTION_OUTBOUND);
        return world_.Append(Topic::kIntake, "case/c1", said);
      }
    }
  }

  // Every accepted version keeps the rules; returns the commands that were accepted.
  std::map<std::string, int> CheckHistory(const std::string& case_id) {
    std::map<std::string, int> commands;
    v1::OwnershipState state;
    std::set<std::string> settled;
    uint64_t version = 0;
    const auto commits = AcceptedOf(world_, "ownership/" + case_id);
    for (const auto& commit : commits) {
      EXPECT_EQ(commit.version(), ++version);
      ++commands[commit.command_id()];
      for (const auto& committed : commit.events()) {
        v1::OwnershipEvent event;
        EXPECT_TRUE(event.ParseFromString(committed.data()));
        if (event.has_handoff_accepted()) EXPECT_EQ(event.handoff_accepted().from(), state.owner());
        if (event.has_reassigned()) EXPECT_EQ(event.reassigned().from(), state.owner());
        if (event.has_commitment_settled()) {
          EXPECT_TRUE(settled.insert(event.commitment_settled().commitment_id()).second) << "two outcomes";
        }
        Ownership::Evolve(state, event);
      }
      EXPECT_FALSE(state.owner().empty());
      const auto updates = absl::c_count_if(
          state.ledger().open(), [](const auto& one) { return one.kind() == v1::COMMITMENT_KIND_NEXT_UPDATE; });
      EXPECT_EQ(updates, IsClosed(state.status()) ? 0 : 1) << "at version " << version;
    }
    return commands;
  }

  Node& other_ = world_.Add(Define({}));
  const std::unique_ptr<server::Api> other_api_ = MakeApi(other_.streams(), {});
  std::mt19937 random_{14};
  std::map<std::string, Sent> sent_;
  int interactions_ = 0;
};

TEST_F(Race, AThousandCommandsFromTwoReplicasOnOneCaseHaveOneEffectEach) {
  while (sent_.size() < 1000) {
    const auto view = View();
    const int together = 1 + Pick(20);
    for (int i = 0; i < together; ++i) SendOne(view);
    // Sometimes one replica is ahead of the other.
    if (Pick(2) == 0) (Pick(2) == 0 ? node_ : other_).Run();
    world_.Run();
    if (Pick(10) == 0) world_.Pass(absl::Minutes(Pick(90)));
  }
  const auto commands = CheckHistory("c1");
  std::map<std::string, int> done, refused;
  for (const auto& [id, sent] : sent_) {
    ASSERT_TRUE(sent.call->status.has_value()) << id << " was not answered";
    const auto found = commands.find(id);
    const int effects = found == commands.end() ? 0 : found->second;
    if (sent.call->status->ok()) {
      // Keeping, withdrawing or confirming again is answered without an effect.
      const bool may_repeat =
          sent.method == "KeepPromise" || sent.method == "WithdrawCommitment" || sent.method == "ConfirmResolution";
      EXPECT_LE(effects, 1) << sent.method;
      if (!may_repeat) EXPECT_EQ(effects, 1) << sent.method;
      ++done[sent.method];
    } else {
      EXPECT_EQ(effects, 0) << sent.method << ": " << *sent.call->status;
      const absl::StatusCode code = sent.call->status->code();
      EXPECT_TRUE(code == absl::StatusCode::kAborted || code == absl::StatusCode::kFailedPrecondition ||
                  code == absl::StatusCode::kPermissionDenied || code == absl::StatusCode::kNotFound)
          << sent.method << ": " << *sent.call->status;
      EXPECT_TRUE(runtime::MetadataOf(*sent.call->status, "current_version")) << sent.method << ": which one won?";
      ++refused[sent.method];
    }
  }
  for (const char* method :
       {"MakePromise", "KeepPromise", "WithdrawCommitment", "AddWorkNote", "OfferHandoff", "AcceptHandoff",
        "WithdrawHandoff", "ReassignCase", "CloseCase", "ReopenCase", "ProposeResolution", "ConfirmResolution"}) {
    EXPECT_GT(done[method], 0) << method << " was never accepted, " << refused[method] << " times refused";
  }
  EXPECT_EQ(node_.store().Snapshot(), other_.store().Snapshot());
  ExpectRebuildIsTheSame();
}

TEST_F(Race, MergesBothWaysAtOnceEndInOneOpenCaseWithAnOwner) {
  for (int round = 0; round < 100; ++round) {
    const std::string a = "a" + std::to_string(round), b = "b" + std::to_string(round);
    for (const std::string& id : {a, b}) {
      world_.Write(Topic::kIntake, "case/" + id,
                   FromText<intake::v1::CaseEvent>("opened { case_id: \"" + id + "\" customer_id: \"kim\" owner: \"" +
                                                   (id == a ? "ana" : "ben") + "\" }"));
    }
    auto said = FromText<intake::v1::CaseEvent>(
        R"pb(interaction_recorded { interaction_id: "w" direction: DIRECTION_INBOUND by: "web" })pb");
    world_.Append(Topic::kIntake, "case/" + b, said);
    const auto merge = [&](const server::Api& api, const std::string& one, const std::string& other) {
      auto request = FromText<v1::MergeCasesRequest>(R"pb(reason: "r")pb");
      request.set_case_id(one);
      request.set_other_case_id(other);
      return Begin(world_, api, "MergeCases", request,
                   Asking("sue", ROLE_SUPERVISOR, one + other + std::to_string(round)));
    };
    const auto first = merge(*api_, a, b);
    const auto second = merge(*other_api_, b, a);
    Pick(2) == 0 ? node_.Run() : other_.Run();
    world_.Run();
    ASSERT_TRUE(first->status && second->status);
    EXPECT_TRUE(first->status->ok()) << *first->status;
    EXPECT_TRUE(second->status->ok()) << *second->status;
    const auto kept = FindView(node_.store(), a), merged = FindView(node_.store(), b);
    ASSERT_TRUE(kept && merged);
    EXPECT_EQ(kept->status(), v1::CASE_STATUS_OPEN);
    EXPECT_EQ(kept->owner(), "ana");
    EXPECT_EQ(kept->unanswered().interaction_id(), "w") << "what the customer said reaches the owner";
    EXPECT_EQ(merged->status(), v1::CASE_STATUS_CLOSED_MERGED);
    CheckHistory(a);
    CheckHistory(b);
    if (HasFailure()) return;
  }
  EXPECT_EQ(node_.store().Snapshot(), other_.store().Snapshot());
}

}  // namespace
}  // namespace throughline::ownership
