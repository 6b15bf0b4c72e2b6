// DHL Shipment Tracking, Unified: shipments with their events, in five coarse codes. A `Z` is written after local time.

#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {
namespace {

void ReadEvent(const NodeRef& event, Draft& draft) {
  draft.SetCode("unified/v1", "", draft.Must(event["statusCode"], 32));
  draft.SetText(event["status"]);
  for (const char* more : {"description", "remark"}) {
    const std::string text = draft.May(event[more], 1024);
    if (text != draft.event.text()) draft.AddText(text);
  }
  const NodeRef address = event["location"]["address"];
  draft.SetPlace(
      {.city = address["addressLocality"], .postal_code = address["postalCode"], .country = address["countryCode"]});
  draft.SetTime(event["timestamp"], TimeStyle::kZuluIsNone);
}

}  // namespace

void ReadDhlUnified(Payload& payload) {
  const NodeRef& root = payload.root();
  root.ExpectObject(payload.problems);
  for (const NodeRef& shipment : root.All("shipments", payload.problems)) {
    payload.AddParcel(shipment, "dhl", shipment["id"], [&](Parcel& parcel) {
      const std::vector<NodeRef> events = shipment.All("events", parcel.problems);
      for (const NodeRef& event : events) {
        parcel.AddScan(event, [&](Draft& draft) { ReadEvent(event, draft); });
      }
      // The present status is the newest event again; alone in a push without history.
      if (events.empty() && shipment["status"].present()) {
        parcel.AddScan(shipment["status"], [&](Draft& draft) { ReadEvent(shipment["status"], draft); });
      }
      const NodeRef proof = shipment["details"]["proofOfDelivery"];
      parcel.SetProof({.received_by = proof["familyName"],
                       .at = proof["timestamp"],
                       .signature = proof["signatureUrl"],
                       .reference = proof["documentUrl"]});
      parcel.SetEta(shipment["estimatedTimeOfDelivery"], TimeStyle::kZuluIsNone);
    });
  }
}

}  // namespace throughline::supplier
