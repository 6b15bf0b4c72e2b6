// Gives random commands about remedies to one case, and to the authority that they use, with handlers that stop after
// any step, and checks the invariants at every version.

#include <map>
#include <random>

#include "absl/algorithm/container.h"

#include "libs/money/money.h"
#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/remedies/authority.h"
#include "services/ownership/domain/remedies/remedy.h"
#include "services/ownership/domain/remedies/testing_remedies.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT

class RandomRemedies {
 public:
  explicit RandomRemedies(uint32_t seed) : random_(seed) {}

  void Step() {
    time_ += absl::Seconds(Pick(400));
    switch (Pick(12)) {
      case 0:
      case 1:
        return Begin(v1::REMEDY_STEP_GRANT);
      case 2:
        return Begin(v1::REMEDY_STEP_APPROVE);
      case 3:
        return Begin(v1::REMEDY_STEP_COUNTER);
      case 4:
      case 5:
        return React();
      case 6:
        return Ask();
      case 7:
        return Decide();
      case 8:
      case 9:
        return Pay();
      case 10:
        return Pass();
      default:
        return ChangeCase();
    }
  }
  // All that was begun is completed.
  void Finish() {
    while (!todo_.empty()) React();
    CheckUsed();
  }
  int granted() const { return granted_; }
  int refused() const { return refused_; }
  int paid() const { return static_cast<int>(paid_.size()); }
  int released() const { return released_; }

 private:
  using Todo = std::function<void()>;

  uint32_t Pick(uint32_t n) { return std::uniform_int_distribution<uint32_t>(0, n - 1)(random_); }
  runtime::Caller By(const std::string& who, runtime::Role role) {
    runtime::Caller caller = ownership::testing::By(who, role, "", time_);
    caller.command_id = std::to_string(++commands_);
    return caller;
  }
  runtime::Caller Rep() { return By(Pick(4) == 0 ? "ben" : "ana", ROLE_REP); }
  runtime::Caller Supervisor() { return By(Pick(2) == 0 ? "sue" : "tom", ROLE_SUPERVISOR); }
  runtime::Caller Ours() { return By("throughline.ownership", ROLE_SERVICE); }
  std::string AnyRemedy() {
    const auto& all = case_.remedies();
    return all.empty() ? "none" : all[static_cast<int>(Pick(static_cast<uint32_t>(all.size())))].remedy_id();
  }
  template <typename Request>
  OnCase<Request> About(const std::string& rest = "") {
    auto request = FromText<Request>(rest);
    request.set_case_id("c1");
    request.set_remedy_id(AnyRemedy());
    return {std::move(request), opening_};
  }

  template <typename Command>
  bool Give(const Command& command, const runtime::Caller& caller) {
    const auto decision = Ownership::Decide(case_, command, caller);
    if (!decision.ok()) return false;
    for (const auto& event : *decision) Apply(event);
    CheckOwed();
    return true;
  }

  // As a handler: any of its steps may be its last, and a reaction does the rest, perhaps twice.
  void Begin(v1::RemedyStep step) {
    const std::string id = std::to_string(++ids_);
    const bool grant = step == v1::REMEDY_STEP_GRANT;
    const runtime::Caller caller = grant ? Rep() : Supervisor();
    auto command = Order(step, grant ? "g" + id : AnyRemedy(), "v" + id, 1 + Pick(40'00), caller.id, !grant, 80'00);
    const auto stop = Pick(4);
    auto& state = authorities_[command.order.reservation().person_key()];
    const auto reserved =
        Authority::Decide(state, ReserveAuthority<v1::RemedyOrder>{command.order, command.order}, caller);
    if (!reserved.ok()) return;
    Reserve(command.order.reservation().person_key(), *reserved);
    const Todo rest = [this, command] { PlaceAfterCustomer(command); };
    if (stop > 0) rest();
    todo_.push_back(rest);
    if (stop == 2) todo_.push_back(rest);
  }
  void PlaceAfterCustomer(PlaceRemedy<v1::RemedyOrder> command) {
    const std::string& key = command.order.reservation().customer_key();
    // What is released has had its verdict, whether or not the case remembers it.
    const auto& reservation = command.order.reservation();
    if (IsNotHeld(authorities_[reservation.person_key()], reservation.reservation_id())) return;
    const auto reserved =
        Authority::Decide(authorities_[key], ReserveForCustomer<v1::RemedyOrder>{command.order, command.order}, Ours());
    ASSERT_TRUE(reserved.ok());
    Reserve(key, *reserved);
    const auto& state = authorities_[key];
    if (IsNotHeld(state, command.order.reservation().reservation_id())) {
      command.denied = money::Of("EUR", LeftOf(command.order.limits().per_customer(), AmountIn(state.held(), "EUR")));
    }
    Give(command, Ours());
  }
  void Reserve(const std::string& key, const std::vector<v1::AuthorityEvent>& events) {
    for (const auto& event : events) {
      Authority::Evolve(authorities_[key], event);
      const int64_t held = AmountIn(authorities_[key].held(), "EUR");
      EXPECT_LE(held, 1'000'00) << key;
      EXPECT_GE(held, 0) << key;
    }
  }
  void React() {
    if (todo_.empty()) return;
    const size_t i = Pick(static_cast<uint32_t>(todo_.size()));
    const Todo todo = todo_[i];
    todo_.erase(todo_.begin() + static_cast<int64_t>(i));
    todo();
  }
  void Release(const std::string& remedy_id, const v1::AuthorityReservation& reservation,
               const common::v1::Money& amount) {
    for (const std::string& key : {reservation.person_key(), reservation.customer_key()}) {
      todo_.push_back([=, this] {
        ReleaseAuthority command;
        command.request.set_reservation_id(reservation.reservation_id());
        command.request.set_remedy_id(remedy_id);
        *command.request.mutable_amount() = amount;
        const auto events = Authority::Decide(authorities_[key], command, Ours());
        ASSERT_TRUE(events.ok());
        released_ += static_cast<int>(events->size());
        Reserve(key, *events);
      });
    }
  }

  void Ask() {
    RequestRemedy command{FromText<v1::RequestRemedyRequest>(R"pb(kind: REMEDY_KIND_REFUND reason: "r")pb"), opening_,
                          Pick(2) == 0 ? "sue" : "tom", time_ + absl::Seconds(600)};
    *command.request.mutable_amount() = money::Of("EUR", 1 + Pick(90'00));
    Give(command, Pick(5) == 0 ? Supervisor() : Rep());
  }
  void Decide() {
    switch (Pick(4)) {
      case 0:
        Give(About<v1::DeclineRemedyRequest>(R"pb(reason: "r")pb"), Supervisor());
        return;
      case 1:
        Give(About<v1::WithdrawRemedyRequest>(R"pb(reason: "r")pb"), Rep());
        return;
      default:
        Give(About<v1::AnswerCounterOfferRequest>(Pick(2) == 0 ? "accepted: true" : R"pb(reason: "r")pb"), Rep());
    }
  }
  void Pay() {
    const std::string id = AnyRemedy();
    const v1::Remedy* remedy = FindRemedy(case_.remedies(), id);
    const std::string about = "payment_id: \"" +
                              (remedy == nullptr ? "none"
                               : Pick(8) == 0    ? id
                                                 : remedy->payment_id()) +
                              "\" ";
    const runtime::Caller bank = By(Pick(2) == 0 ? "bank" : "other", ROLE_SERVICE);
    const auto give = [&](auto command) {
      command.request.set_remedy_id(id);
      Give(command, bank);
    };
    switch (Pick(4)) {
      case 0:
        return give(About<v1::HandOffRemedyRequest>(about));
      case 1:
        return give(
            About<v1::RecordRemedyOutcomeRequest>(about + R"pb(outcome: PAYMENT_OUTCOME_PAID reference: "t")pb"));
      case 2:
        return give(
            About<v1::RecordRemedyOutcomeRequest>(about + R"pb(outcome: PAYMENT_OUTCOME_FAILED reason: "r")pb"));
      default:
        Give(About<v1::RetryRemedyRequest>(R"pb(reason: "r")pb"), Rep());
    }
  }
  // Time passes: what is due is broken, as the timer does it.
  void Pass() {
    const auto ledger = case_.ledger();
    for (const auto& open : ledger.open()) {
      if (runtime::FromProto(open.due()) > time_) continue;
      CommitmentDue due{{}, opening_};
      due.request.set_commitment_id(open.commitment_id());
      due.approver = Pick(3) == 0 ? "" : open.owed_by() == "sue" ? "tom" : "sue";
      due.approval_due = time_ + absl::Seconds(600);
      Give(due, Ours());
    }
  }
  void ChangeCase() {
    switch (Pick(4)) {
      case 0: {
        ReassignCase command{FromText<v1::ReassignCaseRequest>(R"pb(reason: "r")pb"), opening_, absl::OkStatus()};
        command.request.set_to(case_.owner() == "ana" ? "ben" : "ana");
        Give(command, Supervisor());
        return;
      }
      case 1: {
        RelievePerson command{FromText<v1::CaseReassigned>(R"pb(reason: "r")pb"), opening_};
        command.request.set_from(Pick(2) == 0 ? "sue" : "tom");
        command.request.set_to(command.request.from() == "sue" ? "tom" : "sue");
        Give(command, Ours());
        return;
      }
      case 2:
        if (Pick(4) > 0) return;  // not too often
        Give(OnCase<v1::CloseCaseRequest>{FromText<v1::CloseCaseRequest>(R"pb(reason: "r" options_offered: "o")pb"),
                                          opening_},
             Rep());
        return;
      default:
        Give(ReopenCase{FromText<v1::ReopenCaseRequest>(R"pb(reason: "r")pb"), opening_}, Rep());
    }
  }

  void Apply(const v1::OwnershipEvent& event) {
    const auto before = case_;
    Ownership::Evolve(case_, event);
    EXPECT_LE(AmountIn(case_.granted(), "EUR"), 80'00) << event.ShortDebugString();
    EXPECT_GE(AmountIn(case_.granted(), "EUR"), 0);
    if (event.has_remedy_refused()) {
      ++refused_;
      Release(event.remedy_refused().remedy_id(), event.remedy_refused().reservation(),
              event.remedy_refused().amount());
    }
    if (event.remedy_withdrawn().has_reservation()) {
      Release(event.remedy_withdrawn().remedy_id(), event.remedy_withdrawn().reservation(),
              event.remedy_withdrawn().amount());
    }
    if (event.has_remedy_granted()) {
      ++granted_;
      const std::string& approver = event.remedy_granted().approved_by();
      EXPECT_NE(approver, event.remedy_granted().granted_by()) << "nobody approves what they asked for";
    }
    if (event.remedy_outcome_recorded().outcome() == v1::PAYMENT_OUTCOME_PAID) {
      EXPECT_EQ(++paid_[event.remedy_outcome_recorded().remedy_id()], 1) << "paid twice";
    }
    // Paid, declined and given up are final.
    for (const v1::Remedy& remedy : before.remedies()) {
      const v1::Remedy* now = FindRemedy(case_.remedies(), remedy.remedy_id());
      if (IsFinal(remedy.status()) && now != nullptr) EXPECT_EQ(now->status(), remedy.status());
    }
  }
  // A decision is owed about exactly what waits for one.
  void CheckOwed() {
    std::map<std::string, int> approvals, answers;
    for (const auto& open : case_.ledger().open()) {
      if (open.kind() == v1::COMMITMENT_KIND_APPROVAL) ++approvals[open.remedy_id()];
      if (open.kind() == v1::COMMITMENT_KIND_COUNTER_OFFER_ANSWER) ++answers[open.remedy_id()];
    }
    for (const v1::Remedy& remedy : case_.remedies()) {
      EXPECT_EQ(approvals[remedy.remedy_id()], remedy.status() == v1::REMEDY_STATUS_REQUESTED ? 1 : 0)
          << remedy.ShortDebugString();
      EXPECT_EQ(answers[remedy.remedy_id()], remedy.status() == v1::REMEDY_STATUS_COUNTERED ? 1 : 0)
          << remedy.ShortDebugString();
    }
  }
  // What is held is what the case has.
  void CheckUsed() {
    std::map<std::string, int64_t> used;
    for (const v1::Remedy& remedy : case_.remedies()) {
      const bool countered = remedy.status() == v1::REMEDY_STATUS_COUNTERED;
      if (!countered && !IsGranted(remedy.status())) continue;
      const auto& reservation = countered ? remedy.counter_offer().reservation() : remedy.reservation();
      const int64_t amount = (countered ? remedy.counter_offer().amount() : remedy.amount()).minor_units();
      used[reservation.person_key()] += amount;
      used[reservation.customer_key()] += amount;
    }
    for (const auto& [key, state] : authorities_) EXPECT_EQ(AmountIn(state.held(), "EUR"), used[key]) << key;
  }

  std::mt19937 random_;
  absl::Time time_ = Noon();
  int commands_ = 0, ids_ = 0, granted_ = 0, refused_ = 0, released_ = 0;
  const v1::OwnershipStarted opening_ = FromText<v1::OwnershipStarted>(kOpening);
  v1::OwnershipState case_;
  std::map<std::string, v1::AuthorityState> authorities_;
  std::map<std::string, int> paid_;
  std::vector<Todo> todo_;
};

TEST(RemedyProperty, InvariantsHoldUnderRandomCommandsAndStops) {
  int granted = 0, refused = 0, paid = 0, released = 0;
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomRemedies random(seed);
    for (int i = 0; i < 150; ++i) random.Step();
    random.Finish();
    granted += random.granted();
    refused += random.refused();
    paid += random.paid();
    released += random.released();
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(granted, 500) << "too few remedies to test anything";
  EXPECT_GT(refused, 500);
  EXPECT_GT(paid, 100);
  EXPECT_GT(released, 500);
}

}  // namespace
}  // namespace throughline::ownership
