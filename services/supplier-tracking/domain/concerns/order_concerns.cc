#include "services/supplier-tracking/domain/concerns/order_concerns.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "services/supplier-tracking/domain/fingerprint.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {
namespace {

uint64_t KeyOf(const v1::OrderConcern& concern) {
  return TextHash(absl::StrCat(static_cast<int>(concern.kind()), " ", concern.about(), " ", concern.key()));
}

}  // namespace

const v1::OrderConcern* FindConcern(const v1::OrderState& state, v1::ConcernKind kind, const std::string& about) {
  const auto found = absl::c_find_if(state.concerns(), [&](const v1::OrderConcern& concern) {
    return concern.kind() == kind && concern.about() == about;
  });
  return found == state.concerns().end() ? nullptr : &*found;
}

Order::Decision Order::Decide(const State& state, const RaiseConcern& command, const runtime::Caller&) {
  const v1::OrderConcern& concern = command.request;
  const bool open = FindConcern(state, concern.kind(), concern.about()) != nullptr;
  if (state.order_id().empty() || open || absl::c_linear_search(state.concern_keys(), KeyOf(concern))) {
    return std::vector<Event>();
  }
  // The customer has what it carries.
  const State::Shipment* shipment = FindShipment(state, concern.about());
  if (shipment != nullptr && IsCollected(state, *shipment)) return std::vector<Event>();
  std::vector<Event> events(1);
  auto& raised = *events.front().mutable_concern_raised();
  *raised.mutable_concern() = concern;
  raised.set_owner(state.owner());
  raised.set_customer_id(state.customer_id());
  return events;
}

Order::Decision Order::Decide(const State& state, const ClearConcern& command, const runtime::Caller&) {
  if (FindConcern(state, command.request.kind(), command.request.about()) == nullptr) return std::vector<Event>();
  std::vector<Event> events(1);
  *events.front().mutable_concern_cleared() = command.request;
  return events;
}

void EvolveConcerns(v1::OrderState& state, const v1::OrderConcernRaised& raised) {
  *state.add_concerns() = raised.concern();
  auto& keys = *state.mutable_concern_keys();
  if (keys.size() >= kMostConcernKeys) keys.erase(keys.begin());
  keys.Add(KeyOf(raised.concern()));
}

void EvolveConcerns(v1::OrderState& state, const v1::OrderConcernCleared& cleared) {
  auto& open = *state.mutable_concerns();
  open.erase(std::remove_if(open.begin(), open.end(),
                            [&](const v1::OrderConcern& concern) {
                              return concern.kind() == cleared.kind() && concern.about() == cleared.about();
                            }),
             open.end());
}

}  // namespace throughline::supplier
