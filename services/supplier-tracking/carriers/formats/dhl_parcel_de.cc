// DHL Parcel Germany, tracking for business customers: nested `data` elements that say by their attribute `name` what
// they are. Times are German local time as `17.03.2016 11:21`.

#include "absl/strings/match.h"

#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {
namespace {

void ReadEvent(const NodeRef& event, Draft& draft) {
  draft.SetCode("parcel-de", draft.Must(event["@ice"], 16), draft.Must(event["@standard-event-code"], 16));
  draft.SetText(event["@event-status"]);
  const std::string text = draft.May(event["@event-text"], 1024);
  if (text != draft.event.text()) draft.AddText(text);
  draft.SetPlace({.city = event["@event-location"], .country = event["@event-country"]});
  draft.SetTime(event["@event-timestamp"]);
  draft.return_leg = draft.May(event["@ruecksendung"]) == "true";
}

void ReadPiece(const NodeRef& piece, Payload& payload) {
  payload.AddParcel(piece, "dhl", piece["@piece-code"], [&](Parcel& parcel) {
    parcel.return_leg = parcel.May(piece["@ruecksendung"]) == "true";
    for (const NodeRef& list : piece.All("data", parcel.problems)) {
      if (parcel.May(list["@name"]) != "piece-event-list") continue;
      for (const NodeRef& event : list.All("data", parcel.problems)) {
        parcel.AddScan(event, [&](Draft& draft) { ReadEvent(event, draft); });
      }
    }
  });
}

void ReadPieces(const NodeRef& data, Payload& payload) {
  for (const NodeRef& inner : data.All("data", payload.problems)) {
    Problems optional;
    const std::string name = inner["@name"].Text(optional);
    if (name == "piece-shipment") {
      ReadPiece(inner, payload);
    } else if (absl::EndsWith(name, "-list") || name.empty()) {
      ReadPieces(inner, payload);
    }
  }
}

}  // namespace

void ReadDhlParcelDe(Payload& payload) {
  payload.root()["data"].ExpectObject(payload.problems);
  ReadPieces(payload.root(), payload);
}

}  // namespace throughline::supplier
