#include "services/supplier-tracking/projections/order/show_order.h"

#include "absl/strings/str_cat.h"

#include "services/supplier-tracking/projections/collection/collection_words.h"
#include "services/supplier-tracking/projections/concerns/concern_words.h"
#include "services/supplier-tracking/projections/eta/eta_words.h"
#include "services/supplier-tracking/projections/order/next_step.h"
#include "services/supplier-tracking/projections/trace/trace_entry.h"

namespace throughline::supplier {
namespace {

v1::OrderLineView ForCustomer(const v1::OrderLineView& line) {
  v1::OrderLineView shown;
  *shown.mutable_line() = line.line();
  shown.mutable_line()->clear_vendor_id();
  shown.set_status(line.status());
  *shown.mutable_shipments() = line.shipments();
  shown.set_quantity_sent(line.quantity_sent());
  shown.set_quantity_delivered(line.quantity_delivered());
  shown.set_quantity_returned(line.quantity_returned());
  shown.set_quantity_short(line.quantity_short());
  if (line.has_substitute()) {
    *shown.mutable_substitute() = line.substitute();
    shown.mutable_substitute()->clear_reason();
  }
  shown.set_quantity_ready(line.quantity_ready());
  // That it is in our store is the carrier's word: no time and no source for it.
  if (line.has_eta() && line.eta_source() != v1::ETA_SOURCE_STORE) {
    *shown.mutable_eta() = line.eta();
    shown.set_eta_source(line.eta_source());
  }
  shown.set_quantity_collected(line.quantity_collected());
  return shown;
}

v1::OrderShipmentView ForCustomer(const v1::OrderShipmentView& shipment) {
  v1::OrderShipmentView shown;
  shown.set_shipment(shipment.shipment());
  shown.set_carrier(shipment.carrier());
  shown.set_tracking_number(shipment.tracking_number());
  shown.set_leg(shipment.leg());
  shown.set_last_leg(shipment.last_leg());
  shown.set_return_leg(shipment.return_leg());
  *shown.mutable_line_ids() = shipment.line_ids();
  *shown.mutable_quantities() = shipment.quantities();
  shown.set_state(shipment.state());
  shown.set_reason(shipment.reason());
  if (shipment.has_eta()) *shown.mutable_eta() = shipment.eta();
  shown.set_collect_at(shipment.collect_at());
  if (shipment.has_ready_at()) *shown.mutable_ready_at() = shipment.ready_at();
  shown.set_collected(shipment.collected());
  const bool told = shipment.has_delivered_at() && shipment.collect_at().empty();
  if (told) *shown.mutable_delivered_at() = shipment.delivered_at();
  return shown;
}

std::string Contact(const v1::OrderRow& order, const std::string& contact) {
  std::string text =
      absl::StrCat(contact.empty() ? "Our customer service" : contact, "; name order ", order.view().order_id());
  for (auto about = order.cases().rbegin(); about != order.cases().rend(); ++about) {
    if (about->open()) return absl::StrCat(text, " and case ", about->case_id());
  }
  return text;
}

// Field by field, so that a new field stays with us until it is added here.
v1::OrderView ForCustomer(const v1::OrderRow& order, const std::string& contact) {
  const v1::OrderView& view = order.view();
  v1::OrderView shown;
  shown.set_order_id(view.order_id());
  shown.set_version(view.version());
  shown.set_customer_id(view.customer_id());
  shown.set_status(view.status());
  for (const v1::OrderLineView& line : view.lines()) {
    const int i = shown.lines_size();
    *shown.add_lines() = ForCustomer(line);
    if (i < order.customer_line_eta_reasons_size()) {
      shown.mutable_lines(i)->set_eta_reason(order.customer_line_eta_reasons(i));
    }
  }
  if (IsToldWhen(view) || IsAllThere(view)) shown.set_eta_source(view.eta_source());
  shown.set_eta_reason(order.customer_eta_reason());
  for (const v1::OrderShipmentView& shipment : view.shipments()) {
    v1::OrderShipmentView& there = *shown.add_shipments();
    there = ForCustomer(shipment);
    there.set_state(StateForCustomer(view, shipment));
    if (IsContradicted(view, shipment.shipment())) there.clear_ready_at();
  }
  *shown.mutable_promised_time() = view.promised_time();
  if (view.has_promised_from()) *shown.mutable_promised_from() = view.promised_from();
  *shown.mutable_first_promised_time() = view.first_promised_time();
  if (view.has_first_promised_from()) *shown.mutable_first_promised_from() = view.first_promised_from();
  if (view.has_in_time()) shown.set_in_time(view.in_time());
  if (view.has_in_first_time()) shown.set_in_first_time(view.in_first_time());
  if (view.has_cancelled_at()) *shown.mutable_cancelled_at() = view.cancelled_at();
  if (view.has_eta() && IsToldWhen(view)) *shown.mutable_eta() = view.eta();
  shown.set_at_risk(view.at_risk());
  *shown.mutable_placed_at() = view.placed_at();
  if (view.has_completed_at()) *shown.mutable_completed_at() = view.completed_at();
  *shown.mutable_case_ids() = view.case_ids();
  shown.set_destination_zone(view.destination_zone());
  shown.set_overdue(view.overdue());
  shown.set_contact(Contact(order, contact));
  return shown;
}

}  // namespace

v1::OrderView ShowOrder(const v1::OrderRow& order, const Reader& reader) {
  v1::OrderView view = IsCustomer(reader.audience) ? ForCustomer(order, reader.contact) : order.view();
  SetNextSteps(order, reader.audience, view);
  return view;
}

}  // namespace throughline::supplier
