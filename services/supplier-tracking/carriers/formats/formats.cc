#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {

const std::vector<Format>& Formats() {
  using Syntax = Format::Syntax;
  static const auto& formats = *new std::vector<Format>{
      {"easypost-webhook", "easypost", "EasyPost, `tracker.*` events", "one parcel's history, each time whole",
       Syntax::kJson, ReadEasypostWebhook},
      {"ups-track-alert",
       "ups",
       "UPS Track Alert, versions 1 and 2",
       "one scan, or a new date",
       Syntax::kJson,
       ReadUpsTrackAlert,
       {},
       {"deliveryPhoto"}},
      {"usps-tracking-v3", "usps", "USPS Tracking 3, detail",
       "one parcel's history, newest first; or an array of parcels", Syntax::kJson, ReadUspsTrackingV3},
  };
  return formats;
}

}  // namespace throughline::supplier
