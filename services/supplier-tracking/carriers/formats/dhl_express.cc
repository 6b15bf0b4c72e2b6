// DHL Express, MyDHL API, tracking: shipments with their checkpoints. Times are local and mostly without an offset; the
// service area names the country behind its last hyphen.

#include "services/supplier-tracking/carriers/countries.h"
#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {
namespace {

void ReadEvent(const NodeRef& event, Draft& draft) {
  draft.SetCode("mydhl", "", draft.Must(event["typeCode"], 16));
  draft.SetText(event["description"]);
  Problems optional;
  const std::vector<NodeRef> areas = event.All("serviceArea", optional);
  if (!areas.empty()) {
    draft.SetPlace({.facility = areas[0]["description"]});
    const std::string& area = draft.event.place().facility();
    const size_t hyphen = area.rfind('-');
    if (hyphen != std::string::npos) draft.event.mutable_place()->set_country(CountryCode(area.substr(hyphen + 1)));
  }
  draft.SetLocal(event["date"], event["time"]);
  draft.SetOffset(event["GMTOffset"]);
  draft.SetProof({.received_by = event["signedBy"]});
}

}  // namespace

void ReadDhlExpress(Payload& payload) {
  const NodeRef& root = payload.root();
  root.ExpectObject(payload.problems);
  for (const NodeRef& shipment : root.All("shipments", payload.problems)) {
    payload.AddParcel(shipment, "dhl", shipment["shipmentTrackingNumber"], [&](Parcel& parcel) {
      for (const NodeRef& event : shipment.All("events", parcel.problems)) {
        parcel.AddScan(event, [&](Draft& draft) { ReadEvent(event, draft); });
      }
      parcel.SetEta(shipment["estimatedDeliveryDate"]);
    });
  }
}

}  // namespace throughline::supplier
