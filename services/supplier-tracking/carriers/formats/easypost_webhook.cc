// EasyPost's webhook: an Event whose result is a Tracker with the whole history, in EasyPost's own codes. The shipment
// belongs to the carrier that EasyPost names.

#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {
namespace {

void ReadDetail(const NodeRef& detail, Draft& draft) {
  draft.SetCode("easypost/v2", draft.Must(detail["status"]), draft.Must(detail["status_detail"]));
  draft.SetText(detail["message"]);
  draft.beside.words = draft.May(detail["description"], 1024);
  const NodeRef location = detail["tracking_location"];
  if (location.present()) {
    draft.SetPlace({.city = location["city"],
                    .region = location["state"],
                    .postal_code = location["zip"],
                    .country = location["country"]});
  }
  // EasyPost derives the offset from the place. If it does not know the place well enough, it writes local time as if
  // it were UTC. Then our own zone of the place is better than the Z, but still uncertain.
  const v1::Place& place = draft.event.place();
  const bool placed = !place.country().empty() && (!place.region().empty() || !place.postal_code().empty());
  draft.SetTime(detail["datetime"], placed ? TimeStyle::kUtc : TimeStyle::kZuluIsNone);
  if (!placed && draft.time_text.find('Z') != std::string::npos) draft.time_is_odd = true;
}

}  // namespace

void ReadEasypostWebhook(Payload& payload) {
  const NodeRef root = payload.root(), tracker = root["result"];
  root.ExpectObject(payload.problems);
  // There are also webhooks about batches, refunds, insurance and the like.
  const std::string description = root["description"].Required(payload.problems);
  if (!payload.problems.ok() || description.rfind("tracker.", 0) != 0) return;
  tracker.ExpectObject(payload.problems);
  const std::string carrier = payload.CarrierNamed("easypost", tracker["carrier"]);
  if (!payload.problems.ok()) return;
  payload.AddParcel(tracker, carrier, tracker["tracking_code"], [&](Parcel& parcel) {
    parcel.map = "easypost";
    payload.message_id = parcel.May(root["id"]);
    parcel.return_leg = tracker["is_return"].Flag(parcel.problems);
    for (const NodeRef& detail : tracker.All("tracking_details", parcel.problems)) {
      parcel.AddScan(detail, [&](Draft& draft) { ReadDetail(detail, draft); });
    }
    parcel.SetProof({.received_by = tracker["signed_by"]});
    if (!parcel.SetEta(tracker["carrier_detail"]["est_delivery_date_local"])) {
      parcel.SetEta(tracker["est_delivery_date"]);
    }
    parcel.SetEtaStatedAt(tracker["updated_at"]);
  });
}

}  // namespace throughline::supplier
