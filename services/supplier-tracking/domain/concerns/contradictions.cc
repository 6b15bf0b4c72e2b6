#include "services/supplier-tracking/domain/concerns/contradictions.h"

#include <string>

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/collection/collection.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {
namespace {

std::string EvidenceOf(const v1::ShipmentObserved& observed) {
  switch (observed.state()) {
    case v1::TRACKING_STATE_DELIVERED:
      return "it has arrived";
    case v1::TRACKING_STATE_READY_FOR_PICKUP:
      return "it is there";
    default:
      return "the carrier has reported since, and clearly";
  }
}

bool IsElsewhere(const v1::OrderState& state, const v1::ShipmentObserved& observed) {
  const v1::OrderState::Shipment* shipment = FindShipment(state, observed.shipment());
  return shipment != nullptr && !HasFailed(observed.state()) && IsInAnotherStore(*shipment, observed);
}

}  // namespace

bool IsContradictory(const v1::OrderState& state, const v1::ShipmentObserved& observed) {
  const v1::OrderState::Shipment* shipment = FindShipment(state, observed.shipment());
  if (shipment != nullptr && IsCollected(state, *shipment)) return false;
  return observed.has_contradicted_at() || IsElsewhere(state, observed);
}

void AddContradictionEvents(const v1::OrderState& before, const v1::ShipmentObserved& observed,
                            std::vector<v1::OrderEvent>& events) {
  const bool open = FindConcern(before, v1::CONCERN_KIND_CONTRADICTION, observed.shipment()) != nullptr;
  const bool contradictory = IsContradictory(before, observed);
  if (open && !contradictory) {
    v1::OrderConcernCleared& cleared = *events.emplace_back().mutable_concern_cleared();
    cleared.set_kind(v1::CONCERN_KIND_CONTRADICTION);
    cleared.set_about(observed.shipment());
    cleared.set_evidence(EvidenceOf(observed));
    return;
  }
  if (open || !contradictory) return;
  ShipmentName name;
  ParseShipmentStream(observed.shipment(), name);
  RaiseConcern raising;
  v1::OrderConcern& concern = raising.request;
  concern.set_kind(v1::CONCERN_KIND_CONTRADICTION);
  concern.set_about(observed.shipment());
  if (!observed.has_contradicted_at()) {
    const v1::StoreReceipt& receipt = observed.store_receipts(0);
    *concern.mutable_since() = receipt.at();
    concern.set_key(absl::StrCat(absl::ToUnixMicros(runtime::FromProto(receipt.at())), "/", receipt.store()));
    concern.set_state(v1::TRACKING_STATE_READY_FOR_PICKUP);
    concern.set_text(absl::StrCat(name.carrier, " ", name.number, " was received by our store ", receipt.store(),
                                  ", and is to be collected in ",
                                  FindShipment(before, observed.shipment())->collect_at()));
    auto elsewhere = Order::Decide(before, raising, runtime::Caller());
    if (!elsewhere.ok()) return;
    for (v1::OrderEvent& event : *elsewhere) events.push_back(std::move(event));
    return;
  }
  *concern.mutable_since() = observed.contradicted_at();
  concern.set_key(absl::StrCat(absl::ToUnixMicros(runtime::FromProto(observed.contradicted_at())),
                               observed.ready_without_receipt() ? "/ready" : ""));
  if (observed.ready_without_receipt()) {
    concern.set_state(v1::TRACKING_STATE_READY_FOR_PICKUP);
    concern.set_text(absl::StrCat(name.carrier, " ", name.number,
                                  " is ready in a store of ours, says the carrier, and the store has not received it"));
  } else {
    concern.set_text(absl::StrCat("what ", name.carrier, " reports about ", name.number, " contradicts itself"));
  }
  auto raised = Order::Decide(before, raising, runtime::Caller());
  if (!raised.ok()) return;
  for (v1::OrderEvent& event : *raised) events.push_back(std::move(event));
}

}  // namespace throughline::supplier
