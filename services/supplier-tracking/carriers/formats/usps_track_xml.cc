// USPS Web Tools, Track and Confirm, XML: the response to a TrackFieldRequest with revision 1. The newest event is the
// summary. Times are local, to the minute, and the country is given for foreign ones only. Newer answers have the same
// moment in GMT, as a date and time or only as a time, and the offset.

#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {
namespace {

void ReadEvent(const NodeRef& event, Draft& draft) {
  draft.SetCode("web-tools", "", draft.Must(event["EventCode"], 16));
  draft.SetText(event["Event"]);
  draft.SetPlace({.city = event["EventCity"],
                  .region = event["EventState"],
                  .postal_code = event["EventZIPCode"],
                  .country = event["EventCountry"]});
  draft.SetLocal(event["EventDate"], event["EventTime"]);
  draft.SetOffset(event["GMTOffset"], true);
  draft.SetGmtNear(event["GMT"]);
}

}  // namespace

void ReadUspsTrackXml(Payload& payload) {
  const NodeRef response = payload.root()["TrackResponse"];
  response.ExpectObject(payload.problems);
  for (const NodeRef& info : response.All("TrackInfo", payload.problems)) {
    if (info["Error"].present()) continue;  // USPS knows nothing of the number
    payload.AddParcel(info, "usps", info["@ID"], [&](Parcel& parcel) {
      for (const char* name : {"TrackSummary", "TrackDetail"}) {
        for (const NodeRef& event : info.All(name, parcel.problems)) {
          parcel.AddScan(event, [&](Draft& draft) { ReadEvent(event, draft); });
        }
      }
      for (const char* field : {"PredictedDeliveryDate", "ExpectedDeliveryDate", "GuaranteedDeliveryDate"}) {
        if (parcel.SetEta(info[field])) return;
      }
    });
  }
}

}  // namespace throughline::supplier
