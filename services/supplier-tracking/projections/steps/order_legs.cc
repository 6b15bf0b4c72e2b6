#include "services/supplier-tracking/projections/steps/order_legs.h"

#include <algorithm>
#include <string>

#include "absl/algorithm/container.h"

#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {

bool ShareLines(const v1::OrderShipmentView& a, const v1::OrderShipmentView& b) {
  return absl::c_any_of(a.line_ids(),
                        [&](const std::string& line) { return absl::c_linear_search(b.line_ids(), line); });
}

const v1::OrderShipmentView* NextLegOf(const v1::OrderView& order, const v1::OrderShipmentView& shipment) {
  for (const v1::OrderShipmentView& next : order.shipments()) {
    if (next.return_leg() == shipment.return_leg() && next.leg() > shipment.leg() && ShareLines(next, shipment)) {
      return &next;
    }
  }
  return nullptr;
}

const v1::OrderShipmentView& LegBefore(const v1::OrderView& order, const v1::OrderShipmentView& shipment) {
  for (const v1::OrderShipmentView& before : order.shipments()) {
    if (shipment.has_follows() && before.shipment() == shipment.follows()) return before;
  }
  return shipment;
}

bool IsSentAgain(const v1::OrderView& order, const v1::OrderShipmentView& failed) {
  const auto at = absl::c_find_if(order.shipments(), [&](const v1::OrderShipmentView& shipment) {
    return shipment.shipment() == failed.shipment();
  });
  return absl::c_all_of(failed.line_ids(), [&](const std::string& line) {
    return std::any_of(at, order.shipments().end(), [&](const v1::OrderShipmentView& later) {
      return !later.return_leg() && !HasFailed(later.state()) && absl::c_linear_search(later.line_ids(), line);
    });
  });
}

}  // namespace throughline::supplier
