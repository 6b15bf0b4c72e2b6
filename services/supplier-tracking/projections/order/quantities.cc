#include "services/supplier-tracking/projections/order/quantities.h"

#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "services/supplier-tracking/domain/returns/returns.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/projections/order/customer_text.h"
#include "services/supplier-tracking/projections/vendors/vendor_words.h"

namespace throughline::supplier {
namespace {

using absl::StrCat;

}  // namespace

void CopyQuantities(const v1::OrderState& state, v1::OrderView& view) {
  for (int i = 0; i < state.lines_size() && i < view.lines_size(); ++i) {
    view.mutable_lines(i)->set_quantity_sent(SentOf(state, state.lines(i)));
    view.mutable_lines(i)->set_quantity_delivered(ArrivedOf(state, state.lines(i)));
    view.mutable_lines(i)->set_quantity_returned(ReturnedOf(state, state.lines(i)));
  }
  for (v1::OrderShipmentView& to : *view.mutable_shipments()) {
    const v1::OrderState::Shipment* from = FindShipment(state, to.shipment());
    to.clear_quantities();
    if (from == nullptr) continue;
    for (const auto& line : state.lines()) {
      const uint32_t quantity = CarriedBy(state, *from, line);
      if (quantity == 0) continue;
      v1::LineQuantity& carried = *to.add_quantities();
      carried.set_line_id(line.line_id());
      carried.set_quantity(quantity);
    }
  }
}

LineIds LinesIn(const Quantities& quantities) {
  LineIds lines;
  for (const v1::LineQuantity& said : quantities) lines.Add(std::string(said.line_id()));
  return lines;
}

std::string LinesText(const LineIds& line_ids, const Quantities& quantities) {
  if (quantities.empty()) return StrCat(line_ids.size() == 1 ? "line " : "lines ", absl::StrJoin(line_ids, ", "));
  return absl::StrJoin(line_ids, ", ", [&](std::string* out, const std::string& line_id) {
    const uint32_t quantity = QuantityIn(quantities, line_id);
    absl::StrAppend(out, quantity == 0 ? "" : StrCat(quantity, " of "), "line ", line_id);
  });
}

std::string PartNames(const v1::OrderView& order, const LineIds& line_ids, const Quantities& quantities) {
  bool parts = false;
  std::vector<std::string> names;
  for (const v1::OrderLineView& line : order.lines()) {
    if (!absl::c_linear_search(line_ids, line.line().line_id())) continue;
    const uint32_t quantity = QuantityIn(quantities, line.line().line_id());
    const bool part = quantity > 0 && quantity < line.line().quantity();
    parts |= part;
    names.push_back(StrCat(part ? StrCat(quantity, " of ", line.line().quantity(), " ") : "", NameOf(line.line())));
  }
  return parts ? absl::StrJoin(names, ", ") : LineNames(order, line_ids);
}

void AddParts(const v1::ShipmentDelivered& delivered, const v1::OrderState& after, const v1::OrderView& view,
              v1::TraceRow& row) {
  if (!delivered.last_leg() || !delivered.collect_at().empty()) return;
  const std::string ours = PartlyArrived(after, view, delivered.shipment(), false);
  if (ours.empty()) return;
  row.mutable_entry()->set_text(StrCat(row.entry().text(), ", ", ours));
  row.set_customer_text(StrCat(row.customer_text(), ": ", PartlyArrived(after, view, delivered.shipment(), true)));
}

std::string PartlyArrived(const v1::OrderState& state, const v1::OrderView& order, const std::string& shipment,
                          bool customer) {
  const v1::OrderState::Shipment* carrying = FindShipment(state, shipment);
  std::vector<std::string> parts;
  if (carrying == nullptr) return "";
  for (int i = 0; i < state.lines_size() && i < order.lines_size(); ++i) {
    const auto& line = state.lines(i);
    const uint32_t arrived = ArrivedOf(state, line);
    if (arrived >= line.quantity() || !absl::c_linear_search(carrying->line_ids(), line.line_id())) continue;
    parts.push_back(StrCat(arrived, " of ", line.quantity(), " ",
                           customer ? NameOf(order.lines(i).line()) : StrCat("of line ", line.line_id())));
  }
  return absl::StrJoin(parts, ", ");
}

}  // namespace throughline::supplier
