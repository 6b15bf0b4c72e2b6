#include "services/supplier-tracking/projections/order/order_entries.h"

#include "absl/strings/str_cat.h"

#include "services/supplier-tracking/projections/collection/collection_words.h"
#include "services/supplier-tracking/projections/concerns/concern_words.h"
#include "services/supplier-tracking/projections/eta/eta_words.h"
#include "services/supplier-tracking/projections/order/changes.h"
#include "services/supplier-tracking/projections/trace/trace.h"
#include "services/supplier-tracking/projections/vendors/vendor_words.h"

namespace throughline::supplier {
namespace {

std::string ForReason(const std::string& reason) { return reason.empty() ? "" : absl::StrCat(": ", reason); }

std::string SerialText(const v1::SerialRecorded& recorded) {
  const char* where = recorded.place() == v1::SERIAL_PLACE_PACKED ? "packed"
                      : recorded.place() == v1::SERIAL_PLACE_BOX  ? "on the box"
                                                                  : "on the device";
  return absl::StrCat("serial number ", where, ", line ", recorded.line_id(), ", article ", recorded.unit(), ": ",
                      recorded.serial_number());
}

template <typename VendorEvent>
void Name(const VendorEvent& reported, v1::TraceEntry& entry) {
  *entry.mutable_line_ids() = reported.line_ids();
  entry.set_vendor_id(reported.vendor_id());
}

}  // namespace

std::string TextOf(const v1::OrderEvent& event) {
  using Event = v1::OrderEvent;
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
                          ForReason(event.reassigned().reason()));
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
      return absl::StrCat("a link to the order's page is no longer good", ForReason(event.link_revoked().reason()));
    case Event::kShipmentObserved:
    case Event::EVENT_NOT_SET:
      return "";
  }
  return "";
}

void Detail(const v1::OrderEvent& event, const v1::OrderView& before, v1::TraceRow& row) {
  using Event = v1::OrderEvent;
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

}  // namespace throughline::supplier
