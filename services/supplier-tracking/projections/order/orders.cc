#include "services/supplier-tracking/projections/order/orders.h"

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/changes/order_changes.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/projections/collection/collection_words.h"
#include "services/supplier-tracking/projections/concerns/concern_rows.h"
#include "services/supplier-tracking/projections/eta/eta_words.h"
#include "services/supplier-tracking/projections/order/changes.h"
#include "services/supplier-tracking/projections/order/customer_text.h"
#include "services/supplier-tracking/projections/order/order_entries.h"
#include "services/supplier-tracking/projections/order/order_rows.h"
#include "services/supplier-tracking/projections/order/order_timers.h"
#include "services/supplier-tracking/projections/order/quantities.h"
#include "services/supplier-tracking/projections/tables.h"
#include "services/supplier-tracking/projections/trace/effects.h"
#include "services/supplier-tracking/projections/trace/trace.h"
#include "services/supplier-tracking/projections/vendors/carton_rows.h"
#include "services/supplier-tracking/projections/vendors/vendor_words.h"

namespace throughline::supplier {
namespace {

using Event = v1::OrderEvent;

v1::OrderShipmentView& ShipmentIn(v1::OrderView& view, const std::string& name) {
  for (auto& shipment : *view.mutable_shipments()) {
    if (shipment.shipment() == name) return shipment;
  }
  v1::OrderShipmentView& added = *view.add_shipments();
  added.set_shipment(name);
  return added;
}

void Place(const v1::OrderPlaced& placed, v1::OrderRow& row, store::Batch& batch) {
  v1::OrderView& view = *row.mutable_view();
  view.set_order_id(placed.order_id());
  view.set_customer_id(placed.customer_id());
  view.set_status(v1::ORDER_STATUS_OPEN);
  for (const v1::OrderLine& line : placed.lines()) *view.add_lines()->mutable_line() = line;
  *view.mutable_promised_time() = placed.promised_time();
  *view.mutable_placed_at() = placed.placed_at();
  view.set_destination_zone(placed.destination_zone());
  if (placed.has_promised_from()) *view.mutable_first_promised_from() = placed.promised_from();
  row.set_owner(placed.owner());
  row.set_first_owner(placed.owner());
  const store::Descending at{runtime::FromProto(placed.placed_at())};
  kByTime.Put(batch, at, placed.order_id(), std::string());
  kByCustomer.Put(batch, placed.customer_id(), at, placed.order_id(), std::string());
}

void AddShipment(const v1::ShipmentAdded& added, v1::OrderView& view, store::Batch& batch) {
  v1::OrderShipmentView& shipment = ShipmentIn(view, added.shipment());
  shipment.set_carrier(added.carrier());
  shipment.set_tracking_number(added.tracking_number());
  shipment.set_leg(added.leg());
  shipment.set_last_leg(added.last_leg());
  shipment.set_return_leg(added.return_leg());
  shipment.set_collect_at(added.collect_at());
  if (added.has_follows()) shipment.set_follows(added.follows());
  *shipment.mutable_line_ids() = added.line_ids();
  // The announcement is on another partition and may be folded already.
  const auto known = kShipments.Get(batch, added.carrier(), added.tracking_number(), added.epoch());
  if (known && known->order_id() == view.order_id()) CopyShipment(*known, shipment);
}

void NoteFailure(const v1::ShipmentObserved& observed, store::Batch& batch) {
  const bool was = kFailed.Has(batch, observed.shipment());
  const bool is = HasFailed(observed.state()) || observed.state() == v1::TRACKING_STATE_HANDED_OVER ||
                  observed.has_contradicted_at();
  if (is && !was) kFailed.Put(batch, observed.shipment(), std::string());
  if (was && !is) kFailed.Delete(batch, observed.shipment());
}

void ApplyEvent(const Event& event, absl::Time at, v1::OrderRow& row, store::Batch& batch) {
  v1::OrderView& view = *row.mutable_view();
  if (event.has_placed()) Place(event.placed(), row, batch);
  if (event.has_amended()) ApplyChange(event.amended(), view);
  if (event.has_vendor_split()) ApplySplit(event.vendor_split(), view);
  if (event.has_reassigned()) row.set_owner(event.reassigned().to());
  if (event.has_vendor_dispatched()) IndexCartons(event.vendor_dispatched(), view.order_id(), at, batch);
  if (event.has_shipment_added()) AddShipment(event.shipment_added(), view, batch);
  if (event.has_shipment_observed()) NoteFailure(event.shipment_observed(), batch);
}

// Copies the state of the rules into the view.
void CopyState(const v1::OrderState& state, v1::OrderView& view) {
  view.set_at_risk(state.at_risk());
  // The present cause, which need not be the one of PromiseAtRisk.
  if (state.at_risk()) view.set_at_risk_cause(StandingOf(state).cause);
  if (!state.at_risk()) view.clear_at_risk_cause();
  view.set_overdue(state.overdue());
  *view.mutable_concerns() = state.concerns();
  view.clear_forecast();
  if (state.has_forecast() && !IsClosed(state)) *view.mutable_forecast() = state.forecast();
  view.clear_eta();
  if (state.has_eta()) *view.mutable_eta() = state.eta();
  for (int i = 0; i < state.lines_size() && i < view.lines_size(); ++i) {
    const v1::OrderState::Line& from = state.lines(i);
    v1::OrderLineView& to = *view.mutable_lines(i);
    CopyMissing(state, from, to);
    to.set_status(from.status());
    to.clear_vendor_eta();
    to.clear_expected_restock();
    to.clear_expected_dispatch();
    if (from.has_vendor_eta()) *to.mutable_vendor_eta() = from.vendor_eta();
    if (from.has_expected_restock()) *to.mutable_expected_restock() = from.expected_restock();
    if (from.has_expected_dispatch()) *to.mutable_expected_dispatch() = from.expected_dispatch();
    *to.mutable_serial_numbers() = from.packed();
    *to.mutable_serial_units() = from.units();
    to.clear_shipments();
    for (const auto& shipment : state.shipments()) {
      if (absl::c_linear_search(shipment.line_ids(), from.line_id())) to.add_shipments(shipment.shipment());
    }
  }
  for (const auto& from : state.shipments()) {
    v1::OrderShipmentView& to = ShipmentIn(view, from.shipment());
    *to.mutable_line_ids() = from.line_ids();
    to.clear_delivered_at();
    if (from.has_delivered_at()) *to.mutable_delivered_at() = from.delivered_at();
    to.clear_delivery();
    if (from.has_delivery()) *to.mutable_delivery() = from.delivery();
    to.clear_next_leg_due();
    if (from.has_awaited_until()) *to.mutable_next_leg_due() = from.awaited_until();
    to.clear_estimate();
    if (from.has_estimate()) *to.mutable_estimate() = from.estimate();
  }
  CopyQuantities(state, view);
  CopyCollection(state, view);
  CopyCartons(state, view);
}

// Whether the order needs the timer for its promised time.
bool NeedsTimer(const v1::OrderRow& row) {
  return row.promised_ahead() && row.view().status() == v1::ORDER_STATUS_OPEN && !row.view().overdue() &&
         !IsAllThere(row.view());
}

}  // namespace

void OrderProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != Order::kKind) return;
  const std::string& order_id = commit.stream.key;
  v1::OrderRow row = OrderRowOf(batch, order_id);
  v1::OrderView& view = *row.mutable_view();
  const bool was_open = view.status() == v1::ORDER_STATUS_OPEN, was_at_risk = view.at_risk(),
             had_timer = NeedsTimer(row);
  const absl::Time was_promised = runtime::FromProto(view.promised_time());
  const std::string had_owner = row.owner();
  bool first = true;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const Event& event = commit.EventAt<Event>(i);
    ApplyEvent(event, commit.time, row, batch);
    if (event.has_placed()) row.set_promised_ahead(runtime::FromProto(event.placed().promised_time()) > commit.time);
    if (event.amended().has_promised_time()) row.set_promised_ahead(true);
    if (event.has_shipment_observed()) continue;  // its consequences are events of their own
    v1::TraceRow trace = MakeTraceRow(commit, i, TextOf(event));
    Detail(event, view, trace);
    trace.set_customer_text(CustomerText(event, view));
    if (event.has_shipment_delivered()) {
      AddParts(event.shipment_delivered(), commit.StateOf<Order>(), view, trace);
    }
    v1::TraceEffect effect = std::exchange(first, false) ? EffectOf(view, commit.StateOf<Order>()) : EffectOf(event);
    if (effect.ByteSizeLong() > 0) trace.mutable_entry()->mutable_effect()->MergeFrom(effect);
    AddToTrace(batch, order_id, trace, commit.position.offset);
  }
  const auto had_concerns = view.concerns();
  CopyState(commit.StateOf<Order>(), view);
  CopyPromise(commit.StateOf<Order>(), commit.time, view);
  CopyEtas(commit.StateOf<Order>(), row);
  NoteConcerns(had_concerns, view, batch);
  SetOrderTimers(commit.StateOf<Order>(), row, batch);
  *row.mutable_links() = commit.StateOf<Order>().links();
  view.set_version(commit.version);
  const bool is_open = view.status() == v1::ORDER_STATUS_OPEN;
  runtime::Count(batch, kOrdersOpen, is_open - was_open);
  runtime::Count(batch, kOrdersAtRisk, view.at_risk() - was_at_risk);
  if (was_open && (!is_open || row.owner() != had_owner)) kOpenByOwner.Delete(batch, had_owner, order_id);
  if (is_open && (!was_open || row.owner() != had_owner)) kOpenByOwner.Put(batch, row.owner(), order_id, "");
  const store::Descending at{runtime::FromProto(view.placed_at())};
  if (view.at_risk() && !was_at_risk) kAtRisk.Put(batch, at, order_id, std::string());
  if (!view.at_risk() && was_at_risk) kAtRisk.Delete(batch, at, order_id);
  const absl::Time promised = runtime::FromProto(view.promised_time());
  const bool needs_timer = NeedsTimer(row), moved = had_timer && needs_timer && promised != was_promised;
  if (had_timer && (!needs_timer || moved)) {
    runtime::CancelTimer(batch, was_promised, commit.stream.ToString(), kPromisedTime);
  }
  if (needs_timer && (!had_timer || moved)) {
    runtime::ScheduleTimer(batch, promised, commit.stream.ToString(), kPromisedTime);
  }
  PutOrderRow(batch, order_id, commit.position, row);
}

}  // namespace throughline::supplier
