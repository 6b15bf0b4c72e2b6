#include "services/supplier-tracking/reactors/observe.h"

#include <optional>

#include "absl/algorithm/container.h"

#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/shipment.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/projections/tables.h"
#include "services/supplier-tracking/risk/assess.h"

namespace throughline::supplier {
namespace {

// Whether the event can change what an order takes over from a shipment. RETURNING can: it may turn an earlier delivery
// into a return.
bool Matters(const v1::ShipmentEvent& event) {
  if (event.has_announced() || event.has_eta_recorded()) return true;
  if (event.has_conflict_recorded()) return true;
  const v1::StatusAmended& amended = event.status_amended();
  if (amended.has_handed_to() || amended.has_proof() || !amended.store().empty()) return true;
  if (!event.has_status_recorded()) return false;
  const v1::StatusRecorded& recorded = event.status_recorded();
  return recorded.has_correction_of() || recorded.state() == v1::TRACKING_STATE_DELIVERED ||
         HasFailed(recorded.state()) || recorded.state() == v1::TRACKING_STATE_HANDED_OVER ||
         recorded.state() == v1::TRACKING_STATE_READY_FOR_PICKUP;
}

// Whether the order does not know when it arrives, neither from the carrier nor by history.
bool IsUndated(const store::KeyValue& reader, const v1::ShipmentView& view) {
  if (view.has_eta()) return false;
  const auto order = kOrders.Get(reader, view.order_id());
  return order && absl::c_none_of(order->view().shipments(), [&](const v1::OrderShipmentView& shipment) {
           return shipment.shipment() == view.shipment() && shipment.has_estimate();
         });
}

}  // namespace

void ObserveShipments::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                             runtime::Reactions& reactions) {
  if (commit.stream.kind != Shipment::kKind) return;
  // Any scan may show that a shipment that failed for its order was found, or goes on after it was handed over.
  bool matters = kFailed.Has(reader, commit.stream.ToString());
  for (size_t i = 0; i < commit.events.size(); ++i) matters |= Matters(commit.EventAt<v1::ShipmentEvent>(i));
  ShipmentName name;
  if (!ParseShipmentStream(commit.stream.ToString(), name)) return;
  const auto view = kShipments.Get(reader, name.carrier, name.number, name.epoch);
  // The first scan of a later leg closes the gap before it. Any scan may show that it is not in a store of ours.
  if (!view || !view->has_order_id()) return;
  const std::optional<v1::Estimate> estimate = IsUndated(reader, *view) ? EstimateFor(reader, *view) : std::nullopt;
  if (!matters && !estimate && view->leg() <= 1 && view->collect_at().empty()) return;
  ObserveShipment command;
  command.request.set_shipment(view->shipment());
  command.request.set_shipment_version(view->version());
  command.request.set_state(view->state());
  if (view->has_state_since()) *command.request.mutable_state_since() = view->state_since();
  if (view->has_handed_to()) *command.request.mutable_handed_to() = view->handed_to();
  command.request.set_ready_without_receipt(view->ready_without_receipt());
  if (view->has_contradicted_at()) *command.request.mutable_contradicted_at() = view->contradicted_at();
  if (view->has_proof()) *command.request.mutable_proof() = view->proof();
  *command.request.mutable_store_receipts() = view->store_receipts();
  command.collection = collection_;
  if (estimate) command.estimate = *estimate;
  command.leg_awaited_for = leg_awaited_for_;
  if (prove_.contains(view->carrier())) command.proof_within = proof_awaited_for_;
  if (view->has_eta()) *command.request.mutable_eta() = view->eta();
  reactions.Execute<Order>({Order::kKind, view->order_id()}, std::move(command), "observe");
}

}  // namespace throughline::supplier
