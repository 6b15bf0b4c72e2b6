#include "services/supplier-tracking/domain/delivery/order_delivery.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/order_shipments.h"
#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {
namespace {

using Shipment = v1::OrderState::Shipment;
using State = v1::OrderState;

bool IsDelivered(const Shipment& shipment) { return shipment.has_delivered_at() && EndsAtTheCustomer(shipment); }

// `ups 1Z999AA10123456784`.
std::string NameOf(const Shipment& shipment) {
  ShipmentName name;
  return ParseShipmentStream(shipment.shipment(), name) ? absl::StrCat(name.carrier, " ", name.number)
                                                        : shipment.shipment();
}

std::string Moment(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", runtime::FromProto(time), absl::UTCTimeZone());
}

Shipment* MutableShipment(State& state, const std::string& name) {
  const auto found = absl::c_find_if(*state.mutable_shipments(),
                                     [&](const Shipment& shipment) { return shipment.shipment() == name; });
  return found == state.mutable_shipments()->end() ? nullptr : &*found;
}

// Clears those of these concerns that are open about the shipment.
void ClearDoubts(const State& state, const Shipment& shipment, std::initializer_list<v1::ConcernKind> kinds,
                 const std::string& evidence, std::vector<v1::OrderEvent>& events) {
  for (const v1::ConcernKind kind : kinds) {
    if (FindConcern(state, kind, shipment.shipment()) == nullptr) continue;
    v1::OrderConcernCleared& cleared = *events.emplace_back().mutable_concern_cleared();
    cleared.set_kind(kind);
    cleared.set_about(shipment.shipment());
    cleared.set_evidence(evidence);
  }
}

v1::OrderConcern ConcernOf(const Shipment& shipment, v1::ConcernKind kind, const std::string& text) {
  v1::OrderConcern concern;
  concern.set_kind(kind);
  concern.set_about(shipment.shipment());
  concern.set_text(text);
  *concern.mutable_since() = shipment.delivered_at();
  concern.set_state(shipment.state());
  concern.set_key(absl::StrCat(absl::ToUnixMicros(runtime::FromProto(shipment.delivered_at()))));
  return concern;
}

// The delivered shipment that a request means.
template <typename Request>
absl::StatusOr<const Shipment*> DeliveredOf(const State& state, const Request& request) {
  runtime::FieldViolations bad;
  RequireText(bad, "order_id", request.order_id());
  runtime::RequireField(bad, "text", request.text(), "say what the customer says, or what was found out");
  if (!bad.empty()) return bad.ToStatus();
  if (state.order_id().empty()) return OrderUnknown(request.order_id());
  std::vector<const Shipment*> delivered;
  for (const Shipment& shipment : state.shipments()) {
    const bool meant = request.shipment().empty() || request.shipment() == shipment.shipment();
    if (meant && IsDelivered(shipment)) delivered.push_back(&shipment);
  }
  if (delivered.size() > 1) {
    return runtime::BadField("shipment", "is not set, and several were delivered: name one of them");
  }
  if (delivered.empty()) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "NOT_DELIVERED",
                           "no carrier calls it delivered to the customer: look at where it is");
  }
  return delivered.front();
}

}  // namespace

void AddDeliveryEvents(const State& before, const std::string& name, std::optional<absl::Duration> within,
                       absl::Time now, std::vector<v1::OrderEvent>& events) {
  State after = before;
  for (const auto& event : events) Order::Evolve(after, event);
  const Shipment* shipment = FindShipment(after, name);
  if (shipment == nullptr) return;
  const v1::DeliveryRecord& delivery = shipment->delivery();
  if (!IsDelivered(*shipment)) {
    return ClearDoubts(after, *shipment, {v1::CONCERN_KIND_PROOF_MISSING, v1::CONCERN_KIND_DELIVERY_DISPUTED},
                       "the carrier takes the delivery back", events);
  }
  if (delivery.has_proof()) {
    const std::string& by = delivery.proof().received_by();
    return ClearDoubts(
        after, *shipment, {v1::CONCERN_KIND_PROOF_MISSING},
        absl::StrCat("the carrier has given its proof", by.empty() ? "" : absl::StrCat(", received by ", by)), events);
  }
  if (!within || delivery.has_proof_due() || delivery.has_check()) return;
  const absl::Time at = runtime::FromProto(shipment->delivered_at());
  v1::ProofAwaited& awaited = *events.emplace_back().mutable_proof_awaited();
  awaited.set_shipment(name);
  *awaited.mutable_since() = shipment->delivered_at();
  *awaited.mutable_due() = runtime::ToProto(std::max(at + *within, now + std::min(*within, absl::Hours(1))));
}

Order::Decision Order::Decide(const State& state, const PassProofDue& command, const runtime::Caller& caller) {
  const Shipment* shipment = FindShipment(state, command.request.shipment());
  const bool holds = shipment != nullptr && IsDelivered(*shipment) && shipment->delivery().has_proof_due() &&
                     Same(shipment->delivery().proof_due(), command.request.due()) &&
                     caller.time >= runtime::FromProto(command.request.due());
  if (!holds) return std::vector<Event>();
  const std::string text = absl::StrCat(NameOf(*shipment), " was delivered on ", Moment(shipment->delivered_at()),
                                        ", says the carrier, without the proof that it gives otherwise");
  return Decide(state, RaiseConcern{ConcernOf(*shipment, v1::CONCERN_KIND_PROOF_MISSING, text)}, caller);
}

Order::Decision Order::Decide(const State& state, const v1::DisputeDeliveryRequest& request,
                              const runtime::Caller& caller) {
  const absl::StatusOr<const Shipment*> shipment = DeliveredOf(state, request);
  if (!shipment.ok()) return shipment.status();
  if ((*shipment)->delivery().disputed()) return std::vector<Event>();
  std::vector<Event> events(1);
  auto& disputed = *events.front().mutable_delivery_disputed();
  disputed.set_shipment((*shipment)->shipment());
  disputed.set_text(request.text());
  disputed.set_by(caller.id);
  // What the customer says stands in the event; it may be disputed again after it was verified.
  v1::OrderConcern concern =
      ConcernOf(**shipment, v1::CONCERN_KIND_DELIVERY_DISPUTED,
                absl::StrCat("the customer does not have ", NameOf(**shipment), ", which was delivered on ",
                             Moment((*shipment)->delivered_at()), ", says the carrier"));
  concern.set_key(absl::StrCat(concern.key(), "/", caller.command_id));
  auto raised = Decide(state, RaiseConcern{std::move(concern)}, caller);
  if (!raised.ok()) return raised.status();
  for (Event& event : *raised) events.push_back(std::move(event));
  return events;
}

Order::Decision Order::Decide(const State& state, const v1::VerifyDeliveryRequest& request,
                              const runtime::Caller& caller) {
  const absl::StatusOr<const Shipment*> shipment = DeliveredOf(state, request);
  if (!shipment.ok()) return shipment.status();
  std::vector<Event> events(1);
  auto& verified = *events.front().mutable_delivery_verified();
  verified.set_shipment((*shipment)->shipment());
  verified.mutable_check()->set_by(caller.id);
  *verified.mutable_check()->mutable_at() = runtime::ToProto(caller.time);
  verified.mutable_check()->set_text(request.text());
  ClearDoubts(state, **shipment, {v1::CONCERN_KIND_PROOF_MISSING, v1::CONCERN_KIND_DELIVERY_DISPUTED},
              absl::StrCat("verified by ", caller.id), events);
  return events;
}

void EvolveDelivery(State& state, const v1::ProofAwaited& awaited) {
  Shipment* shipment = MutableShipment(state, awaited.shipment());
  if (shipment != nullptr) *shipment->mutable_delivery()->mutable_proof_due() = awaited.due();
}

void EvolveDelivery(State& state, const v1::DeliveryDisputed& disputed) {
  Shipment* shipment = MutableShipment(state, disputed.shipment());
  if (shipment == nullptr) return;
  shipment->mutable_delivery()->set_disputed(true);
  shipment->mutable_delivery()->clear_check();
}

void EvolveDelivery(State& state, const v1::DeliveryVerified& verified) {
  Shipment* shipment = MutableShipment(state, verified.shipment());
  if (shipment == nullptr) return;
  v1::DeliveryRecord& delivery = *shipment->mutable_delivery();
  *delivery.mutable_check() = verified.check();
  delivery.set_disputed(false);
  delivery.clear_proof_due();
}

void EvolveDelivery(Shipment& shipment, const v1::ShipmentObserved& observed) {
  if (observed.state() != v1::TRACKING_STATE_DELIVERED) return shipment.clear_delivery();
  if (!observed.has_proof()) return;
  *shipment.mutable_delivery()->mutable_proof() = observed.proof();
  shipment.mutable_delivery()->clear_proof_due();
}

}  // namespace throughline::supplier
