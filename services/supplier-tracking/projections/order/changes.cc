#include "services/supplier-tracking/projections/order/changes.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/returns/returns.h"
#include "services/supplier-tracking/projections/order/customer_text.h"
#include "services/supplier-tracking/projections/order/quantities.h"
#include "services/supplier-tracking/projections/trace/trace.h"
#include "services/supplier-tracking/projections/vendors/vendor_words.h"

namespace throughline::supplier {
namespace {

using absl::StrCat;
using runtime::FromProto;

const google::protobuf::Timestamp* FromOf(const v1::OrderAmended& amended) {
  return amended.has_promised_from() ? &amended.promised_from() : nullptr;
}

v1::OrderStatus StatusOf(const v1::OrderState& state) {
  if (state.cancelled()) return v1::ORDER_STATUS_CANCELLED;
  if (!state.has_completed_at()) return v1::ORDER_STATUS_OPEN;
  bool all = true, any = false;
  for (const auto& line : state.lines()) {
    if (line.status() == v1::LINE_STATUS_CANCELLED) continue;
    all &= line.status() == v1::LINE_STATUS_RETURNED;
    any |= ReturnedOf(state, line) > 0;
  }
  return all ? v1::ORDER_STATUS_RETURNED : any ? v1::ORDER_STATUS_PARTLY_RETURNED : v1::ORDER_STATUS_COMPLETED;
}

}  // namespace

std::string PromiseText(const google::protobuf::Timestamp& time, const google::protobuf::Timestamp* from) {
  return from == nullptr ? TimeText(time) : StrCat(TimeText(*from), " to ", TimeText(time));
}

std::string ChangeText(const v1::OrderAmended& amended) {
  std::vector<std::string> changes;
  if (amended.has_promised_time()) {
    changes.push_back(StrCat("now promised by ", PromiseText(amended.promised_time(), FromOf(amended))));
  }
  if (!amended.destination_zone().empty()) {
    changes.push_back(StrCat("the destination is in the zone ", amended.destination_zone()));
  }
  for (const v1::OrderLine& line : amended.added_lines()) {
    changes.push_back(StrCat(
        "line ", line.line_id(), " added: ", line.quantity(), " of ", line.sku(),
        line.substitutes().empty() ? "" : StrCat(", which the customer takes in place of line ", line.substitutes())));
  }
  for (const std::string& offer : amended.declined_substitutes()) {
    changes.push_back(StrCat("the customer does not take what is offered as line ", offer));
  }
  for (const v1::LineQuantity& more : amended.quantities()) {
    changes.push_back(StrCat("of line ", more.line_id(), " now ", more.quantity()));
  }
  return StrCat("order changed: ", absl::StrJoin(changes, "; "), ", because: ", amended.reason());
}

std::string ChangeText(const v1::LinesCancelled& cancelled) {
  return StrCat("cancelled: ", LinesText(LinesIn(cancelled.quantities()), cancelled.quantities()),
                ", because: ", cancelled.reason());
}

std::string ChangeText(const v1::ShipmentReturned& returned) {
  return StrCat("the return has come back: ", LinesText(LinesIn(returned.quantities()), returned.quantities()),
                " with ", returned.shipment());
}

std::string AmendedForCustomer(const v1::OrderAmended& amended, const v1::OrderView& order) {
  std::vector<std::string> changes;
  if (amended.has_promised_time()) {
    std::string by = WhenText(amended.promised_time(), order.destination_zone());
    if (amended.has_promised_from()) {
      by = StrCat("between ", WhenText(amended.promised_from(), order.destination_zone()), " and ", by);
    } else {
      by = StrCat("by ", by);
    }
    changes.push_back(
        StrCat("We now promise it ", by, "; before by ", WhenText(order.promised_time(), order.destination_zone())));
  }
  for (const v1::OrderLine& line : amended.added_lines()) {
    changes.push_back(StrCat(line.substitutes().empty() ? "Added: " : "You take: ", NameOf(line)));
  }
  if (!amended.declined_substitutes().empty()) {
    changes.push_back("You do not take what we offered; we find another way");
  }
  for (const v1::LineQuantity& more : amended.quantities()) {
    LineIds line;
    line.Add(std::string(more.line_id()));
    changes.push_back(StrCat("Now ", more.quantity(), " of ", LineNames(order, line)));
  }
  return changes.empty() ? "Your order was changed" : absl::StrJoin(changes, "; ");
}

std::string CancelledForCustomer(const v1::LinesCancelled& cancelled, const v1::OrderView& order) {
  return StrCat("Cancelled: ", PartNames(order, LinesIn(cancelled.quantities()), cancelled.quantities()));
}

void DetailChange(const v1::OrderAmended& amended, const v1::OrderView& before, v1::TraceRow& row) {
  v1::TraceEntry& entry = *row.mutable_entry();
  for (const v1::OrderLine& line : amended.added_lines()) {
    entry.add_line_ids(line.line_id());
    if (!line.substitutes().empty()) entry.add_line_ids(line.substitutes());
  }
  for (const v1::LineQuantity& more : amended.quantities()) entry.add_line_ids(more.line_id());
  if (!amended.has_promised_time()) return;
  row.set_sets_promise(true);
  *entry.mutable_promised_time() = amended.promised_time();
  v1::PromiseChange& change = *entry.mutable_effect()->mutable_promise();
  *change.mutable_before() = before.promised_time();
  *change.mutable_after() = amended.promised_time();
}

void DetailChange(const v1::LinesCancelled& cancelled, v1::TraceRow& row) {
  *row.mutable_entry()->mutable_line_ids() = LinesIn(cancelled.quantities());
}

void DetailChange(const v1::ShipmentReturned& returned, v1::TraceRow& row) {
  *row.mutable_entry()->mutable_line_ids() = LinesIn(returned.quantities());
  row.mutable_entry()->set_shipment(returned.shipment());
}

void ApplyChange(const v1::OrderAmended& amended, v1::OrderView& view) {
  for (const v1::OrderLine& line : amended.added_lines()) *view.add_lines()->mutable_line() = line;
  if (!amended.destination_zone().empty()) view.set_destination_zone(amended.destination_zone());
  for (v1::OrderLineView& line : *view.mutable_lines()) {
    const uint32_t quantity = QuantityIn(amended.quantities(), line.line().line_id());
    if (quantity > 0) line.mutable_line()->set_quantity(quantity);
  }
}

void CopyPromise(const v1::OrderState& state, absl::Time time, v1::OrderView& view) {
  *view.mutable_promised_time() = state.promised_time();
  view.clear_promised_from();
  if (state.has_promised_from()) *view.mutable_promised_from() = state.promised_from();
  *view.mutable_first_promised_time() = state.first_promised_time();
  view.set_status(StatusOf(state));
  if (state.cancelled()) view.clear_eta();
  if (state.cancelled() && !view.has_cancelled_at()) *view.mutable_cancelled_at() = runtime::ToProto(time);
  view.clear_completed_at();
  view.clear_in_time();
  view.clear_in_first_time();
  if (!state.has_completed_at()) return;
  *view.mutable_completed_at() = state.completed_at();
  // What is collected was there when it was ready.
  const absl::Time there = FromProto(state.has_there_at() ? state.there_at() : state.completed_at());
  view.set_in_time(there <= FromProto(state.promised_time()));
  view.set_in_first_time(there <= FromProto(state.first_promised_time()));
}

}  // namespace throughline::supplier
