#include "services/supplier-tracking/projections/order/order_page.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/crypto/hmac.h"
#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/projections/collection/collection_words.h"
#include "services/supplier-tracking/projections/eta/eta_words.h"
#include "services/supplier-tracking/projections/read.h"
#include "services/supplier-tracking/projections/vendors/vendor_words.h"

namespace throughline::supplier {
namespace {

constexpr size_t kMostSteps = 500;
constexpr size_t kMostEntries = 3000;  // that are read for them

absl::Status LinkUnknown() {
  return runtime::Refuse(absl::StatusCode::kNotFound, "LINK_UNKNOWN", "there is no such link: ask for a new one");
}

// A scan, as the customer reads it; empty: it says nothing to them.
std::string TextOf(v1::TrackingState state) {
  switch (state) {
    case v1::TRACKING_STATE_ANNOUNCED:
      return "The carrier knows of a parcel and waits for it";
    case v1::TRACKING_STATE_PICKED_UP:
      return "The carrier has a parcel";
    case v1::TRACKING_STATE_IN_TRANSIT:
      return "A parcel is on its way";
    case v1::TRACKING_STATE_HANDED_OVER:
      return "A parcel was handed to the next carrier";
    case v1::TRACKING_STATE_OUT_FOR_DELIVERY:
      return "A parcel is out for delivery";
    case v1::TRACKING_STATE_READY_FOR_PICKUP:
      return "A parcel is ready to be collected";
    case v1::TRACKING_STATE_ATTEMPTED:
      return "The carrier tried to deliver a parcel";
    case v1::TRACKING_STATE_ON_HOLD:
      return "A parcel is held up";
    case v1::TRACKING_STATE_DELIVERED:
      return "A parcel was delivered";
    case v1::TRACKING_STATE_RETURNING:
      return "A parcel goes back";
    case v1::TRACKING_STATE_RETURNED:
      return "A parcel has come back";
    case v1::TRACKING_STATE_LOST_OR_DAMAGED:
      return "A parcel was lost or damaged";
    default:
      return "";
  }
}

std::string NamesOf(const v1::OrderView& order, const google::protobuf::RepeatedPtrField<std::string>& line_ids) {
  std::vector<std::string> names;
  for (const v1::OrderLineView& line : order.lines()) {
    const bool named = line_ids.empty() || absl::c_linear_search(line_ids, line.line().line_id());
    if (named && !line.line().description().empty()) names.push_back(NameOf(line.line()));
  }
  return names.empty() ? "a part of your order" : absl::StrJoin(names, ", ");
}

// Our own work, and what vendors say among us, is not for the customer.
std::string TextOf(const v1::TraceEntry& entry, const v1::OrderView& order) {
  if (entry.kind() == "OrderPlaced") return "You placed the order";
  if (entry.kind() == "VendorAcknowledged") return absl::StrCat("Being prepared: ", NamesOf(order, entry.line_ids()));
  if (entry.kind() == "VendorBackordered") return absl::StrCat("Not in stock: ", NamesOf(order, entry.line_ids()));
  if (entry.kind() == "VendorDelayed") return absl::StrCat("Sent later: ", NamesOf(order, entry.line_ids()));
  if (entry.kind() == "VendorShortShipped") {
    return absl::StrCat("Not all of it can be sent: ", NamesOf(order, entry.line_ids()));
  }
  if (entry.kind() == "VendorSplit") return absl::StrCat("Comes in parts: ", NamesOf(order, entry.line_ids()));
  if (entry.kind() == "VendorSubstituted") {
    return absl::StrCat("Something else can be sent in its place: ", NamesOf(order, entry.line_ids()));
  }
  if (entry.kind() == "VendorDispatched") return absl::StrCat("Sent: ", NamesOf(order, entry.line_ids()));
  if (entry.kind() == "ShipmentDeliveryCorrected") return "The carrier took a delivery back: a parcel has not arrived";
  if (entry.kind() == "LinesCollected") return absl::StrCat("Collected: ", NamesOf(order, entry.line_ids()));
  if (entry.kind() == "OrderCompleted") return "You have all of it";
  if (entry.kind() == "OrderOverdue") return "The promised time passed";
  const auto about = absl::c_find_if(order.shipments(), [&](const v1::OrderShipmentView& shipment) {
    return shipment.shipment() == entry.shipment();
  });
  const bool to_store = about != order.shipments().end() && !about->collect_at().empty();
  if (entry.kind() == "ShipmentReady") return to_store && about->has_ready_at() ? "A parcel is in our store" : "";
  if (entry.kind() != "StatusRecorded") return "";
  // The carrier's word alone is not told as ours.
  if (to_store && entry.state() == v1::TRACKING_STATE_DELIVERED) return SaidToBeInStore(order, *about, "a parcel");
  if (to_store && entry.state() == v1::TRACKING_STATE_READY_FOR_PICKUP) return "";  // ShipmentReady says it
  // Nobody is told to come for what is not there: the store has to have it.
  const bool ready = entry.state() == v1::TRACKING_STATE_READY_FOR_PICKUP;
  if (ready && absl::c_any_of(order.shipments(), [&](const v1::OrderShipmentView& shipment) {
        return shipment.shipment() == entry.shipment() &&
               absl::c_linear_search(shipment.flags(), v1::TRACKING_FLAG_CONFLICTING);
      })) {
    return "";
  }
  return TextOf(entry.state());
}

std::string PlaceOf(const v1::Place& place) {
  std::vector<std::string> parts;
  for (const std::string& part : {place.city(), place.region(), place.country()}) {
    if (!part.empty()) parts.push_back(part);
  }
  return absl::StrJoin(parts, ", ");
}

void AddSteps(const store::KeyValue& reader, const v1::OrderRow& order, v1::OrderPage& page) {
  const TracePart trace = ReadTrace(reader, order, std::nullopt, kMostEntries);
  for (const v1::TraceEntry& entry : trace.entries) {
    std::string text = TextOf(entry, order.view());
    if (text.empty()) continue;
    v1::OrderPageStep& step = *page.add_steps();
    *step.mutable_time() = entry.time();
    step.set_time_uncertain(entry.carrier_time().offset_source() == v1::OFFSET_SOURCE_ASSUMED);
    step.set_text(std::move(text));
    step.set_place(PlaceOf(entry.place()));
  }
  const int more = page.steps_size() - static_cast<int>(kMostSteps);
  if (more > 0) page.mutable_steps()->DeleteSubrange(0, more);
}

// The one thing that the customer waits for first.
std::optional<v1::OrderPageNext> NextOf(const v1::OrderView& order) {
  if (order.status() != v1::ORDER_STATUS_OPEN) return std::nullopt;
  v1::OrderPageNext next;
  const auto set = [&](const std::string& text, const auto* from) {
    next.set_text(text);
    if (from != nullptr && from->has_eta()) *next.mutable_due() = from->eta();
  };
  const auto in = [&](std::initializer_list<v1::TrackingState> states) -> const v1::OrderShipmentView* {
    for (const v1::OrderShipmentView& shipment : order.shipments()) {
      if (!shipment.return_leg() && absl::c_linear_search(states, shipment.state())) return &shipment;
    }
    return nullptr;
  };
  const auto waits = [&](v1::LineStatus status) -> const v1::OrderLineView* {
    for (const v1::OrderLineView& line : order.lines()) {
      if (line.status() == status) return &line;
    }
    return nullptr;
  };
  if (const auto* failed = in({v1::TRACKING_STATE_LOST_OR_DAMAGED, v1::TRACKING_STATE_RETURNED,
                               v1::TRACKING_STATE_RETURNING, v1::TRACKING_STATE_ON_HOLD})) {
    set("A parcel does not get on: we look after it and tell you what we do", failed);
  } else if (const auto ready = absl::c_find_if(
                 order.shipments(),
                 [&](const v1::OrderShipmentView& shipment) { return MayBeCollected(order, shipment); });
             ready != order.shipments().end()) {
    next.set_text("You collect your parcel");
  } else if (absl::c_any_of(order.shipments(), IsToBeReceived)) {
    next.set_text("Our store receives your parcel, and then we tell you that you can collect it");
  } else if (const auto* out = in({v1::TRACKING_STATE_OUT_FOR_DELIVERY})) {
    set("The carrier delivers your parcel", out);
  } else if (const auto* tried = in({v1::TRACKING_STATE_ATTEMPTED})) {
    set("The carrier tries again to deliver your parcel", tried);
  } else if (const auto* way = in({v1::TRACKING_STATE_ANNOUNCED, v1::TRACKING_STATE_PICKED_UP,
                                   v1::TRACKING_STATE_IN_TRANSIT, v1::TRACKING_STATE_HANDED_OVER})) {
    set("The carrier brings your parcel", way);
  } else if (const auto* offered = waits(v1::LINE_STATUS_SUBSTITUTE_OFFERED)) {
    next.set_text(
        absl::StrCat("We ask you whether you take ", OfferForCustomer(offered->substitute(), offered->line())));
  } else if (const auto* fewer = waits(v1::LINE_STATUS_SHORT_SHIPPED)) {
    next.set_text(absl::StrCat("We see to what is missing: ", NameOf(fewer->line())));
    if (fewer->has_expected_restock()) *next.mutable_due()->mutable_latest() = fewer->expected_restock();
  } else if (const auto* missing = waits(v1::LINE_STATUS_BACKORDERED)) {
    next.set_text(absl::StrCat("We get what is not in stock: ", missing->line().description()));
    if (missing->has_expected_restock()) *next.mutable_due()->mutable_latest() = missing->expected_restock();
  } else {
    set("We send your order", &order);
  }
  return next;
}

v1::OrderPage PageOf(const store::KeyValue& reader, const v1::OrderRow& order, const std::string& contact) {
  const v1::OrderView& view = order.view();
  v1::OrderPage page;
  page.set_order_id(view.order_id());
  page.set_status(view.status());
  *page.mutable_placed_at() = view.placed_at();
  *page.mutable_promised_time() = view.promised_time();
  if (view.has_promised_from()) *page.mutable_promised_from() = view.promised_from();
  *page.mutable_first_promised_time() = view.first_promised_time();
  if (view.has_eta() && IsToldWhen(view)) *page.mutable_eta() = view.eta();
  page.set_eta_reason(order.customer_eta_reason());
  page.set_at_risk(view.at_risk());
  page.set_overdue(view.overdue());
  if (view.has_completed_at()) *page.mutable_completed_at() = view.completed_at();
  page.set_zone(view.destination_zone());
  for (const v1::OrderLineView& line : view.lines()) {
    v1::OrderPageLine& shown = *page.add_lines();
    shown.set_description(NameOf(line.line()));
    shown.set_quantity(line.line().quantity());
    shown.set_status(line.status());
    shown.set_quantity_delivered(line.quantity_delivered());
    shown.set_quantity_returned(line.quantity_returned());
    shown.set_collect_at(line.line().collect_at());
    shown.set_quantity_ready(line.quantity_ready());
    shown.set_quantity_collected(line.quantity_collected());
  }
  for (const v1::OrderShipmentView& shipment : view.shipments()) {
    v1::OrderPageParcel& parcel = *page.add_parcels();
    parcel.set_carrier(shipment.carrier());
    parcel.set_tracking_number(shipment.tracking_number());
    parcel.set_state(StateForCustomer(view, shipment));
    if (shipment.has_eta()) *parcel.mutable_eta() = shipment.eta();
    parcel.set_return_leg(shipment.return_leg());
  }
  AddSteps(reader, order, page);
  if (const auto next = NextOf(view)) *page.mutable_next() = *next;
  page.set_contact(contact);
  return page;
}

}  // namespace

absl::StatusOr<v1::OrderLink> FindLink(const v1::OrderRow& order, std::string_view secret, absl::Time now) {
  const std::string digest = crypto::Sha256(secret);
  const v1::OrderLink* found = nullptr;
  for (const v1::OrderLink& link : order.links()) {
    if (crypto::SameSecret(link.secret_sha256(), digest)) found = &link;
  }
  if (found == nullptr || found->revoked()) return LinkUnknown();
  if (runtime::FromProto(found->expires_at()) <= now) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "LINK_EXPIRED",
                           "the link has expired: ask for a new one");
  }
  return *found;
}

absl::StatusOr<v1::GetOrderPageResponse> GetOrderPage(const store::KeyValue& reader,
                                                      const v1::GetOrderPageRequest& request,
                                                      const std::string& contact, absl::Time now) {
  const absl::StatusOr<v1::OrderRow> order = ReadOrder(reader, request.order_id());
  // To a stranger an order that there is not is like one whose link they do not have.
  if (absl::IsNotFound(order.status())) return LinkUnknown();
  if (!order.ok()) return order.status();
  const absl::StatusOr<v1::OrderLink> link = FindLink(*order, request.secret(), now);
  if (!link.ok()) return link.status();
  v1::GetOrderPageResponse response;
  *response.mutable_page() = PageOf(reader, *order, contact);
  response.set_link_id(link->link_id());
  *response.mutable_expires_at() = link->expires_at();
  response.set_customer_id(order->view().customer_id());
  for (const auto& about : order->cases()) {
    if (about.open()) response.add_open_case_ids(about.case_id());
  }
  return response;
}

}  // namespace throughline::supplier
