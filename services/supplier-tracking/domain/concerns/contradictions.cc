#include "services/supplier-tracking/domain/concerns/contradictions.h"

#include <string>

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"

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

}  // namespace

void AddContradictionEvents(const v1::OrderState& before, const v1::ShipmentObserved& observed,
                            std::vector<v1::OrderEvent>& events) {
  const bool open = FindConcern(before, v1::CONCERN_KIND_CONTRADICTION, observed.shipment()) != nullptr;
  if (open && !observed.has_contradicted_at()) {
    v1::OrderConcernCleared& cleared = *events.emplace_back().mutable_concern_cleared();
    cleared.set_kind(v1::CONCERN_KIND_CONTRADICTION);
    cleared.set_about(observed.shipment());
    cleared.set_evidence(EvidenceOf(observed));
    return;
  }
  if (open || !observed.has_contradicted_at()) return;
  ShipmentName name;
  ParseShipmentStream(observed.shipment(), name);
  RaiseConcern raising;
  v1::OrderConcern& concern = raising.request;
  concern.set_kind(v1::CONCERN_KIND_CONTRADICTION);
  concern.set_about(observed.shipment());
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
