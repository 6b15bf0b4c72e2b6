// Royal Mail, Tracking API, versions 2 and 3: the events of one item, or the last event of several (summary). Times
// have an offset; a place is one of Royal Mail's own sites, without a country.

#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {
namespace {

struct Names {
  const char *code, *text, *time, *place;
};
constexpr Names kEvent = {"eventCode", "eventName", "eventDateTime", "locationName"};
constexpr Names kSummary = {"lastEventCode", "lastEventName", "lastEventDateTime", "lastEventLocationName"};

void ReadScan(const NodeRef& at, const Names& names, const std::string& signed_at, Draft& draft) {
  draft.SetCode("tracking/v2", "", draft.Must(at[names.code], 16));
  draft.SetText(at[names.text]);
  draft.SetPlace({.facility = at[names.place]});
  draft.SetTime(at[names.time]);
  draft.beside.proof_of_delivery = !signed_at.empty() && draft.time_text == signed_at;
}

}  // namespace

void ReadRoyalMail(Payload& payload) {
  const NodeRef& root = payload.root();
  root.ExpectObject(payload.problems);
  for (const NodeRef& item : root.All("mailPieces", payload.problems)) {
    const NodeRef summary = item["summary"];
    if (item["error"].present() && !summary.present() && !item["events"].present()) continue;  // an unknown number
    // The barcode is what sender and recipient know; the other number is that of the code in two dimensions.
    const NodeRef barcode = summary["oneDBarcode"];
    payload.AddParcel(item, "royal-mail", barcode.present() ? barcode : item["mailPieceId"], [&](Parcel& parcel) {
      const std::string signed_at = parcel.May(item["signature"]["signatureDateTime"]);
      const std::vector<NodeRef> events = item.All("events", parcel.problems);
      for (const NodeRef& event : events) {
        parcel.AddScan(event, [&](Draft& draft) { ReadScan(event, kEvent, signed_at, draft); });
      }
      // The summary is the newest event again; alone in a list of several items.
      if (events.empty() && summary.present()) {
        parcel.AddScan(summary, [&](Draft& draft) { ReadScan(summary, kSummary, signed_at, draft); });
      }
      const NodeRef signature = item["signature"];
      parcel.SetProof({.received_by = signature["recipientName"],
                       .at = signature["signatureDateTime"],
                       .signature = signature["imageId"]});
      parcel.SetEta(item["estimatedDelivery"]["date"]);
    });
  }
}

}  // namespace throughline::supplier
