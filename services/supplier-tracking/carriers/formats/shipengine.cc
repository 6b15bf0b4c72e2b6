// ShipEngine's webhook `API_TRACK`: one parcel's history, in ShipEngine's own status codes. `occurred_at` is UTC; the
// carrier is named in the address of the resource only.

#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {
namespace {

// The value of `carrier_code` in the address; empty if there is none.
std::string CarrierCodeOf(const std::string& url) {
  constexpr std::string_view kName = "carrier_code=";
  const size_t at = url.find(kName);
  if (at == std::string::npos) return "";
  const size_t begin = at + kName.size();
  return url.substr(begin, url.find('&', begin) - begin);
}

}  // namespace

void ReadShipengine(Payload& payload) {
  const NodeRef root = payload.root(), data = root["data"];
  root.ExpectObject(payload.problems);
  const std::string type = root["resource_type"].Required(payload.problems);
  if (!payload.problems.ok() || type != "API_TRACK") return;
  data.ExpectObject(payload.problems);
  const std::string code = CarrierCodeOf(root["resource_url"].Text(payload.problems, 1024));
  if (code.empty()) payload.problems.Add(root["resource_url"].path(), "names no carrier");
  const std::string carrier = payload.CarrierNamed("shipengine", root["resource_url"], code);
  if (!payload.problems.ok()) return;
  payload.AddParcel(data, carrier, data["tracking_number"], [&](Parcel& parcel) {
    parcel.map = "shipengine";
    for (const NodeRef& event : data.All("events", parcel.problems)) {
      parcel.AddScan(event, [&](Draft& draft) {
        draft.SetCode("shipengine", "", draft.Must(event["status_code"], 16));
        draft.SetText(event["description"]);
        draft.beside.words = draft.May(event["carrier_status_description"], 1024);
        draft.SetPlace({.city = event["city_locality"],
                        .region = event["state_province"],
                        .postal_code = event["postal_code"],
                        .country = event["country_code"]});
        draft.SetTime(event["occurred_at"], TimeStyle::kUtc);
        draft.beside.proof_of_delivery = !draft.May(event["signer"]).empty();
      });
    }
    parcel.SetEta(data["estimated_delivery_date"]);
  });
}

}  // namespace throughline::supplier
