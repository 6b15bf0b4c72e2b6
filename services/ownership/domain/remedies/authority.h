#pragma once

// The rules of authority: of what somebody may grant in a period, or a customer may get, an amount is reserved for each
// remedy before its case hears of it, and released if the case does not take it. So remedies that are granted at the
// same time, wherever, never exceed a limit together.
//
//   person:   Reserved, or ABOVE_AUTHORITY
//   customer: Reserved, or Denied: the case, which hears of either, then refuses the remedy, and the person's is
//   released
//
// Pure functions; any thread.

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/runtime/domain/caller.h"
#include "throughline/ownership/v1/authority.pb.h"
#include "throughline/ownership/v1/state.pb.h"

namespace throughline::ownership {

// `order.reservation` and `order.limits` are what the policy said when the remedy was asked for.
template <typename Request>
struct ReserveAuthority {
  Request request;
  v1::RemedyOrder order;
};
// Of the customer.
template <typename Request>
struct ReserveForCustomer {
  Request request;
  v1::RemedyOrder order;
};
struct ReleaseAuthority {
  v1::AuthorityReleased request;  // all but `held`
};

// The streams `authority/person/<person>/<period>` and `authority/customer/<customer>/<period>`.
struct Authority {
  static constexpr char kKind[] = "authority";
  // So many reservations are remembered, so that each is made and released once.
  static constexpr int kMostRemembered = 1000;
  using State = v1::AuthorityState;
  using Event = v1::AuthorityEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // FAILED_PRECONDITION ABOVE_AUTHORITY. Nothing to do if the reservation was made or denied before.
  template <typename Request>
  static Decision Decide(const State& state, const ReserveAuthority<Request>& command, const runtime::Caller&) {
    return Reserve(state, command.order);
  }
  template <typename Request>
  static Decision Decide(const State& state, const ReserveForCustomer<Request>& command, const runtime::Caller&) {
    return ReserveOrDeny(state, command.order);
  }
  static Decision Decide(const State& state, const ReleaseAuthority& command, const runtime::Caller&);

  static void Evolve(State& state, const Event& event);

 private:
  static Decision Reserve(const State& state, const v1::RemedyOrder& order);
  static Decision ReserveOrDeny(const State& state, const v1::RemedyOrder& order);
};

// The stream's key. A slash in the person's or customer's id is escaped, so that no two share a key.
std::string PersonAuthorityKey(const std::string& person, const std::string& period);
std::string CustomerAuthorityKey(const std::string& customer_id, const std::string& period);

// Whether the reservation was denied or released; false also if it is not remembered.
bool IsNotHeld(const v1::AuthorityState& state, const std::string& reservation_id);

}  // namespace throughline::ownership
