// Gives random commands by random people to one case and checks the invariants.

#include <algorithm>
#include <deque>
#include <random>
#include <set>

#include "google/protobuf/util/message_differencer.h"

#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/testing.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT
using Event = v1::OwnershipEvent;
using google::protobuf::util::MessageDifferencer;

class RandomCase {
 public:
  explicit RandomCase(uint32_t seed) : random_(seed) {}

  void Step() {
    time_ += absl::Seconds(Pick(40));
    if (Pick(10) == 0) Employ(kPeople[Pick(3)]);
    runtime::Caller caller = Who();
    const v1::OwnershipState before = state_;
    const auto decision = Give(caller);
    EXPECT_TRUE(MessageDifferencer::Equals(before, state_)) << "Decide must not change the state";
    if (!decision.ok()) return;
    ++accepted_;
    for (const Event& event : *decision) {
      Apply(event);
      if (event.has_started() || event.has_handoff_offered() || event.has_handoff_accepted() ||
          event.has_reassigned() || event.has_reopened()) {
        ReactToGiving();
      }
    }
    ExpectActiveOwner();
  }
  // What follows from the deactivations of before.
  void Relieve() {
    while (!reliefs_.empty()) {
      const auto decision = RelieveOne();
      ASSERT_TRUE(decision.ok()) << decision.status();
      for (const Event& event : *decision) Apply(event);
      ExpectActiveOwner();
    }
  }

  int accepted() const { return accepted_; }
  int moved() const { return moved_; }
  int escalated() const { return escalated_; }
  int climbed() const { return climbed_; }
  int exhausted() const { return exhausted_; }

 private:
  uint32_t Pick(uint32_t n) { return std::uniform_int_distribution<uint32_t>(0, n - 1)(random_); }

  // The last one is the supervisor above the others.
  static constexpr const char* kPeople[] = {"ana", "ben", "cleo", "sue"};

  // Deactivates the person, or brings them back.
  void Employ(const std::string& person) {
    if (gone_.erase(person) > 0) return;
    gone_.insert(person);
    reliefs_.push_back(person);
  }
  // The service looks whether it gave the case to somebody who was deactivated meanwhile.
  void ReactToGiving() {
    if (gone_.contains(state_.owner())) reliefs_.push_back(state_.owner());
    if (state_.has_handoff() && gone_.contains(state_.handoff().to())) reliefs_.push_back(state_.handoff().to());
  }
  bool IsBeingRelieved(const std::string& person) const {
    return std::find(reliefs_.begin(), reliefs_.end(), person) != reliefs_.end();
  }
  // At every version: whoever owns the case is active, or is on their way out.
  void ExpectActiveOwner() {
    if (state_.status() == v1::CASE_STATUS_UNSPECIFIED) return;
    if (!IsClosed(state_.status()) && gone_.contains(state_.owner())) {
      EXPECT_TRUE(IsBeingRelieved(state_.owner())) << state_.owner() << " is deactivated and owns the case";
    }
    if (state_.has_handoff() && gone_.contains(state_.handoff().to())) {
      EXPECT_TRUE(IsBeingRelieved(state_.handoff().to())) << "the case is offered to somebody who is deactivated";
    }
  }
  Ownership::Decision RelieveOne() {
    const std::string person = reliefs_.front();
    reliefs_.pop_front();
    if (!gone_.contains(person)) return std::vector<Event>();
    RelievePerson command{FromText<v1::CaseReassigned>(R"pb(to: "sue" reason: "r")pb"), opening_, Terms()};
    command.request.set_from(person);
    auto decision =
        Ownership::Decide(state_, command, By("throughline.ownership", common::v1::ROLE_SERVICE, "", time_));
    if (decision.ok()) moved_ += static_cast<int>(decision->size());
    return decision;
  }
  // The fact that the handler brings; it can be out of date.
  absl::Status MayOwn(const std::string& person) {
    if (!gone_.contains(person) || Pick(4) == 0) return absl::OkStatus();
    return absl::FailedPreconditionError("deactivated");
  }

  runtime::Caller Who() {
    const char* person = kPeople[Pick(4)];
    runtime::Caller caller = By(person, person == kPeople[3] ? ROLE_SUPERVISOR : ROLE_REP, "", time_);
    caller.command_id = std::to_string(++commands_);
    return caller;
  }

  template <typename Request>
  OnCase<Request> Plain(Request request) {
    return {std::move(request), opening_};
  }

  EscalationTerms Terms() {
    return {{time_ + absl::Seconds(1 + Pick(60)), time_ + absl::Seconds(1 + Pick(60))},
            time_ + absl::Seconds(1 + Pick(60)),
            Pick(4)};
  }

  std::string AnyPromise() {
    const auto& open = state_.ledger().open();
    return open.empty() ? "none" : open[static_cast<int>(Pick(static_cast<uint32_t>(open.size())))].commitment_id();
  }

  Ownership::Decision Give(const runtime::Caller& caller) {
    const auto soon = runtime::ToProto(time_ + absl::Seconds(Pick(60)));  // sometimes now, which is refused
    switch (Pick(21)) {
      case 0: {
        OfferHandoff command{FromText<v1::OfferHandoffRequest>(R"pb(reason: "r")pb"), opening_, absl::OkStatus(),
                             Pick(8) == 0, absl::Minutes(1)};
        command.request.set_to(Who().id);
        command.person = MayOwn(command.request.to());
        return Ownership::Decide(state_, command, caller);
      }
      case 1: {
        AcceptHandoff command{{}, opening_, MayOwn(caller.id)};
        command.request.set_handoff_id(state_.handoff().handoff_id());
        return Ownership::Decide(state_, command, caller);
      }
      case 2: {
        auto request = FromText<v1::DeclineHandoffRequest>(R"pb(reason: "r")pb");
        request.set_handoff_id(state_.handoff().handoff_id());
        return Ownership::Decide(state_, Plain(request), caller);
      }
      case 3: {
        ExpireHandoff command;
        command.request.set_handoff_id(state_.handoff().handoff_id());
        return Ownership::Decide(state_, command, caller);
      }
      case 4: {
        auto request = FromText<v1::MakePromiseRequest>(R"pb(text: "w")pb");
        *request.mutable_due() = soon;
        return Ownership::Decide(state_, Plain(request), caller);
      }
      case 5: {
        auto request = FromText<v1::KeepPromiseRequest>(R"pb(evidence: "h")pb");
        request.set_promise_id(AnyPromise());
        return Ownership::Decide(state_, Plain(request), caller);
      }
      case 6: {
        auto request = FromText<v1::RenegotiatePromiseRequest>(R"pb(reason: "r")pb");
        request.set_promise_id(AnyPromise());
        *request.mutable_new_due() = soon;
        return Ownership::Decide(state_, Plain(request), caller);
      }
      case 7: {
        CommitmentDue command{{}, opening_};
        command.request.set_commitment_id(AnyPromise());
        command.escalate_to = Who().id;
        command.terms = Terms();
        return Ownership::Decide(state_, command, By("throughline.ownership", ROLE_SERVICE, caller.command_id, time_));
      }
      case 8:
        return Ownership::Decide(state_, Plain(FromText<v1::AddWorkNoteRequest>(R"pb(text: "t")pb")), caller);
      case 9:
        return Ownership::Decide(state_, Plain(FromText<v1::ProposeResolutionRequest>(R"pb(text: "t")pb")), caller);
      case 10:
        return Ownership::Decide(state_, Plain(FromText<v1::ConfirmResolutionRequest>(R"pb(evidence: "e")pb")), caller);
      case 11:
        return Ownership::Decide(state_, Plain(FromText<v1::RejectResolutionRequest>(R"pb(reason: "r")pb")), caller);
      case 12: {
        auto request = FromText<v1::CloseCaseRequest>(R"pb(reason: "r")pb");
        if (Pick(3) > 0) request.add_options_offered("o");
        return Ownership::Decide(state_, Plain(request), caller);
      }
      case 13:
        return Ownership::Decide(state_,
                                 ReopenCase{FromText<v1::ReopenCaseRequest>(R"pb(reason: "r")pb"), opening_,
                                            MayOwn(state_.owner()).ok() ? "" : state_.owner(), "sue"},
                                 caller);
      case 14:
        return Ownership::Decide(state_, Plain(FromText<v1::WithdrawHandoffRequest>(R"pb(reason: "r")pb")), caller);
      case 15: {
        ReassignCase command{FromText<v1::ReassignCaseRequest>(R"pb(reason: "r")pb"), opening_, absl::OkStatus()};
        command.request.set_to(Who().id);
        command.person = MayOwn(command.request.to());
        return Ownership::Decide(state_, command, caller);
      }
      case 18:
        return Ownership::Decide(
            state_, EscalateCase{FromText<v1::EscalateCaseRequest>(R"pb(reason: "r")pb"), opening_, Who().id, Terms()},
            caller);
      case 19:
        return Ownership::Decide(state_, AcknowledgeEscalation{{}, opening_, Terms()}, caller);
      case 20:
        return Ownership::Decide(state_, Plain(FromText<v1::SettleEscalationRequest>(R"pb(decision: "d")pb")), caller);
      case 16:
        return reliefs_.empty() ? Ownership::Decision(std::vector<Event>()) : RelieveOne();
      default: {
        RequestConfirmation command{{}, opening_};
        command.request.set_notice_id("n" + std::to_string(Pick(3)));
        return Ownership::Decide(state_, command, caller);
      }
    }
  }

  void Apply(const Event& event) {
    const v1::OwnershipState before = state_;
    const bool began = before.status() != v1::CASE_STATUS_UNSPECIFIED;
    ASSERT_EQ(event.has_started(), !began)
        << "the first event, and only the first, starts the stream: " << event.ShortDebugString();
    Ownership::Evolve(state_, event);
    EXPECT_FALSE(state_.owner().empty());
    EXPECT_NE(state_.status(), v1::CASE_STATUS_UNSPECIFIED);
    if (began && !event.has_handoff_accepted() && !event.has_reassigned()) {
      EXPECT_EQ(state_.owner(), before.owner()) << "only HandoffAccepted and CaseReassigned change the owner";
    }
    ExpectLadder(event, before);
    if (event.has_closed() && event.closed().resolution_code() == v1::RESOLUTION_CODE_CONFIRMED) {
      EXPECT_EQ(before.status(), v1::CASE_STATUS_RESOLVED_CONFIRMED);
    }
    if (event.has_closed() && event.closed().resolution_code() != v1::RESOLUTION_CODE_CONFIRMED) {
      EXPECT_FALSE(event.closed().reason().empty() || event.closed().options_offered().empty());
    }
  }

  // An escalation reaches each person once, never the owner, and so ends; only a closed case loses it undecided.
  void ExpectLadder(const Event& event, const v1::OwnershipState& before) {
    if (event.has_escalated()) {
      ++escalated_;
      const bool moves = event.escalated().cause() == v1::ESCALATION_CAUSE_PERSON_DEACTIVATED;
      EXPECT_EQ(event.escalated().level(), before.escalation().level() + (moves ? 0 : 1));
      if (!moves) {
        EXPECT_NE(event.escalated().to(), before.owner()) << "nobody is above themselves";
        for (const std::string& known : before.escalation().ladder()) EXPECT_NE(event.escalated().to(), known);
      }
      EXPECT_LE(event.escalated().level(), 4u) << "there are four people";
    }
    climbed_ += event.escalated().cause() == v1::ESCALATION_CAUSE_NOT_ACKNOWLEDGED;
    exhausted_ += event.has_escalation_exhausted();
    if (event.has_escalation_exhausted()) EXPECT_FALSE(before.escalation().acknowledged());
    if (IsClosed(state_.status())) EXPECT_FALSE(state_.has_escalation());
  }

  std::mt19937 random_;
  absl::Time time_ = Noon();
  int commands_ = 0;
  int accepted_ = 0;
  int moved_ = 0;
  int escalated_ = 0;
  int climbed_ = 0;
  int exhausted_ = 0;
  std::set<std::string> gone_;
  std::deque<std::string> reliefs_;  // who is relieved next
  const v1::OwnershipStarted opening_ = FromText<v1::OwnershipStarted>(kOpening);
  v1::OwnershipState state_;
};

TEST(OwnershipProperty, InvariantsHoldUnderRandomCommands) {
  int accepted = 0, moved = 0, escalated = 0, climbed = 0, exhausted = 0;
  for (uint32_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomCase random(seed);
    for (int i = 0; i < 200; ++i) random.Step();
    random.Relieve();
    accepted += random.accepted();
    moved += random.moved();
    escalated += random.escalated();
    climbed += random.climbed();
    exhausted += random.exhausted();
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(accepted, 10000) << "too few accepted commands to test anything";
  EXPECT_GT(moved, 500) << "too few deactivations that move anything";
  EXPECT_GT(escalated, 1000);
  EXPECT_GT(climbed, 100);
  EXPECT_GT(exhausted, 100);
}

}  // namespace
}  // namespace throughline::ownership
