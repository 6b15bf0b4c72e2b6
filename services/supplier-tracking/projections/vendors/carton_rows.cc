#include "services/supplier-tracking/projections/vendors/carton_rows.h"

#include <algorithm>

#include "services/supplier-tracking/domain/cartons/cartons.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {

void CopyCartons(const v1::OrderState& state, v1::OrderView& view) {
  for (v1::OrderShipmentView& shipment : *view.mutable_shipments()) shipment.clear_cartons();
  for (const auto& packed : state.cartons()) {
    v1::OrderShipmentView* latest = nullptr;
    for (v1::OrderShipmentView& shipment : *view.mutable_shipments()) {
      if (shipment.carrier() == packed.carrier() && shipment.tracking_number() == packed.tracking_number()) {
        latest = &shipment;
      }
    }
    if (latest != nullptr) *latest->add_cartons() = packed.carton();
  }
}

void IndexCartons(const v1::VendorDispatched& reported, const std::string& order_id, absl::Time at,
                  store::Batch& batch) {
  const int64_t now = absl::ToUnixSeconds(at);
  for (const v1::Carton& carton : reported.cartons()) {
    const int64_t known = kCartons.Get(batch, carton.sscc(), order_id).value_or(now);
    kCartons.Put(batch, carton.sscc(), order_id, std::max(known, now));
  }
}

std::vector<std::string> SsccsInUse(const store::KeyValue& reader, const std::string& order_id,
                                    const v1::DispatchedUpdate& dispatched, absl::Time now) {
  const int64_t since = absl::ToUnixSeconds(now - kSsccLasts);
  std::vector<std::string> in_use;
  for (const v1::Carton& carton : dispatched.cartons()) {
    bool used = false;
    kCartons.Scan(
        reader, "",
        [&](std::string_view, const auto& key, int64_t at) {
          used |= std::get<1>(key) != order_id && at > since;
          return !used;
        },
        carton.sscc());
    if (used) in_use.push_back(carton.sscc());
  }
  return in_use;
}

}  // namespace throughline::supplier
