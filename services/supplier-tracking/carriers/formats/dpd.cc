// DPD, Parcel Life Cycle Service, SOAP: the steps of one parcel. A step that is not reached yet is no scan. Times are
// local, as `16.01.2015, 11:57`, and places are towns with the country in
// brackets.

#include "services/supplier-tracking/carriers/countries.h"
#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {
namespace {

// Of `Hamburg (DE)`.
void SetCountry(v1::Place& place) {
  const std::string& town = place.city();
  const size_t open = town.rfind('(');
  if (open == std::string::npos || town.back() != ')') return;
  place.set_country(CountryCode(town.substr(open + 1, town.size() - open - 2)));
}

}  // namespace

void ReadDpd(Payload& payload) {
  const NodeRef response = payload.root()["Envelope"]["Body"]["getTrackingDataResponse"];
  response.ExpectObject(payload.problems);
  const NodeRef result = response["trackingresult"];
  result.ExpectObject(payload.problems);
  if (!payload.problems.ok()) return;
  payload.AddParcel(result, "dpd", result["shipmentInfo"]["parcelLabelNumber"], [&](Parcel& parcel) {
    for (const NodeRef& step : result.All("statusInfo", parcel.problems)) {
      parcel.AddScan(step, [&](Draft& draft) {
        draft.SetCode("parcel-life-cycle", "", draft.Must(step["status"], 32));
        draft.SetText(step["label"]["content"]);
        const std::string text = draft.May(step["description"]["content"]["content"], 1024);
        if (text != draft.event.text()) draft.AddText(text);
        draft.SetPlace({.city = step["location"]["content"]});
        SetCountry(*draft.event.mutable_place());
        draft.SetTime(step["date"]["content"]);
        draft.eta_only = !step["statusHasBeenReached"].Flag(draft.problems);
      });
    }
  });
}

}  // namespace throughline::supplier
