#pragma once

// The rules of the test service: `account/<id>` and `ledger/<id>`; see account.proto.

#include "libs/runtime/domain/caller.h"
#include "libs/runtime/engine/definition.h"
#include "libs/runtime/testing/account.pb.h"

namespace throughline::runtime::testing {

struct Account {
  static constexpr char kKind[] = "account";
  using State = v1::AccountState;
  using Event = v1::AccountEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // FAILED_PRECONDITION, all of them, on a closed account; INVALID_ARGUMENT for an amount that is not positive.
  static Decision Decide(const State& state, const v1::Deposit& command, const Caller& caller);
  // FAILED_PRECONDITION for more than what is there and not held.
  static Decision Decide(const State& state, const v1::Withdraw& command, const Caller& caller);
  // Nothing to do for the name that it has.
  static Decision Decide(const State& state, const v1::Rename& command, const Caller& caller);
  // As Withdraw; the hold's id follows from the command.
  static Decision Decide(const State& state, const v1::PlaceHold& command, const Caller& caller);
  // Nothing to do for a hold that is not there.
  static Decision Decide(const State& state, const v1::ReleaseHold& command, const Caller& caller);
  // FAILED_PRECONDITION unless it is empty. Nothing to do if it is closed.
  static Decision Decide(const State& state, const v1::Close& command, const Caller& caller);

  static void Evolve(State& state, const Event& event);
  // What can be withdrawn.
  static int64_t Available(const State& state);
};

struct Ledger {
  static constexpr char kKind[] = "ledger";
  using State = v1::LedgerState;
  using Event = v1::LedgerEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  static Decision Decide(const State& state, const v1::Book& command, const Caller& caller);
  static void Evolve(State& state, const Event& event);
};

// Account -> its state, as the projection saw it last.
inline constexpr store::Table<v1::AccountState, std::string> kAccountRows{16};
// Stream, version -> `partition@offset` of the commit.
inline constexpr store::Table<std::string, std::string, int64_t> kHistoryRows{17};
// Counts every event: Counted(reader, kEventCounter).
inline constexpr char kEventCounter[] = "events";

// The whole service on the intake topic, with a projection, a reactor that books withdrawals, and a timer that releases
// holds. Watched: the stream's id.
std::unique_ptr<Definition> DefineAccounts();

}  // namespace throughline::runtime::testing
