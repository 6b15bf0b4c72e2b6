// UPS Track Alert, versions 1 and 2. A push has one event with local date and time, the same in GMT and, in version 2,
// the offset as `-04.00`. There is no message id and no history.

#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {
namespace {

// These codes of type U only announce a new ETA or photograph; they are not scans.
bool IsUpdate(const v1::CarrierCode& code) {
  return code.type() == "U" && (code.code() == "UP" || code.code() == "UT" || code.code() == "PX");
}

}  // namespace

void ReadUpsTrackAlert(Payload& payload) {
  const NodeRef& root = payload.root();
  payload.AddParcel(root, "ups", root["trackingNumber"], [&](Parcel& parcel) {
    parcel.AddScan(root, [&](Draft& draft) {
      const NodeRef status = root["activityStatus"], location = root["activityLocation"];
      status.ExpectObject(draft.problems);
      draft.SetCode("track-alert/v1", draft.Must(status["type"], 16), draft.Must(status["code"], 16));
      draft.SetText(status["description"]);
      if (location.present()) {
        draft.SetPlace({.city = location["city"],
                        .region = location["stateProvince"],
                        .postal_code = location["postalCode"],
                        .country = location["country"]});
      }
      draft.SetLocal(root["localActivityDate"], root["localActivityTime"]);
      draft.SetGmt(root["gmtActivityDate"], root["gmtActivityTime"]);
      draft.SetOffset(root["gmtOffset"]);
      draft.SetProof({.received_by = root["receivedBy"], .picture = root["deliveryPhoto"]});
      // A delivery window has no offset, so only the date is certain.
      const std::string scheduled = draft.May(root["scheduledDeliveryDate"]);
      const std::optional<absl::CivilDay> day = ParseCompactDay(scheduled);
      if (day) *draft.event.mutable_eta() = EtaOfDay(*day);
      if (!day && !scheduled.empty()) draft.warnings.push_back("scheduledDeliveryDate is not a date: it is left out");
      draft.eta_only = IsUpdate(draft.event.code());
    });
  });
}

}  // namespace throughline::supplier
