#include "services/supplier-tracking/domain/order.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/alarms.h"
#include "services/supplier-tracking/domain/cartons/cartons.h"
#include "services/supplier-tracking/domain/changes/order_changes.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/collection/collection.h"
#include "services/supplier-tracking/domain/fingerprint.h"
#include "services/supplier-tracking/domain/order_shipments.h"
#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/returns/returns.h"
#include "services/supplier-tracking/domain/serials/order_serials.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/domain/vendors/statements.h"

namespace throughline::supplier {
namespace {

using runtime::FieldViolations;
using runtime::FromProto;
using State = v1::OrderState;

absl::Status Check(const PlaceOrder& command, absl::Time placed_at, const runtime::Caller& caller) {
  const v1::PlaceOrderRequest& request = command.request;
  FieldViolations bad;
  if (!IsId(command.order_id, 64)) bad.Add("order_id", kNotAnOrderId);
  RequireText(bad, "customer_id", request.customer_id());
  if (placed_at > caller.time) bad.Add("placed_at", "is in the future: give the time of the order, or leave it out");
  if (!request.has_promised_time()) {
    bad.Add("promised_time", "is not set: give the time by which the customer was promised the whole order");
  } else if (FromProto(request.promised_time()) <= placed_at) {
    bad.Add("promised_time", "is not after the order was placed: give a later time");
  }
  if (request.lines().empty()) bad.Add("lines", "is empty: give the ordered lines");
  if (request.has_promised_from() && FromProto(request.promised_from()) >= FromProto(request.promised_time())) {
    bad.Add("promised_from", "is not before `promised_time`: give the beginning of the window, or leave it out");
  }
  CheckOrdered(bad, "lines", request.lines(), State());
  if (!request.collect_at().empty() && !IsId(request.collect_at(), 64)) {
    bad.Add("collect_at", "is not a store id: use 1 to 64 of the characters A-Z a-z 0-9 . _ -");
  }
  return bad.ToStatus();
}

State::Shipment* FindOrAddShipment(State& state, const std::string& name) {
  for (auto& shipment : *state.mutable_shipments()) {
    if (shipment.shipment() == name) return &shipment;
  }
  State::Shipment* added = state.add_shipments();
  added->set_shipment(name);
  return added;
}

// Nothing is awaited of it in a store any more.
void LeaveStore(State::Shipment& shipment) {
  shipment.clear_ready_at();
  shipment.set_ready_by_collection(false);
  shipment.clear_collect_by();
  shipment.clear_receipt_since();
  shipment.clear_receipt_due();
}

std::vector<v1::OrderEvent> Reassigned(const State& state, const std::string& to, const std::string& reason,
                                       const runtime::Caller& caller) {
  std::vector<v1::OrderEvent> events(1);
  auto& reassigned = *events.front().mutable_reassigned();
  reassigned.set_from(state.owner());
  reassigned.set_to(to);
  reassigned.set_by(caller.id);
  reassigned.set_reason(reason);
  return events;
}

}  // namespace

const std::string& Order::OwnerOf(const PlaceOrder& command, const runtime::Caller& caller) {
  const bool person = caller.Is(common::v1::ROLE_REP) || caller.Is(common::v1::ROLE_SUPERVISOR);
  if (person) return caller.id;
  return command.request.owner().empty() ? command.fallback_owner : command.request.owner();
}

Order::Decision Order::Decide(const State& state, const PlaceOrder& command, const runtime::Caller& caller) {
  const v1::PlaceOrderRequest& request = command.request;
  const absl::Time placed_at = request.has_placed_at() ? FromProto(request.placed_at()) : caller.time;
  if (absl::Status status = Check(command, placed_at, caller); !status.ok()) return status;
  if (!state.order_id().empty()) {
    return runtime::Refuse(
        absl::StatusCode::kAlreadyExists, "ORDER_EXISTS",
        absl::StrCat("order ", state.order_id(), " was placed by another command: choose another id"));
  }
  const std::string& owner = OwnerOf(command, caller);
  if (owner.empty()) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "OWNER_NEEDED",
                           "the order would have no owner: name a person in `owner`");
  }
  if (!command.owner.ok()) return command.owner;
  Event event;
  auto& placed = *event.mutable_placed();
  placed.set_order_id(command.order_id);
  placed.set_customer_id(request.customer_id());
  *placed.mutable_lines() = request.lines();
  for (v1::OrderLine& line : *placed.mutable_lines()) {
    if (line.collect_at().empty()) line.set_collect_at(request.collect_at());
  }
  *placed.mutable_promised_time() = request.promised_time();
  if (request.has_promised_from()) *placed.mutable_promised_from() = request.promised_from();
  placed.set_owner(owner);
  *placed.mutable_placed_at() = runtime::ToProto(placed_at);
  placed.set_destination_zone(request.destination_zone());
  return std::vector{std::move(event)};
}

Order::Decision Order::Decide(const State& state, const PassPromise& command, const runtime::Caller&) {
  const bool present = FromProto(command.request.promised_time()) == FromProto(state.promised_time());
  if (state.order_id().empty() || !present || state.overdue() || IsClosed(state)) return std::vector<Event>();
  const bool all_there = absl::c_all_of(state.lines(), [](const auto& line) { return IsThere(line.status()); });
  if (all_there) return std::vector<Event>();
  std::vector<Event> events(1);
  *events.front().mutable_overdue() = command.request;
  AddConsequences(state, "", events);
  return events;
}

Order::Decision Order::Decide(const State& state, const ReassignOrder& command, const runtime::Caller& caller) {
  const v1::ReassignOrderRequest& request = command.request;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "to", request.to(), "name who owns the order from here on");
  runtime::RequireField(bad, "reason", request.reason(), "say why the order changes hands");
  if (!bad.empty()) return bad.ToStatus();
  if (state.order_id().empty()) return OrderUnknown(request.order_id());
  if (absl::Status status = CheckOpen(state); !status.ok()) return status;
  if (request.to() == state.owner()) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "ALREADY_OWNER",
                           absl::StrCat("`", request.to(), "` owns the order already: name somebody else"));
  }
  if (!command.person.ok()) return command.person;
  return Reassigned(state, request.to(), request.reason(), caller);
}

Order::Decision Order::Decide(const State& state, const RelieveOrderOwner& command, const runtime::Caller& caller) {
  if (state.owner() != command.request.from() || IsClosed(state)) return std::vector<Event>();
  return Reassigned(state, command.request.to(), command.request.reason(), caller);
}

void Order::Evolve(State& state, const Event& event) {
  const std::vector<bool> alarms = AlarmsOf(state);
  Apply(state, event);
  KeepAlarms(alarms, event, state);
}

void Order::Apply(State& state, const Event& event) {
  switch (event.event_case()) {
    case Event::kPlaced: {
      const v1::OrderPlaced& placed = event.placed();
      state.set_order_id(placed.order_id());
      state.set_customer_id(placed.customer_id());
      *state.mutable_promised_time() = placed.promised_time();
      *state.mutable_first_promised_time() = placed.promised_time();
      if (placed.has_promised_from()) *state.mutable_promised_from() = placed.promised_from();
      state.set_owner(placed.owner());
      *state.mutable_placed_at() = placed.placed_at();
      state.set_destination_zone(placed.destination_zone());
      for (const v1::OrderLine& ordered : placed.lines()) AddLine(state, ordered);
      return;
    }
    case Event::kVendorAcknowledged:
      return EvolveVendor(state, event.vendor_acknowledged());
    case Event::kVendorBackordered:
      return EvolveVendor(state, event.vendor_backordered());
    case Event::kVendorDelayed:
      return EvolveVendor(state, event.vendor_delayed());
    case Event::kVendorRefused:
      return EvolveVendor(state, event.vendor_refused());
    case Event::kVendorShortShipped:
      return EvolveVendor(state, event.vendor_short_shipped());
    case Event::kVendorSplit:
      return EvolveVendor(state, event.vendor_split());
    case Event::kVendorSubstituted:
      return EvolveVendor(state, event.vendor_substituted());
    case Event::kVendorDispatched:
      EvolveVendor(state, event.vendor_dispatched());
      EvolveSerials(state, event.vendor_dispatched());
      EvolveCartons(state, event.vendor_dispatched());
      return;
    case Event::kShipmentAdded: {
      const v1::ShipmentAdded& added = event.shipment_added();
      if (added.has_follows() || FindShipment(state, added.shipment()) == nullptr) SendAgain(state, added);
      State::Shipment& shipment = *FindOrAddShipment(state, added.shipment());
      shipment.set_leg(added.leg());
      shipment.set_last_leg(added.last_leg());
      shipment.set_return_leg(added.return_leg());
      *shipment.mutable_line_ids() = added.line_ids();
      *shipment.mutable_quantities() = added.quantities();
      shipment.set_collect_at(added.collect_at());
      if (added.collect_at().empty()) LeaveStore(shipment);
      RefreshLines(state);
      return;
    }
    case Event::kEtaChanged:
      state.clear_eta();
      if (event.eta_changed().has_new_eta()) *state.mutable_eta() = event.eta_changed().new_eta();
      return;
    case Event::kPromiseAtRisk:
      state.set_at_risk(true);
      return;
    case Event::kPromiseRecovered:
      state.set_at_risk(false);
      return;
    case Event::kShipmentDelivered:
      *FindOrAddShipment(state, event.shipment_delivered().shipment())->mutable_delivered_at() =
          event.shipment_delivered().at();
      RefreshLines(state);
      return;
    case Event::kShipmentDeliveryCorrected:
      FindOrAddShipment(state, event.shipment_delivery_corrected().shipment())->clear_delivered_at();
      if (event.shipment_delivery_corrected().completion_withdrawn()) {
        state.clear_completed_at();
        state.clear_there_at();
      }
      RefreshLines(state);
      return;
    case Event::kCompleted:
      *state.mutable_completed_at() = event.completed().delivered_at();
      state.clear_there_at();
      if (event.completed().has_there_at()) *state.mutable_there_at() = event.completed().there_at();
      state.set_at_risk(false);
      return;
    case Event::kShipmentObserved: {
      const v1::ShipmentObserved& observed = event.shipment_observed();
      State::Shipment& shipment = *FindOrAddShipment(state, observed.shipment());
      shipment.set_observed_version(observed.shipment_version());
      shipment.set_state(observed.state());
      EvolveDelivery(shipment, observed);
      EvolveCollection(shipment, observed);
      shipment.clear_state_since();
      if (observed.has_state_since()) *shipment.mutable_state_since() = observed.state_since();
      shipment.clear_handed_to();
      if (observed.has_handed_to()) *shipment.mutable_handed_to() = observed.handed_to();
      shipment.clear_eta();
      if (observed.has_eta()) *shipment.mutable_eta() = observed.eta();
      if (observed.has_estimate() && !shipment.has_estimate()) *shipment.mutable_estimate() = observed.estimate();
      // A complete order stays complete until a delivery is corrected, whatever else is still on the way.
      if (!state.has_completed_at()) RefreshLines(state);
      // A return that was not back after all.
      if (observed.state() != v1::TRACKING_STATE_RETURNED) shipment.clear_returned_at();
      RefreshReturns(state);
      return;
    }
    case Event::kOverdue:
      state.set_overdue(true);
      return;
    case Event::kAmended:
      return EvolveChange(state, event.amended());
    case Event::kShipmentReturned:
      return EvolveReturned(state, event.shipment_returned());
    case Event::kLinesCancelled:
      return EvolveChange(state, event.lines_cancelled());
    case Event::kCancelled:
      state.set_cancelled(true);
      state.set_at_risk(false);
      return;
    case Event::kReassigned:
      state.set_owner(event.reassigned().to());
      return;
    case Event::kConcernRaised:
      return EvolveConcerns(state, event.concern_raised());
    case Event::kConcernCleared:
      return EvolveConcerns(state, event.concern_cleared());
    case Event::kLegAwaited:
      return EvolveLegs(state, event.leg_awaited());
    case Event::kLegTaken:
      return EvolveLegs(state, event.leg_taken());
    case Event::kSerialRecorded:
      return EvolveSerials(state, event.serial_recorded());
    case Event::kDeliveryDisputed:
      return EvolveDelivery(state, event.delivery_disputed());
    case Event::kDeliveryVerified:
      return EvolveDelivery(state, event.delivery_verified());
    case Event::kProofAwaited:
      return EvolveDelivery(state, event.proof_awaited());
    case Event::kShipmentReady:
      return EvolveCollection(state, event.shipment_ready());
    case Event::kShipmentReadinessWithdrawn:
      return EvolveCollection(state, event.shipment_readiness_withdrawn());
    case Event::kReceiptAwaited:
      return EvolveCollection(state, event.receipt_awaited());
    case Event::kLinesCollected:
      return EvolveCollection(state, event.lines_collected());
    case Event::kForecast:
      *state.mutable_forecast() = event.forecast().forecast();
      return;
    case Event::kLinkCreated: {
      if (state.links_size() >= kMostLinks) state.mutable_links()->DeleteSubrange(0, 1);
      auto& link = *state.add_links();
      link.set_link_id(event.link_created().link_id());
      link.set_secret_sha256(event.link_created().secret_sha256());
      *link.mutable_expires_at() = event.link_created().expires_at();
      return;
    }
    case Event::kLinkRevoked:
      for (auto& link : *state.mutable_links()) {
        if (link.link_id() == event.link_revoked().link_id()) link.set_revoked(true);
      }
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::supplier
