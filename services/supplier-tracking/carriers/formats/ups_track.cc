// UPS Track API, version 1: every package of the shipments asked for, each with its history. Times as in Track Alert,
// but offsets as `-04:00`.

#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {
namespace {

// A package's rescheduled day, else its scheduled one.
void ReadEta(const NodeRef& package, Parcel& parcel) {
  std::optional<absl::CivilDay> best;
  Problems optional;
  for (const NodeRef& date : package.All("deliveryDate", optional)) {
    const std::string type = parcel.May(date["type"]);
    const std::optional<absl::CivilDay> day = ParseCompactDay(parcel.May(date["date"]));
    if (day && (type == "RDD" || (type == "SDD" && !best))) best = day;
  }
  if (best) parcel.SetEta(*best);
}

}  // namespace

void ReadUpsTrack(Payload& payload) {
  const NodeRef response = payload.root()["trackResponse"];
  response.ExpectObject(payload.problems);
  for (const NodeRef& shipment : response.All("shipment", payload.problems)) {
    for (const NodeRef& package : shipment.All("package", payload.problems)) {
      payload.AddParcel(package, "ups", package["trackingNumber"], [&](Parcel& parcel) {
        for (const NodeRef& activity : package.All("activity", parcel.problems)) {
          parcel.AddScan(activity, [&](Draft& draft) {
            const NodeRef status = activity["status"], address = activity["location"]["address"];
            status.ExpectObject(draft.problems);
            draft.SetCode("track/v1", draft.Must(status["type"], 16), draft.Must(status["code"], 16));
            draft.SetText(status["description"]);
            const NodeRef code = address["countryCode"];
            draft.SetPlace({.city = address["city"],
                            .region = address["stateProvince"],
                            .postal_code = address["postalCode"],
                            .country = code.present() ? code : address["country"]});
            draft.SetLocal(activity["date"], activity["time"]);
            draft.SetGmt(activity["gmtDate"], activity["gmtTime"]);
            draft.SetOffset(activity["gmtOffset"]);
          });
        }
        const NodeRef delivery = package["deliveryInformation"];
        parcel.SetProof({.received_by = delivery["receivedBy"],
                         .place = delivery["location"],
                         .signature = delivery["signature"]["image"],
                         .picture = delivery["deliveryPhoto"]["photo"]});
        ReadEta(package, parcel);
      });
    }
  }
}

}  // namespace throughline::supplier
