#include "services/supplier-tracking/domain/changes/order_changes.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/alarms.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/order_shipments.h"
#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/domain/vendors/substitutes.h"

namespace throughline::supplier {
namespace {

using runtime::FieldViolations;
using runtime::FromProto;

const v1::OrderState::Line* LineIn(const v1::OrderState& state, const std::string& line_id) {
  const auto found = absl::c_find_if(state.lines(), [&](const auto& line) { return line.line_id() == line_id; });
  return found == state.lines().end() ? nullptr : &*found;
}

absl::Status Check(const v1::OrderState& state, const v1::AmendOrderRequest& request, const runtime::Caller& caller) {
  FieldViolations bad;
  runtime::RequireField(bad, "reason", request.reason(), "say why the order is changed");
  const bool changes = request.has_promised_time() || !request.destination_zone().empty() ||
                       !request.added_lines().empty() || !request.quantities().empty() ||
                       !request.accepted_substitutes().empty() || !request.declined_substitutes().empty();
  if (!changes) bad.Add("promised_time", "is not set, nor is another change: give what is to be changed");
  if (request.has_promised_time() && FromProto(request.promised_time()) <= caller.time) {
    bad.Add("promised_time", "is not in the future: give a time by which the order can still be there");
  }
  if (request.has_promised_from() &&
      (!request.has_promised_time() || FromProto(request.promised_from()) >= FromProto(request.promised_time()))) {
    bad.Add("promised_from", "is not before `promised_time`: give the beginning of the window, or leave it out");
  }
  if (!state.order_id().empty()) CheckOrdered(bad, "added_lines", request.added_lines(), state);
  for (int i = 0; !state.order_id().empty() && i < request.quantities_size(); ++i) {
    const v1::LineQuantity& more = request.quantities(i);
    const auto* line = LineIn(state, more.line_id());
    const std::string path = absl::StrCat("quantities[", i, "].");
    if (line == nullptr || line->status() == v1::LINE_STATUS_CANCELLED) {
      bad.Add(path + "line_id", "is not an open line of the order: name one of its lines, or add a line");
    } else if (more.quantity() <= line->quantity() || more.quantity() > 1'000'000) {
      bad.Add(path + "quantity", absl::StrCat("is not ", line->quantity() + 1,
                                              " to 1,000,000: give more than are ordered now, or cancel a part"));
    }
  }
  return bad.ToStatus();
}

// How many of each line are to be cancelled.
absl::StatusOr<Quantities> WhatToCancel(const v1::OrderState& state, const v1::CancelLinesRequest& request) {
  FieldViolations bad;
  runtime::RequireField(bad, "reason", request.reason(), "say why it is cancelled");
  for (int i = 0; i < request.line_ids_size(); ++i) {
    if (!state.order_id().empty() && LineIn(state, request.line_ids(i)) == nullptr) {
      bad.Add(absl::StrCat("line_ids[", i, "]"), "is not a line of the order: name one of its lines");
    }
  }
  std::set<std::string> seen(request.line_ids().begin(), request.line_ids().end());
  for (int i = 0; !state.order_id().empty() && i < request.quantities_size(); ++i) {
    const v1::LineQuantity& part = request.quantities(i);
    const auto* line = LineIn(state, part.line_id());
    const std::string path = absl::StrCat("quantities[", i, "].");
    if (line == nullptr || !seen.insert(part.line_id()).second) {
      bad.Add(path + "line_id", "is not a line of the order, or is there twice: name each line once");
    } else if (part.quantity() < 1 || part.quantity() > line->quantity()) {
      bad.Add(path + "quantity", absl::StrCat("is not 1 to ", line->quantity(), ": give how many are cancelled"));
    }
  }
  if (absl::Status status = bad.ToStatus(); !status.ok()) return status;
  const bool everything = request.line_ids().empty() && request.quantities().empty();
  Quantities cancelled;
  for (const auto& line : state.lines()) {
    const bool whole = everything || absl::c_linear_search(request.line_ids(), line.line_id());
    const uint32_t part = QuantityIn(request.quantities(), line.line_id());
    const uint32_t sent = std::max(SentOf(state, line), line.collected()), wanted = whole ? line.quantity() : part;
    if (wanted == 0 || line.status() == v1::LINE_STATUS_CANCELLED) continue;
    if (sent + wanted > line.quantity()) {
      return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "LINE_SENT",
                             absl::StrCat("of line ", line.line_id(), " ", sent, " of ", line.quantity(),
                                          " are sent: let those be returned, and cancel the rest by its quantity"));
    }
    v1::LineQuantity& one = *cancelled.Add();
    one.set_line_id(line.line_id());
    one.set_quantity(wanted);
  }
  return cancelled;
}

}  // namespace

bool IsClosed(const v1::OrderState& state) { return state.has_completed_at() || state.cancelled(); }

absl::Status CheckOpen(const v1::OrderState& state) {
  if (state.cancelled()) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "ORDER_CANCELLED",
                           "the order is cancelled: place another one");
  }
  if (!state.has_completed_at()) return absl::OkStatus();
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "ORDER_COMPLETED",
                         "the order is completely delivered: there is nothing more to report or to change");
}

void CheckOrdered(FieldViolations& bad, const std::string& field,
                  const google::protobuf::RepeatedPtrField<v1::OrderLine>& lines, const v1::OrderState& state) {
  std::set<std::string> ids;
  for (const auto& line : state.lines()) ids.insert(line.line_id());
  if (state.lines_size() + lines.size() > kMostLines) {
    bad.Add(field, absl::StrCat("makes more than ", kMostLines, " lines: place another order"));
  }
  for (int i = 0; i < lines.size(); ++i) {
    const v1::OrderLine& line = lines.Get(i);
    const std::string path = absl::StrCat(field, "[", i, "].");
    if (!IsId(line.line_id(), 32)) {
      bad.Add(path + "line_id", "is not a line id: use 1 to 32 of the characters A-Z a-z 0-9 . _ -");
    }
    if (!ids.insert(line.line_id()).second) bad.Add(path + "line_id", "is a duplicate: give each line its own id");
    if (line.quantity() < 1 || line.quantity() > 1'000'000) bad.Add(path + "quantity", "is not 1 to 1,000,000");
    RequireText(bad, path + "sku", line.sku());
    CheckPartyId(bad, path + "vendor_id", line.vendor_id());
    if (!line.part_of().empty()) bad.Add(path + "part_of", "is set: leave it out, vendors split lines");
    if (!line.substitutes().empty()) {
      bad.Add(path + "substitutes", "is set: leave it out, and accept what a vendor offers by `accepted_substitutes`");
    }
    if (!line.collect_at().empty() && !IsId(line.collect_at(), 64)) {
      bad.Add(path + "collect_at", "is not a store id: use 1 to 64 of the characters A-Z a-z 0-9 . _ -");
    }
  }
}

Order::Decision Order::Decide(const State& state, const v1::AmendOrderRequest& request, const runtime::Caller& caller) {
  if (absl::Status status = Check(state, request, caller); !status.ok()) return status;
  if (state.order_id().empty()) return OrderUnknown(request.order_id());
  if (absl::Status status = CheckOpen(state); !status.ok()) return status;
  std::vector<Event> events(1);
  v1::OrderAmended& amended = *events.front().mutable_amended();
  if (request.has_promised_time()) *amended.mutable_promised_time() = request.promised_time();
  if (request.has_promised_from()) *amended.mutable_promised_from() = request.promised_from();
  amended.set_destination_zone(request.destination_zone());
  *amended.mutable_added_lines() = request.added_lines();
  *amended.mutable_quantities() = request.quantities();
  if (absl::Status status = AddSubstitutes(state, request, amended); !status.ok()) return status;
  if (amended.ByteSizeLong() == 0) return std::vector<Event>();  // decided before
  amended.set_reason(request.reason());
  amended.set_by(caller.id);
  AddConsequences(state, "", events);
  return events;
}

Order::Decision Order::Decide(const State& state, const v1::CancelLinesRequest& request,
                              const runtime::Caller& caller) {
  if (!state.order_id().empty() && state.cancelled()) return CheckOpen(state);
  const absl::StatusOr<Quantities> what = WhatToCancel(state, request);
  if (!what.ok() && !absl::IsFailedPrecondition(what.status())) return what.status();
  if (state.order_id().empty()) return OrderUnknown(request.order_id());
  if (absl::Status status = CheckOpen(state); !status.ok()) return status;
  if (!what.ok()) return what.status();
  std::vector<Event> events;
  if (what->empty()) return events;  // cancelled before
  v1::LinesCancelled& cancelled = *events.emplace_back().mutable_lines_cancelled();
  *cancelled.mutable_quantities() = *what;
  cancelled.set_reason(request.reason());
  cancelled.set_by(caller.id);
  AddConsequences(state, "", events);
  return events;
}

void AddLine(v1::OrderState& state, const v1::OrderLine& ordered) {
  auto& line = *state.add_lines();
  line.set_line_id(ordered.line_id());
  line.set_vendor_id(ordered.vendor_id());
  line.set_sku(ordered.sku());
  line.set_quantity(ordered.quantity());
  line.set_ordered(ordered.quantity());
  line.set_substitutes(ordered.substitutes());
  line.set_status(v1::LINE_STATUS_ORDERED);
  line.set_collect_at(ordered.collect_at());
}

void EvolveChange(v1::OrderState& state, const v1::OrderAmended& amended) {
  if (amended.has_promised_time()) {
    *state.mutable_promised_time() = amended.promised_time();
    state.clear_promised_from();
    if (amended.has_promised_from()) *state.mutable_promised_from() = amended.promised_from();
    state.set_overdue(false);
  }
  if (!amended.destination_zone().empty()) state.set_destination_zone(amended.destination_zone());
  const std::vector<bool> alarms = AlarmsOf(state);
  for (const v1::OrderLine& added : amended.added_lines()) AddLine(state, added);
  EvolveSubstitutes(state, amended, alarms);
  for (auto& line : *state.mutable_lines()) {
    const uint32_t quantity = QuantityIn(amended.quantities(), line.line_id());
    if (quantity == 0) continue;
    // What was sent without a number was all that was ordered then.
    for (auto& shipment : *state.mutable_shipments()) {
      if (!absl::c_linear_search(shipment.line_ids(), line.line_id())) continue;
      if (QuantityIn(shipment.quantities(), line.line_id()) > 0) continue;
      const uint32_t carried = CarriedBy(state, shipment, line);
      if (carried == 0) continue;
      v1::LineQuantity& said = *shipment.add_quantities();
      said.set_line_id(line.line_id());
      said.set_quantity(carried);
    }
    // A dispatch of all of it was one of a part.
    for (auto& statement : *line.mutable_statements()) {
      if (statement.status() == v1::LINE_STATUS_DISPATCHED) statement.set_part(true);
    }
    line.set_quantity(quantity);
    line.set_ordered(quantity);
    if (!IsWithVendor(line.status())) line.set_status(v1::LINE_STATUS_ORDERED);
  }
}

void EvolveChange(v1::OrderState& state, const v1::LinesCancelled& cancelled) {
  for (auto& line : *state.mutable_lines()) {
    const uint32_t part = QuantityIn(cancelled.quantities(), line.line_id());
    if (part > 0) Withdraw(state, line, part);
  }
  RefreshLines(state);
}

}  // namespace throughline::supplier
