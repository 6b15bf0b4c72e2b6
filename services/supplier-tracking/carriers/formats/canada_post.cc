// Canada Post, Get Tracking Details, XML: one parcel's significant events. The zone is an abbreviation, such as EST,
// and the country is Canada's unless the province is none of its own: so it is not assumed.

#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {

void ReadCanadaPost(Payload& payload) {
  const NodeRef detail = payload.root()["tracking-detail"];
  detail.ExpectObject(payload.problems);
  if (!payload.problems.ok()) return;
  payload.AddParcel(detail, "canada-post", detail["pin"], [&](Parcel& parcel) {
    for (const NodeRef& event : detail["significant-events"].All("occurrence", parcel.problems)) {
      parcel.AddScan(event, [&](Draft& draft) {
        draft.SetCode("track/v2", "", draft.Must(event["event-identifier"], 16));
        draft.SetText(event["event-description"]);
        draft.SetPlace({.city = event["event-site"], .region = event["event-province"]});
        draft.SetLocal(event["event-date"], event["event-time"]);
        draft.SetOffset(event["event-time-zone"]);
        draft.SetProof({.received_by = event["signatory-name"]});
      });
    }
    if (!parcel.SetEta(detail["changed-expected-date"])) parcel.SetEta(detail["expected-delivery-date"]);
  });
}

}  // namespace throughline::supplier
