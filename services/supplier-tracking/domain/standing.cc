#include "services/supplier-tracking/domain/standing.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/runtime/time.h"
#include "services/supplier-tracking/domain/order.h"

namespace throughline::supplier {
namespace {

using Line = v1::OrderState::Line;

absl::Time Latest(const v1::Eta& eta) { return runtime::FromProto(eta.latest()); }

bool EndsAtTheCustomer(const v1::OrderState::Shipment& shipment) {
  return shipment.last_leg() && !shipment.return_leg();
}

// What is known of a line; nullopt if nothing. `shipment` is set if a carrier says so.
std::optional<v1::Eta> ExpectationOf(const v1::OrderState& state, const Line& line, std::string& shipment) {
  std::optional<v1::Eta> eta;
  for (const auto& carrying : state.shipments()) {
    if (!EndsAtTheCustomer(carrying) || carrying.has_delivered_at() || !carrying.has_eta()) continue;
    if (!absl::c_linear_search(carrying.line_ids(), line.line_id())) continue;
    if (eta && Latest(*eta) >= Latest(carrying.eta())) continue;
    eta = carrying.eta();
    shipment = carrying.shipment();
  }
  if (eta) return eta;
  if (line.has_vendor_eta()) eta = line.vendor_eta();
  for (const auto* bound : {line.has_expected_restock() ? &line.expected_restock() : nullptr,
                            line.has_expected_dispatch() ? &line.expected_dispatch() : nullptr}) {
    if (bound == nullptr || (eta && Latest(*eta) >= runtime::FromProto(*bound))) continue;
    eta.emplace();
    *eta->mutable_latest() = *bound;
  }
  return eta;
}

std::string Day(absl::Time time) { return absl::FormatTime("%Y-%m-%d %H:%M UTC", time, absl::UTCTimeZone()); }

std::string StatusWord(v1::LineStatus status) {
  switch (status) {
    case v1::LINE_STATUS_BACKORDERED:
      return "backordered";
    case v1::LINE_STATUS_DELAYED:
      return "delayed";
    case v1::LINE_STATUS_DISPATCHED:
      return "on the way";
    default:
      return "ordered";
  }
}

}  // namespace

bool Same(const google::protobuf::MessageLite& a, const google::protobuf::MessageLite& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

const v1::OrderState::Shipment* FindShipment(const v1::OrderState& state, const std::string& shipment) {
  const auto found = absl::c_find_if(state.shipments(), [&](const auto& s) { return s.shipment() == shipment; });
  return found == state.shipments().end() ? nullptr : &*found;
}

Standing StandingOf(const v1::OrderState& state) {
  Standing standing;
  if (state.has_completed_at()) {
    if (state.has_eta()) standing.eta = state.eta();
    return standing;
  }
  std::vector<const Line*> unknown, latest;
  std::string shipment;
  for (const Line& line : state.lines()) {
    if (line.status() == v1::LINE_STATUS_DELIVERED) continue;
    std::string by;
    std::optional<v1::Eta> eta = ExpectationOf(state, line, by);
    if (!eta && line.unknown()) unknown.push_back(&line);
    if (!eta) continue;
    if (!standing.eta || Latest(*eta) > Latest(*standing.eta)) {
      standing.eta = std::move(eta);
      latest = {&line};
      shipment = std::move(by);
    } else if (Latest(*eta) == Latest(*standing.eta)) {
      latest.push_back(&line);
    }
  }
  // A vendor is named with its own lines only; a shipment with all that it carries.
  const auto names = [&](const std::vector<const Line*>& lines) {
    std::vector<std::string> ids;
    for (const Line* line : lines) {
      if (!shipment.empty() || line->vendor_id() == lines.front()->vendor_id()) ids.push_back(line->line_id());
    }
    return absl::StrCat(ids.size() == 1 ? "line " : "lines ", absl::StrJoin(ids, ", "));
  };
  if (!unknown.empty()) {
    shipment.clear();
    standing.eta.reset();
    standing.at_risk = true;
    standing.cause =
        absl::StrCat("vendor ", unknown.front()->vendor_id(), ": ", names(unknown), " backordered, restock unknown");
  } else if (standing.eta && Latest(*standing.eta) > runtime::FromProto(state.promised_by())) {
    standing.at_risk = true;
    const std::string who = shipment.empty() ? absl::StrCat("vendor ", latest.front()->vendor_id()) : shipment;
    standing.cause =
        absl::StrCat(who, ": ", names(latest), " ", StatusWord(latest.front()->status()), ", expected ",
                     Day(Latest(*standing.eta)), ", promised by ", Day(runtime::FromProto(state.promised_by())));
  }
  return standing;
}

void RefreshLines(v1::OrderState& state) {
  for (auto& line : *state.mutable_lines()) {
    bool carried = false, arrived = true;
    for (const auto& shipment : state.shipments()) {
      if (!EndsAtTheCustomer(shipment) || !absl::c_linear_search(shipment.line_ids(), line.line_id())) continue;
      carried = true;
      arrived &= shipment.has_delivered_at();
    }
    if (carried && arrived) {
      line.set_status(v1::LINE_STATUS_DELIVERED);
    } else if (line.status() == v1::LINE_STATUS_DELIVERED) {
      line.set_status(v1::LINE_STATUS_DISPATCHED);
    }
  }
}

void AddConsequences(const v1::OrderState& before, const std::string& source, std::vector<v1::OrderEvent>& events) {
  v1::OrderState after = before;
  for (const auto& event : events) Order::Evolve(after, event);
  const bool all_delivered =
      absl::c_all_of(after.lines(), [](const Line& line) { return line.status() == v1::LINE_STATUS_DELIVERED; });
  if (all_delivered && !after.has_completed_at()) {
    absl::Time last = absl::InfinitePast();
    for (const auto& shipment : after.shipments()) {
      if (EndsAtTheCustomer(shipment)) last = std::max(last, runtime::FromProto(shipment.delivered_at()));
    }
    auto& completed = *events.emplace_back().mutable_completed();
    *completed.mutable_delivered_at() = runtime::ToProto(last);
    completed.set_in_time(last <= runtime::FromProto(after.promised_by()));
    Order::Evolve(after, events.back());
  }
  const Standing standing = StandingOf(after);
  const v1::Eta none;
  if (standing.eta.has_value() != after.has_eta() || !Same(standing.eta.value_or(none), after.eta())) {
    auto& changed = *events.emplace_back().mutable_eta_changed();
    if (after.has_eta()) *changed.mutable_old_eta() = after.eta();
    if (standing.eta) *changed.mutable_new_eta() = *standing.eta;
    changed.set_source(source);
  }
  if (standing.at_risk && !after.at_risk()) {
    auto& risk = *events.emplace_back().mutable_promise_at_risk();
    *risk.mutable_promised_by() = after.promised_by();
    if (standing.eta) *risk.mutable_expected() = *standing.eta;
    risk.set_cause(standing.cause);
    risk.set_answerable(after.answerable());
    risk.set_customer_id(after.customer_id());
  } else if (!standing.at_risk && after.at_risk() && !after.has_completed_at()) {
    auto& recovered = *events.emplace_back().mutable_promise_recovered();
    *recovered.mutable_promised_by() = after.promised_by();
    if (standing.eta) *recovered.mutable_expected() = *standing.eta;
  }
}

}  // namespace throughline::supplier
