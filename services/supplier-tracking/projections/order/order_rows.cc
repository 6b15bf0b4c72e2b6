#include "services/supplier-tracking/projections/order/order_rows.h"

#include "libs/runtime/fold/last_change.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {

v1::OrderRow OrderRowOf(const store::Batch& batch, const std::string& order_id) {
  return kOrders.Get(batch, order_id).value_or(v1::OrderRow());
}

void PutOrderRow(store::Batch& batch, const std::string& order_id, const log::Position& position, v1::OrderRow& row) {
  runtime::NoteChange(position, *row.mutable_last_changes());
  v1::OrderView& view = *row.mutable_view();
  if (!view.order_id().empty()) {
    view.set_owner(row.owner());
    view.clear_case_ids();
    for (const auto& about : row.cases()) {
      view.add_case_ids(about.case_id());
      if (about.open()) view.set_owner(about.owner());
    }
  }
  kOrders.Put(batch, order_id, row);
  batch.Notify(OrderTopic(order_id));
}

void CopyShipment(const v1::ShipmentView& from, v1::OrderShipmentView& to) {
  to.set_state(from.state());
  to.set_reason(from.reason());
  *to.mutable_flags() = from.flags();
  to.clear_handed_to();
  if (from.has_handed_to()) *to.mutable_handed_to() = from.handed_to();
  to.clear_eta();
  if (from.has_eta()) *to.mutable_eta() = from.eta();
}

}  // namespace throughline::supplier
