#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {

const std::vector<Format>& Formats() {
  constexpr auto kJson = Format::Syntax::kJson, kXml = Format::Syntax::kXml, kX12 = Format::Syntax::kX12;
  static const auto& formats = *new std::vector<Format>{
      {"aftership-webhook", "aftership", "AfterShip, `tracking_update`", "one parcel's checkpoints", kJson,
       ReadAftership},
      {"canada-post-detail", "canada-post", "Canada Post, Get Tracking Details", "one parcel's history", kXml,
       ReadCanadaPost},
      {"dhl-express-tracking", "dhl", "DHL Express, MyDHL API", "shipments with their checkpoints", kJson,
       ReadDhlExpress},
      {"dhl-parcel-de", "dhl", "DHL Parcel Germany, business customers", "pieces with their events", kXml,
       ReadDhlParcelDe},
      {"dhl-unified", "dhl", "DHL Shipment Tracking, Unified", "shipments, each time with all events", kJson,
       ReadDhlUnified},
      {"dpd-life-cycle",
       "dpd",
       "DPD, Parcel Life Cycle Service",
       "one parcel's steps",
       kXml,
       ReadDpd,
       {"shipmentInfo"}},
      {"easypost-webhook", "easypost", "EasyPost, `tracker.*` events", "one parcel's history, each time whole", kJson,
       ReadEasypostWebhook},
      {"edi-214", "x12", "carriers by EDI, X12 214", "an interchange of shipments' statuses", kX12, ReadEdi214},
      {"fedex-track-v1", "fedex", "FedEx Track API, version 1", "parcels with their history", kJson, ReadFedexTrack},
      {"fedex-webhook", "fedex", "FedEx Advanced Integrated Visibility", "parcels with their history", kJson,
       ReadFedexTrack},
      {"gs1-epcis-2",
       "gs1",
       "partners by GS1 EPCIS 2.0, JSON-LD",
       "events of SSCCs",
       kJson,
       ReadGs1Epcis,
       {"readPoint", "bizLocation", "errorDeclaration"}},
      {"royal-mail-events",
       "royal-mail",
       "Royal Mail, Tracking API",
       "one item's history, or the last event of several",
       kJson,
       ReadRoyalMail,
       {"summary"}},
      {"shipengine-webhook", "shipengine", "ShipEngine, `API_TRACK`", "one parcel's history", kJson, ReadShipengine},
      {"shippo-webhook", "shippo", "Shippo, `track_updated`", "one parcel's history", kJson, ReadShippo},
      {"ups-track-alert",
       "ups",
       "UPS Track Alert, versions 1 and 2",
       "one scan, or a new date",
       kJson,
       ReadUpsTrackAlert,
       {},
       {"deliveryPhoto"}},
      {"ups-track-v1", "ups", "UPS Track API, version 1", "packages with their history", kJson, ReadUpsTrack},
      {"usps-track-xml", "usps", "USPS Web Tools, Track and Confirm", "parcels with their history", kXml,
       ReadUspsTrackXml},
      {"usps-tracking-v3", "usps", "USPS Tracking 3, detail",
       "one parcel's history, newest first; or an array of parcels", kJson, ReadUspsTrackingV3},
  };
  return formats;
}

}  // namespace throughline::supplier
