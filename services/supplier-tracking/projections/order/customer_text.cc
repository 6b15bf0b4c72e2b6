#include "services/supplier-tracking/projections/order/customer_text.h"

#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/carriers/place_zone.h"
#include "services/supplier-tracking/projections/collection/collection_words.h"
#include "services/supplier-tracking/projections/concerns/concern_words.h"
#include "services/supplier-tracking/projections/order/changes.h"
#include "services/supplier-tracking/projections/order/quantities.h"
#include "services/supplier-tracking/projections/trace/trace.h"
#include "services/supplier-tracking/projections/vendors/vendor_words.h"

namespace throughline::supplier {
namespace {

using absl::StrCat;

std::string When(const google::protobuf::Timestamp& time, const std::string& zone) { return WhenText(time, zone); }

std::string When(const v1::Eta& eta, const std::string& zone) {
  if (!eta.has_latest()) return "";
  return eta.has_date() ? eta.date() : When(eta.latest(), zone);
}

std::string TownText(const v1::Place& place) {
  std::vector<std::string> parts;
  for (const std::string* part : {&place.city(), &place.region(), &place.country()}) {
    if (!part->empty()) parts.push_back(*part);
  }
  return parts.empty() ? "" : StrCat(", ", absl::StrJoin(parts, ", "));
}

const char* StateWords(v1::TrackingState state) {
  switch (state) {
    case v1::TRACKING_STATE_ANNOUNCED:
      return "The carrier has been told of it";
    case v1::TRACKING_STATE_PICKED_UP:
      return "Picked up by the carrier";
    case v1::TRACKING_STATE_IN_TRANSIT:
      return "On its way";
    case v1::TRACKING_STATE_HANDED_OVER:
      return "Handed over to the next carrier";
    case v1::TRACKING_STATE_OUT_FOR_DELIVERY:
      return "Out for delivery";
    case v1::TRACKING_STATE_READY_FOR_PICKUP:
      return "Ready for collection";
    case v1::TRACKING_STATE_ATTEMPTED:
      return "A delivery was tried";
    case v1::TRACKING_STATE_ON_HOLD:
      return "Held up";
    case v1::TRACKING_STATE_DELIVERED:
      return "Delivered";
    case v1::TRACKING_STATE_RETURNING:
      return "On its way back";
    case v1::TRACKING_STATE_RETURNED:
      return "Back with the sender";
    case v1::TRACKING_STATE_LOST_OR_DAMAGED:
      return "Lost or damaged";
    case v1::TRACKING_STATE_CANCELLED:
      return "The shipment was called off";
    default:
      return "";
  }
}

std::string Quoted(const std::string& text) { return text.empty() ? "" : StrCat(": \"", text, "\""); }

bool IsPromise(ownership::v1::CommitmentKind kind) { return kind == ownership::v1::COMMITMENT_KIND_PROMISE; }

std::string Settled(const ownership::v1::CommitmentSettled& settled, const std::string& words) {
  const bool broken = settled.outcome() == ownership::v1::COMMITMENT_OUTCOME_BROKEN;
  if (IsPromise(settled.kind())) {
    if (broken) return StrCat("We did not keep our promise in time", Quoted(words));
    return settled.outcome() == ownership::v1::COMMITMENT_OUTCOME_KEPT ? StrCat("We kept our promise", Quoted(words))
                                                                       : "";
  }
  return broken && settled.kind() == ownership::v1::COMMITMENT_KIND_NEXT_UPDATE
             ? "We did not come back to you when we had said"
             : "";
}

}  // namespace

std::string WhenText(const google::protobuf::Timestamp& time, const std::string& zone) {
  const auto there = ZoneByName(zone);
  if (!there) return TimeText(time);
  return StrCat(absl::FormatTime("%Y-%m-%d %H:%M ", runtime::FromProto(time), *there), zone);
}

std::string LineNames(const v1::OrderView& order, const google::protobuf::RepeatedPtrField<std::string>& line_ids) {
  std::vector<std::string> names;
  for (const v1::OrderLineView& line : order.lines()) {
    if (!absl::c_linear_search(line_ids, line.line().line_id())) continue;
    names.push_back(NameOf(line.line()));
  }
  const bool all = static_cast<int>(names.size()) == order.lines_size() && names.size() > 1;
  return names.empty() || all ? "everything" : absl::StrJoin(names, ", ");
}

v1::Place TownOf(const v1::Place& place) {
  v1::Place town;
  town.set_city(place.city());
  town.set_region(place.region());
  town.set_country(place.country());
  return town;
}

std::string ArrivedForNextLeg(const v1::Place& place) {
  return StrCat("Arrived for the next carrier", TownText(place));
}

std::string CustomerText(const v1::OrderEvent& event, const v1::OrderView& order) {
  using Event = v1::OrderEvent;
  const std::string& zone = order.destination_zone();
  switch (event.event_case()) {
    case Event::kPlaced:
      return StrCat("Your order is placed; we promised all of it ",
                    event.placed().has_promised_from()
                        ? StrCat("between ", When(event.placed().promised_from(), zone), " and ")
                        : "by ",
                    When(event.placed().promised_time(), zone));
    case Event::kAmended:
      return AmendedForCustomer(event.amended(), order);
    case Event::kLinesCancelled:
      return CancelledForCustomer(event.lines_cancelled(), order);
    case Event::kCancelled:
      return "Your order is cancelled";
    case Event::kShipmentReturned:
      return StrCat("Your return is back with us: ", PartNames(order, LinesIn(event.shipment_returned().quantities()),
                                                               event.shipment_returned().quantities()));
    case Event::kVendorAcknowledged:
      return StrCat("Confirmed: ", LineNames(order, event.vendor_acknowledged().line_ids()));
    case Event::kVendorBackordered: {
      const auto& reported = event.vendor_backordered();
      return StrCat("Not in stock: ", LineNames(order, reported.line_ids()),
                    reported.has_expected_restock()
                        ? StrCat("; expected back ", When(reported.expected_restock(), zone))
                        : "; we do not know yet when it is back");
    }
    case Event::kVendorDelayed: {
      const auto& reported = event.vendor_delayed();
      return StrCat("Sent later than planned: ", LineNames(order, reported.line_ids()),
                    reported.has_expected_dispatch() ? StrCat("; now by ", When(reported.expected_dispatch(), zone))
                                                     : "; we do not know yet when");
    }
    case Event::kVendorRefused:
      return StrCat("Not to be had as we ordered it: ", LineNames(order, event.vendor_refused().line_ids()),
                    "; we see to it");
    case Event::kVendorShortShipped:
      return CustomerText(event.vendor_short_shipped(), order);
    case Event::kVendorSplit:
      return CustomerText(event.vendor_split(), order);
    case Event::kVendorSubstituted:
      return CustomerText(event.vendor_substituted(), order);
    case Event::kShipmentAdded: {
      const auto& added = event.shipment_added();
      const std::string with =
          StrCat(" with ", absl::AsciiStrToUpper(added.carrier()), ", tracking number ", added.tracking_number(), ": ",
                 PartNames(order, added.line_ids(), added.quantities()));
      if (added.return_leg()) return StrCat("Return", with);
      return StrCat(added.leg() > 1 ? "Goes on" : "Sent", with);
    }
    case Event::kEtaChanged:
      // That it is in our store is told by itself.
      if (event.eta_changed().eta_source() == v1::ETA_SOURCE_STORE) return "";
      return event.eta_changed().has_new_eta() ? StrCat("Now expected ", When(event.eta_changed().new_eta(), zone))
                                               : "At present we do not know when all of it comes";
    case Event::kPromiseAtRisk:
      return "It may come later than we promised; we see to it";
    case Event::kPromiseRecovered:
      return "Expected in time again";
    case Event::kShipmentReady:
      return CustomerText(event.shipment_ready(), order);
    case Event::kShipmentReadinessWithdrawn:
      return CustomerText(event.shipment_readiness_withdrawn(), order);
    case Event::kLinesCollected:
      return CustomerText(event.lines_collected(), order);
    case Event::kShipmentDelivered:
      if (!event.shipment_delivered().collect_at().empty()) return "";  // the carrier's scan says it
      return event.shipment_delivered().last_leg() ? "A shipment has arrived" : "";
    case Event::kShipmentDeliveryCorrected:
      return "The carrier takes back that it was delivered";
    case Event::kCompleted:
      return "You have all of it";
    case Event::kOverdue:
      return "The promised time has passed; we see to it";
    case Event::kDeliveryDisputed:
      return StrCat("You told us that it did not arrive", Quoted(event.delivery_disputed().text()));
    case Event::kConcernRaised:
      return CustomerText(event.concern_raised().concern(), order);
    case Event::kConcernCleared:
      return CustomerText(event.concern_cleared(), order);
    default:  // what is not here is not for customers: audience_test.cc has the list
      return "";
  }
}

std::string CustomerText(const v1::ScanView& scan) {
  const bool in_store = scan.state() == v1::TRACKING_STATE_READY_FOR_PICKUP && !scan.store().empty();
  const std::string words = scan.store_receipt() ? "Our store has received it" : StateWords(scan.state());
  if (scan.corrected() || (in_store && !scan.store_receipt()) || words.empty()) return "";
  const bool why = scan.reason() != v1::TRACKING_REASON_UNSPECIFIED && scan.reason() != v1::TRACKING_REASON_OTHER;
  return StrCat(words, why ? StrCat(" (", ReasonText(scan.reason()), ")") : "", TownText(scan.place()));
}

std::string CustomerText(const intake::v1::CaseEvent& event) {
  if (event.has_opened()) {
    const bool noticed = event.opened().channel() == intake::v1::CHANNEL_PROACTIVE;
    return noticed ? "We noticed that something is not right, and see to it"
                   : StrCat("You told us", Quoted(event.opened().text()));
  }
  if (!event.has_interaction_recorded()) return "";
  const intake::v1::InteractionRecorded& said = event.interaction_recorded();
  return StrCat(said.direction() == intake::v1::DIRECTION_INBOUND ? "You told us" : "We told you", Quoted(said.text()));
}

std::string CustomerText(const ownership::v1::OwnershipEvent& event, const ownership::v1::Commitment& about) {
  if (event.has_commitment_made()) {
    const ownership::v1::Commitment& made = event.commitment_made().commitment();
    return IsPromise(made.kind()) ? StrCat("We promised you", Quoted(made.text()), " by ", TimeText(made.due())) : "";
  }
  if (event.has_commitment_renegotiated()) {
    if (!IsPromise(about.kind())) return "";
    return StrCat("We agreed another time with you", Quoted(about.text()), ", now by ",
                  TimeText(event.commitment_renegotiated().new_due()));
  }
  if (event.has_commitment_settled()) return Settled(event.commitment_settled(), about.text());
  return "";
}

std::string CustomerText(const outage::v1::NoticeEvent& event, const std::string& title) {
  if (event.has_published()) return StrCat("Notice: ", event.published().title());
  if (event.has_updated()) return StrCat("Notice ", title, ": ", event.updated().text());
  if (event.has_resolved()) return StrCat("Notice ", title, ", resolved: ", event.resolved().text());
  return "";
}

}  // namespace throughline::supplier
