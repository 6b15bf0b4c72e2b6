#include "services/ownership/domain/remedies/authority.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "libs/money/money.h"
#include "services/ownership/domain/remedies/remedy.h"

namespace throughline::ownership {
namespace {

const v1::AuthorityState::Reservation* Find(const v1::AuthorityState& state, const std::string& reservation_id) {
  const auto found =
      absl::c_find_if(state.reservations(), [&](const auto& one) { return one.reservation_id() == reservation_id; });
  return found == state.reservations().end() ? nullptr : &*found;
}

common::v1::Money Held(const v1::AuthorityState& state, const common::v1::Money& amount, int sign) {
  return money::Of(amount.currency(), AmountIn(state.held(), amount.currency()) + sign * amount.minor_units());
}

v1::AuthorityEvent Reserved(const v1::AuthorityState& state, const v1::RemedyOrder& order) {
  v1::AuthorityEvent event;
  *event.mutable_reserved()->mutable_order() = order;
  *event.mutable_reserved()->mutable_held() = Held(state, order.amount(), 1);
  return event;
}

void Remember(v1::AuthorityState& state, const std::string& reservation_id, const common::v1::Money& amount) {
  auto& all = *state.mutable_reservations();
  auto& one = *all.Add();
  one.set_reservation_id(reservation_id);
  *one.mutable_amount() = amount;
  if (all.size() > Authority::kMostRemembered) all.DeleteSubrange(0, all.size() - Authority::kMostRemembered);
}

std::string Key(absl::string_view whose, const std::string& id, const std::string& period) {
  return absl::StrCat(whose, "/", absl::StrReplaceAll(id, {{"%", "%25"}, {"/", "%2F"}}), "/", period);
}

}  // namespace

Authority::Decision Authority::Reserve(const State& state, const v1::RemedyOrder& order) {
  if (Find(state, order.reservation().reservation_id()) != nullptr) return std::vector<Event>();
  const std::string& currency = order.amount().currency();
  const int64_t left = LeftOf(order.limits().per_period(), AmountIn(state.held(), currency));
  if (order.amount().minor_units() > left) return AboveAuthority("period", money::Of(currency, left));
  return std::vector{Reserved(state, order)};
}

Authority::Decision Authority::ReserveOrDeny(const State& state, const v1::RemedyOrder& order) {
  if (Find(state, order.reservation().reservation_id()) != nullptr) return std::vector<Event>();
  const int64_t held = AmountIn(state.held(), order.amount().currency());
  if (order.amount().minor_units() <= LeftOf(order.limits().per_customer(), held)) {
    return std::vector{Reserved(state, order)};
  }
  Event event;
  *event.mutable_denied()->mutable_order() = order;
  *event.mutable_denied()->mutable_held() = money::Of(order.amount().currency(), held);
  return std::vector{std::move(event)};
}

Authority::Decision Authority::Decide(const State& state, const ReleaseAuthority& command, const runtime::Caller&) {
  if (IsNotHeld(state, command.request.reservation_id())) return std::vector<Event>();
  // One that is forgotten was made long ago: the command that releases it is given once.
  Event event;
  *event.mutable_released() = command.request;
  *event.mutable_released()->mutable_held() = Held(state, command.request.amount(), -1);
  return std::vector{std::move(event)};
}

void Authority::Evolve(State& state, const Event& event) {
  switch (event.event_case()) {
    case Event::kReserved: {
      const v1::RemedyOrder& order = event.reserved().order();
      AddTo(*state.mutable_held(), order.amount(), 1);
      return Remember(state, order.reservation().reservation_id(), order.amount());
    }
    case Event::kDenied: {
      const v1::RemedyOrder& order = event.denied().order();
      return Remember(state, order.reservation().reservation_id(), money::Of(order.amount().currency(), 0));
    }
    case Event::kReleased:
      AddTo(*state.mutable_held(), event.released().amount(), -1);
      for (auto& one : *state.mutable_reservations()) {
        if (one.reservation_id() == event.released().reservation_id()) one.mutable_amount()->set_minor_units(0);
      }
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

std::string PersonAuthorityKey(const std::string& person, const std::string& period) {
  return Key("person", person, period);
}

std::string CustomerAuthorityKey(const std::string& customer_id, const std::string& period) {
  return Key("customer", customer_id, period);
}

bool IsNotHeld(const v1::AuthorityState& state, const std::string& reservation_id) {
  const v1::AuthorityState::Reservation* one = Find(state, reservation_id);
  return one != nullptr && one->amount().minor_units() == 0;
}

}  // namespace throughline::ownership
