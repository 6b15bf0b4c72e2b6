// AfterShip's webhook `tracking_update`: one parcel's checkpoints, in AfterShip's own tags. Times are as the carrier
// gave them, mostly local and without an offset.

#include <algorithm>

#include "absl/strings/str_cat.h"

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
    const std::vector<NodeRef> checkpoints = message.All("checkpoints", parcel.problems);
    // That it goes back, some checkpoint says; if none of these does, what is delivered is delivered to the sender.
    const bool told = std::any_of(checkpoints.begin(), checkpoints.end(), [&](const NodeRef& checkpoint) {
      const std::string subtag = parcel.May(checkpoint["subtag"]);
      return subtag == "Exception_010" || subtag == "Exception_011";
    });
    Problems optional;
    parcel.return_leg = !told && message["return_to_sender"].Flag(optional);
    for (const NodeRef& checkpoint : checkpoints) {
      parcel.AddScan(checkpoint, [&](Draft& draft) {
        const std::string tag = draft.Must(checkpoint["tag"]), subtag = draft.Must(checkpoint["subtag"]);
        draft.SetCode("aftership", tag, subtag);
        // A subtag is called after its tag, and a number.
        if (const size_t end = subtag.find('_'); end != std::string::npos && subtag.substr(0, end) != tag) {
          draft.problems.Add(checkpoint["subtag"].path(), absl::StrCat("is none of tag \"", tag, "\""));
        }
        draft.SetText(checkpoint["message"]);
        draft.beside.words = draft.May(checkpoint["subtag_message"], 1024);
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
    parcel.SetProof({.received_by = message["signed_by"]});
    parcel.SetEta(message["expected_delivery"]);
  });
}

}  // namespace throughline::supplier
