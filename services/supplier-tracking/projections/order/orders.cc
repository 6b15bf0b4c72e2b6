#include "services/supplier-tracking/projections/order/orders.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/changes/order_changes.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/projections/collection/collection_words.h"
#include "services/supplier-tracking/projections/concerns/concern_rows.h"
#include "services/supplier-tracking/projections/concerns/concern_words.h"
#include "services/supplier-tracking/projections/eta/eta_words.h"
#include "services/supplier-tracking/projections/order/changes.h"
#include "services/supplier-tracking/projections/order/customer_text.h"
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

std::string Because(const std::string& reason) { return reason.empty() ? "" : absl::StrCat(": ", reason); }

std::string SerialText(const v1::SerialRecorded& recorded) {
  const char* where = recorded.place() == v1::SERIAL_PLACE_PACKED ? "packed"
                      : recorded.place() == v1::SERIAL_PLACE_BOX  ? "on the box"
                                                                  : "on the device";
  return absl::StrCat("serial number ", where, ", line ", recorded.line_id(), ", article ", recorded.unit(), ": ",
                      recorded.serial_number());
}

std::string TextOf(const Event& event) {
  switch (event.event_case()) {
    case Event::kPlaced:
      return absl::StrCat("ordered, ", event.placed().lines_size(),
                          event.placed().lines_size() == 1 ? " line" : " lines", ", promised by ",
                          PromiseText(event.placed().promised_time(),
                                      event.placed().has_promised_from() ? &event.placed().promised_from() : nullptr));
    case Event::kVendorAcknowledged:
    case Event::kVendorBackordered:
    case Event::kVendorDelayed:
    case Event::kVendorRefused:
    case Event::kVendorShortShipped:
    case Event::kVendorSplit:
    case Event::kVendorSubstituted:
    case Event::kVendorDispatched:
      return VendorText(event);
    case Event::kShipmentAdded:
      return StaffText(event.shipment_added());
    case Event::kEtaChanged:
      return StaffText(event.eta_changed());
    case Event::kPromiseAtRisk:
      return absl::StrCat("promise at risk: ", event.promise_at_risk().cause());
    case Event::kForecast:
      return absl::StrCat("by our history ", event.forecast().forecast().cause());
    case Event::kPromiseRecovered:
      return absl::StrCat("expected in time again: ", EtaText(event.promise_recovered().eta()));
    case Event::kShipmentDelivered:
      return StaffText(event.shipment_delivered());
    case Event::kShipmentDeliveryCorrected:
      return absl::StrCat("the carrier takes the delivery back: ", event.shipment_delivery_corrected().shipment(),
                          " is ", StateText(event.shipment_delivery_corrected().state()));
    case Event::kCompleted:
      return absl::StrCat(
          event.completed().has_there_at() ? "all is delivered or collected, " : "all is delivered, ",
          event.completed().in_time() ? "in time" : "after the promise",
          event.completed().in_time() && !event.completed().in_first_time() ? ", but after the first promise" : "");
    case Event::kOverdue:
      return absl::StrCat("the promised time has passed: ", TimeText(event.overdue().promised_time()));
    case Event::kReassigned:
      return absl::StrCat("the order goes from ", event.reassigned().from(), " to ", event.reassigned().to(),
                          Because(event.reassigned().reason()));
    case Event::kLegAwaited:
      return absl::StrCat("the next leg after ", event.leg_awaited().shipment(), " is awaited by ",
                          TimeText(event.leg_awaited().due()));
    case Event::kLegTaken:
      return event.leg_taken().by() == event.leg_taken().shipment()
                 ? absl::StrCat(event.leg_taken().shipment(), " goes on itself")
                 : absl::StrCat(event.leg_taken().by(), " has taken over from ", event.leg_taken().shipment());
    case Event::kSerialRecorded:
      return SerialText(event.serial_recorded());
    case Event::kDeliveryDisputed:
      return absl::StrCat("the customer says that ", event.delivery_disputed().shipment(), " did not arrive: \"",
                          event.delivery_disputed().text(), "\"");
    case Event::kDeliveryVerified:
      return absl::StrCat("verified by ", event.delivery_verified().check().by(), ", delivery of ",
                          event.delivery_verified().shipment(), ": ", event.delivery_verified().check().text());
    case Event::kProofAwaited:
      return absl::StrCat("the carrier's proof of the delivery of ", event.proof_awaited().shipment(),
                          " is awaited by ", TimeText(event.proof_awaited().due()));
    case Event::kShipmentReady:
      return StaffText(event.shipment_ready());
    case Event::kShipmentReadinessWithdrawn:
      return StaffText(event.shipment_readiness_withdrawn());
    case Event::kReceiptAwaited:
      return StaffText(event.receipt_awaited());
    case Event::kLinesCollected:
      return StaffText(event.lines_collected());
    case Event::kAmended:
      return ChangeText(event.amended());
    case Event::kLinesCancelled:
      return ChangeText(event.lines_cancelled());
    case Event::kCancelled:
      return "all of the order is cancelled";
    case Event::kShipmentReturned:
      return ChangeText(event.shipment_returned());
    case Event::kConcernRaised:
      return StaffText(event.concern_raised());
    case Event::kConcernCleared:
      return StaffText(event.concern_cleared());
    case Event::kLinkCreated:
      return absl::StrCat("a link for the customer to the order's page, good until ",
                          TimeText(event.link_created().expires_at()));
    case Event::kLinkRevoked:
      return absl::StrCat("a link to the order's page is no longer good", Because(event.link_revoked().reason()));
    case Event::kShipmentObserved:
    case Event::EVENT_NOT_SET:
      return "";
  }
  return "";
}

template <typename VendorEvent>
void Name(const VendorEvent& reported, v1::TraceEntry& entry) {
  *entry.mutable_line_ids() = reported.line_ids();
  entry.set_vendor_id(reported.vendor_id());
}

// Sets what the entry is about, and its change of the running values (carried.h).
void Detail(const Event& event, const v1::OrderView& before, v1::TraceRow& row) {
  v1::TraceEntry& entry = *row.mutable_entry();
  switch (event.event_case()) {
    case Event::kPlaced:
      *entry.mutable_time() = event.placed().placed_at();
      return;
    case Event::kVendorAcknowledged:
      return Name(event.vendor_acknowledged(), entry);
    case Event::kVendorBackordered:
      return Name(event.vendor_backordered(), entry);
    case Event::kVendorDelayed:
      return Name(event.vendor_delayed(), entry);
    case Event::kVendorRefused:
      return Name(event.vendor_refused(), entry);
    case Event::kVendorShortShipped:
      return Name(event.vendor_short_shipped(), entry);
    case Event::kVendorSplit:
      Name(event.vendor_split(), entry);
      for (int i = 1; i < event.vendor_split().parts_size(); ++i) {
        entry.add_line_ids(event.vendor_split().parts(i).line_id());
      }
      return;
    case Event::kVendorSubstituted:
      return Name(event.vendor_substituted(), entry);
    case Event::kVendorDispatched:
      return Name(event.vendor_dispatched(), entry);
    case Event::kShipmentAdded:
      *entry.mutable_line_ids() = event.shipment_added().line_ids();
      entry.set_shipment(event.shipment_added().shipment());
      return;
    case Event::kEtaChanged:
      row.set_sets_eta(true);
      if (event.eta_changed().has_new_eta()) *entry.mutable_eta() = event.eta_changed().new_eta();
      return;
    case Event::kPromiseAtRisk:
      row.set_at_risk(true);
      return;
    case Event::kPromiseRecovered:
    case Event::kCompleted:
    case Event::kCancelled:
      row.set_at_risk(false);
      return;
    case Event::kShipmentDelivered:
      entry.set_shipment(event.shipment_delivered().shipment());
      return;
    case Event::kShipmentDeliveryCorrected:
      entry.set_shipment(event.shipment_delivery_corrected().shipment());
      return;
    case Event::kReassigned:
      row.set_case_owner(event.reassigned().to());  // of no case: of the order itself
      return;
    case Event::kLegAwaited:
      entry.set_shipment(event.leg_awaited().shipment());
      return;
    case Event::kLegTaken:
      entry.set_shipment(event.leg_taken().by());
      return;
    case Event::kSerialRecorded:
      entry.add_line_ids(event.serial_recorded().line_id());
      return;
    case Event::kDeliveryDisputed:
      entry.set_shipment(event.delivery_disputed().shipment());
      return;
    case Event::kDeliveryVerified:
      entry.set_shipment(event.delivery_verified().shipment());
      return;
    case Event::kProofAwaited:
      entry.set_shipment(event.proof_awaited().shipment());
      return;
    case Event::kShipmentReady:
    case Event::kShipmentReadinessWithdrawn:
    case Event::kReceiptAwaited:
    case Event::kLinesCollected:
      return NameCollected(event, entry);
    case Event::kAmended:
      return DetailChange(event.amended(), before, row);
    case Event::kShipmentReturned:
      return DetailChange(event.shipment_returned(), row);
    case Event::kLinesCancelled:
      return DetailChange(event.lines_cancelled(), row);
    case Event::kConcernRaised:
      return NameAbout(event.concern_raised().concern().about(), entry);
    case Event::kConcernCleared:
      return NameAbout(event.concern_cleared().about(), entry);
    case Event::kOverdue:
    case Event::kForecast:
    case Event::kShipmentObserved:
    case Event::kLinkCreated:
    case Event::kLinkRevoked:
    case Event::EVENT_NOT_SET:
      return;
  }
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
