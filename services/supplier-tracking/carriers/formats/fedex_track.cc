// FedEx Track API, version 1, and the push of Advanced Integrated Visibility, which has the same shape. A scan's time
// has an offset; an offset-less midnight is only a day.

#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {
namespace {

void ReadScan(const NodeRef& event, Draft& draft) {
  // The exception explains the event: DE with 08 is an attempt.
  draft.SetCode("track/v1", draft.May(event["exceptionCode"], 16), draft.Must(event["eventType"], 16));
  draft.SetText(event["eventDescription"]);
  const std::string exception = draft.May(event["exceptionDescription"], 1024);
  if (exception != draft.event.text()) draft.AddText(exception);
  draft.beside.words = draft.May(event["derivedStatus"], 1024);
  const NodeRef location = event["scanLocation"];
  draft.SetPlace({.facility = event["locationId"],
                  .city = location["city"],
                  .region = location["stateOrProvinceCode"],
                  .postal_code = location["postalCode"],
                  .country = location["countryCode"]});
  draft.SetTime(event["date"], TimeStyle::kBareMidnightIsDay);
  // These tell only whether the estimate holds.
  const std::string& type = draft.event.code().code();
  draft.eta_only = type == "AO" || type == "AE";
}

void ReadResult(const NodeRef& result, const NodeRef& detail, Payload& payload) {
  payload.AddParcel(result, "fedex", result["trackingNumber"], [&](Parcel& parcel) {
    for (const NodeRef& event : detail.All("scanEvents", parcel.problems)) {
      parcel.AddScan(event, [&](Draft& draft) { ReadScan(event, draft); });
    }
    const NodeRef delivery = detail["deliveryDetails"];
    parcel.SetProof(
        {.received_by = delivery["receivedByName"].present() ? delivery["receivedByName"] : delivery["signedByName"],
         .place = delivery["locationDescription"]});
    Problems optional;
    for (const NodeRef& time : detail.All("dateAndTimes", optional)) {
      if (parcel.May(time["type"]) == "ESTIMATED_DELIVERY" && parcel.SetEta(time["dateTime"])) return;
    }
    if (parcel.SetEta(detail["estimatedDeliveryTimeWindow"]["window"]["ends"])) return;
    parcel.SetEta(detail["standardTransitTimeWindow"]["window"]["ends"]);
  });
}

}  // namespace

void ReadFedexTrack(Payload& payload) {
  const NodeRef& root = payload.root();
  root.ExpectObject(payload.problems);
  const NodeRef output = root["output"].present() ? root["output"] : root;
  for (const NodeRef& result : output.All("completeTrackResults", payload.problems)) {
    Problems broken;
    std::vector<NodeRef> told;  // those that tell of scans; an unknown number has an error instead
    for (const NodeRef& detail : result.All("trackResults", broken)) {
      if (detail["scanEvents"].present()) told.push_back(detail);
    }
    if (broken.ok() && told.empty()) continue;
    if (told.size() == 1) {
      ReadResult(result, told[0], payload);
      continue;
    }
    payload.AddParcel(result, "fedex", result["trackingNumber"], [&](Parcel& parcel) {
      // FedEx uses numbers again. Whose scans are meant, only the unique id of the number tells.
      parcel.problems.Add(result["trackResults"].path(), "is not one parcel: the number stands for several");
    });
  }
}

}  // namespace throughline::supplier
