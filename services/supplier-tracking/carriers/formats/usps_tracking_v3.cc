// USPS tracking version 3, detail: a parcel's whole history, newest first, each event with local time and GMT. A body
// has one parcel or an array of several.

#include <array>

#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {
namespace {

// The best ETA of the payload: predicted, else expected, else guaranteed. A guarantee can be words.
void ReadEta(const NodeRef& at, Parcel& parcel) {
  for (const char* field : {"predictedDeliveryDate", "expectedDeliveryTimeStamp", "expectedDeliveryDate",
                            "guaranteedDeliveryTimeStamp", "guaranteedDeliveryDate"}) {
    if (parcel.SetEta(at[field], TimeStyle::kZuluIsNone)) return;
  }
}

void ReadParcel(const NodeRef& at, Payload& payload) {
  payload.AddParcel(at, "usps", at["trackingNumber"], [&](Parcel& parcel) {
    for (const NodeRef& event : at.All("trackingEvents", parcel.problems)) {
      parcel.AddScan(event, [&](Draft& draft) {
        draft.SetCode("tracking/v3", "", draft.Must(event["eventCode"], 16));
        draft.SetText(event["eventType"]);
        draft.SetPlace({.city = event["eventCity"],
                        .region = event["eventState"],
                        .postal_code = event["eventZIP"],
                        .country = event["eventCountry"]});
        // Documented as local time, but some of it is written with a Z.
        draft.SetTime(event["eventTimestamp"], TimeStyle::kZuluIsNone);
        draft.SetGmt(event["GMTTimestamp"]);
        draft.SetOffset(event["GMTOffset"], true);
      });
    }
    ReadEta(at, parcel);
  });
}

}  // namespace

void ReadUspsTrackingV3(Payload& payload) {
  const NodeRef& root = payload.root();
  if (root.value()->kind != Node::Kind::kArray) return ReadParcel(root, payload);
  for (size_t i = 0; i < root.value()->members.size(); ++i) ReadParcel(root.At(i), payload);
}

}  // namespace throughline::supplier
