// AfterShip's webhook `tracking_update`: one parcel's checkpoints, in AfterShip's own tags. Times are as the carrier
// gave them, mostly local and without an offset.

#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {

void ReadAftership(Payload& payload) {
  const NodeRef root = payload.root(), message = root["msg"];
  root.ExpectObject(payload.problems);
  const std::string event = root["event"].Required(payload.problems);
  if (!payload.problems.ok() || event != "tracking_update") return;
  message.ExpectObject(payload.problems);
  const std::string carrier = payload.CarrierNamed("aftership", message["slug"]);
  if (!payload.problems.ok()) return;
  payload.AddParcel(message, carrier, message["tracking_number"], [&](Parcel& parcel) {
    parcel.map = "aftership";
    payload.message_id = parcel.May(root["event_id"]);
    for (const NodeRef& checkpoint : message.All("checkpoints", parcel.problems)) {
      parcel.AddScan(checkpoint, [&](Draft& draft) {
        draft.SetCode("aftership", draft.Must(checkpoint["tag"]), draft.Must(checkpoint["subtag"]));
        draft.SetText(checkpoint["message"]);
        const NodeRef iso = checkpoint["country_iso3"], region = checkpoint["country_region"];
        draft.SetPlace({.city = checkpoint["city"],
                        .region = checkpoint["state"],
                        .postal_code = checkpoint["zip"],
                        .country = iso.present()      ? iso
                                   : region.present() ? region
                                                      : checkpoint["country_name"]});
        draft.SetTime(checkpoint["checkpoint_time"]);
      });
    }
    parcel.SetEta(message["expected_delivery"]);
  });
}

}  // namespace throughline::supplier
