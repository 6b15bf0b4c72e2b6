// Shippo's webhook `track_updated`: one parcel's history, in Shippo's own codes. Times are UTC.

#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {

void ReadShippo(Payload& payload) {
  const NodeRef root = payload.root(), data = root["data"];
  root.ExpectObject(payload.problems);
  const std::string event = root["event"].Required(payload.problems);
  if (!payload.problems.ok() || event != "track_updated") return;
  data.ExpectObject(payload.problems);
  const std::string carrier = payload.CarrierNamed("shippo", data["carrier"]);
  if (!payload.problems.ok()) return;
  payload.AddParcel(data, carrier, data["tracking_number"], [&](Parcel& parcel) {
    parcel.map = "shippo";
    std::vector<NodeRef> history = data.All("tracking_history", parcel.problems);
    // The present status is the last of the history again; alone if there is no history.
    if (history.empty() && data["tracking_status"].present()) history.push_back(data["tracking_status"]);
    for (const NodeRef& scan : history) {
      parcel.AddScan(scan, [&](Draft& draft) {
        draft.SetCode("shippo", draft.Must(scan["status"]), draft.Must(scan["substatus"]["code"]));
        draft.SetText(scan["status_details"]);
        const NodeRef location = scan["location"];
        draft.SetPlace({.city = location["city"],
                        .region = location["state"],
                        .postal_code = location["zip"],
                        .country = location["country"]});
        draft.SetTime(scan["status_date"], TimeStyle::kUtc);
      });
    }
    parcel.SetEta(data["eta"]);
  });
}

}  // namespace throughline::supplier
