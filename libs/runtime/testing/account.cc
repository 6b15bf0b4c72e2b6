#include "libs/runtime/testing/account.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/time.h"

namespace throughline::runtime::testing {
namespace {

absl::Status CheckOpen(const v1::AccountState& state) {
  return state.is_closed() ? absl::FailedPreconditionError("the account is closed") : absl::OkStatus();
}

absl::Status CheckCovered(const v1::AccountState& state, int64_t amount) {
  if (absl::Status open = CheckOpen(state); !open.ok()) return open;
  if (amount <= 0) return absl::InvalidArgumentError("amount: must be positive");
  return Account::Available(state) < amount ? absl::FailedPreconditionError("not enough money") : absl::OkStatus();
}

class Accounts : public Projection {
 public:
  void Apply(const AcceptedCommit& commit, store::Batch& batch) override {
    const std::string stream = commit.stream.ToString();
    Count(batch, kEventCounter, static_cast<int64_t>(commit.events.size()));
    kHistoryRows.Put(batch, stream, static_cast<int64_t>(commit.version),
                     std::to_string(commit.position.partition.index) + "@" + std::to_string(commit.position.offset));
    batch.Notify(stream);
    if (commit.stream.kind != Account::kKind) return;
    kAccountRows.Put(batch, commit.stream.key, commit.StateOf<Account>());
    for (size_t i = 0; i < commit.events.size(); ++i) {
      const auto& event = commit.EventAt<v1::AccountEvent>(i);
      if (event.has_hold_placed()) {
        ScheduleTimer(batch, FromProto(event.hold_placed().until()), stream, event.hold_placed().hold_id());
      } else if (event.has_hold_released()) {
        CancelTimer(batch, FromProto(event.hold_released().until()), stream, event.hold_released().hold_id());
      }
    }
  }
};

class Booking : public Reactor {
 public:
  void React(const AcceptedCommit& commit, const store::KeyValue&, Reactions& reactions) override {
    if (commit.stream.kind != Account::kKind) return;
    for (size_t i = 0; i < commit.events.size(); ++i) {
      const auto& event = commit.EventAt<v1::AccountEvent>(i);
      if (!event.has_withdrawn() || event.withdrawn().ledger().empty()) continue;
      v1::Book book;
      book.set_cause(commit.Cause());
      book.set_amount(event.withdrawn().amount());
      reactions.Execute<Ledger>({Ledger::kKind, event.withdrawn().ledger()}, book, "book/" + std::to_string(i));
    }
  }
};

class Releasing : public TimerHandler {
 public:
  void Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue&, Reactions& reactions) override {
    v1::ReleaseHold release;
    release.set_hold_id(timer.name());
    reactions.Execute<Account>(*StreamId::Parse(timer.stream()), release, "release");
  }
};

}  // namespace

Account::Decision Account::Decide(const State& state, const v1::Deposit& command, const Caller&) {
  if (absl::Status open = CheckOpen(state); !open.ok()) return open;
  if (command.amount() <= 0) return absl::InvalidArgumentError("amount: must be positive");
  Event event;
  event.mutable_deposited()->set_amount(command.amount());
  return std::vector{std::move(event)};
}

Account::Decision Account::Decide(const State& state, const v1::Withdraw& command, const Caller&) {
  if (absl::Status covered = CheckCovered(state, command.amount()); !covered.ok()) return covered;
  Event event;
  event.mutable_withdrawn()->set_amount(command.amount());
  event.mutable_withdrawn()->set_ledger(command.ledger());
  return std::vector{std::move(event)};
}

Account::Decision Account::Decide(const State& state, const v1::Rename& command, const Caller&) {
  if (absl::Status open = CheckOpen(state); !open.ok()) return open;
  if (command.name() == state.name()) return std::vector<Event>{};
  Event event;
  event.mutable_renamed()->set_name(command.name());
  return std::vector{std::move(event)};
}

Account::Decision Account::Decide(const State& state, const v1::PlaceHold& command, const Caller& caller) {
  if (absl::Status covered = CheckCovered(state, command.amount()); !covered.ok()) return covered;
  Event event;
  auto& placed = *event.mutable_hold_placed();
  placed.set_hold_id(DerivedId(caller, "hold"));
  placed.set_amount(command.amount());
  *placed.mutable_until() = command.until();
  return std::vector{std::move(event)};
}

Account::Decision Account::Decide(const State& state, const v1::ReleaseHold& command, const Caller&) {
  std::vector<Event> events;
  for (const State::Hold& hold : state.holds()) {
    if (hold.hold_id() != command.hold_id()) continue;
    auto& released = *events.emplace_back().mutable_hold_released();
    released.set_hold_id(hold.hold_id());
    *released.mutable_until() = hold.until();
  }
  return events;
}

Account::Decision Account::Decide(const State& state, const v1::Close&, const Caller&) {
  if (state.is_closed()) return std::vector<Event>{};
  if (state.balance() != 0) return absl::FailedPreconditionError("the account is not empty");
  Event event;
  event.mutable_closed();
  return std::vector{std::move(event)};
}

void Account::Evolve(State& state, const Event& event) {
  switch (event.event_case()) {
    case Event::kDeposited:
      state.set_balance(state.balance() + event.deposited().amount());
      return;
    case Event::kWithdrawn:
      state.set_balance(state.balance() - event.withdrawn().amount());
      return;
    case Event::kRenamed:
      state.set_name(event.renamed().name());
      return;
    case Event::kHoldPlaced: {
      auto& hold = *state.add_holds();
      hold.set_hold_id(event.hold_placed().hold_id());
      hold.set_amount(event.hold_placed().amount());
      *hold.mutable_until() = event.hold_placed().until();
      return;
    }
    case Event::kHoldReleased:
      for (int i = state.holds_size() - 1; i >= 0; --i) {
        if (state.holds(i).hold_id() == event.hold_released().hold_id()) state.mutable_holds()->DeleteSubrange(i, 1);
      }
      return;
    case Event::kClosed:
      state.set_is_closed(true);
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

int64_t Account::Available(const State& state) {
  int64_t available = state.balance();
  for (const State::Hold& hold : state.holds()) available -= hold.amount();
  return available;
}

Ledger::Decision Ledger::Decide(const State&, const v1::Book& command, const Caller&) {
  Event event;
  event.mutable_booked()->set_cause(command.cause());
  event.mutable_booked()->set_amount(command.amount());
  return std::vector{std::move(event)};
}

void Ledger::Evolve(State& state, const Event& event) { state.set_total(state.total() + event.booked().amount()); }

std::unique_ptr<Definition> DefineAccounts() {
  auto definition = std::make_unique<Definition>();
  definition->topic = log::Topic::kIntake;
  definition->folds = {log::Topic::kIntake};
  definition->layout = "accounts-1";
  definition->types.Add(StreamType::Own<Account>(log::Topic::kIntake));
  definition->types.Add(StreamType::Own<Ledger>(log::Topic::kIntake));
  definition->projections.push_back(std::make_unique<Accounts>());
  definition->reactors.push_back(std::make_unique<Booking>());
  definition->timers = std::make_unique<Releasing>();
  return definition;
}

}  // namespace throughline::runtime::testing
