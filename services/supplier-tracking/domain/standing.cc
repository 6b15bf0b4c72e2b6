#include "services/supplier-tracking/domain/standing.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/alarms.h"
#include "services/supplier-tracking/domain/changes/order_changes.h"
#include "services/supplier-tracking/domain/collection/collection.h"
#include "services/supplier-tracking/domain/eta/expectation.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/returns/returns.h"
#include "services/supplier-tracking/domain/vendors/vendor_concerns.h"

namespace throughline::supplier {
namespace {

using Line = v1::OrderState::Line;
using Shipment = v1::OrderState::Shipment;

absl::Time Latest(const v1::Eta& eta) { return runtime::FromProto(eta.latest()); }

std::string Day(absl::Time time) { return absl::FormatTime("%Y-%m-%d %H:%M UTC", time, absl::UTCTimeZone()); }

std::string StatusWord(v1::LineStatus status) {
  switch (status) {
    case v1::LINE_STATUS_BACKORDERED:
      return "backordered";
    case v1::LINE_STATUS_DELAYED:
      return "delayed";
    case v1::LINE_STATUS_REFUSED:
      return "refused";
    case v1::LINE_STATUS_SHORT_SHIPPED:
      return "short-shipped";
    case v1::LINE_STATUS_SUBSTITUTE_OFFERED:
      return "offered as another article";
    case v1::LINE_STATUS_DISPATCHED:
      return "on the way";
    case v1::LINE_STATUS_ACKNOWLEDGED:
      return "acknowledged";
    default:
      return "ordered";
  }
}

std::vector<const Line*> OfOneVendor(std::vector<const Line*> lines) {
  const std::string vendor = lines.front()->vendor_id();
  std::erase_if(lines, [&](const Line* line) { return line->vendor_id() != vendor; });
  return lines;
}

std::string Names(const std::vector<const Line*>& lines) {
  return absl::StrCat(lines.size() == 1 ? "line " : "lines ",
                      absl::StrJoin(lines, ", ", [](std::string* out, const Line* line) { *out += line->line_id(); }));
}

// Those of the first one's vendor and status.
std::string UnknownText(std::vector<const Line*> lines) {
  const Line& first = *lines.front();
  std::erase_if(lines, [&](const Line* line) { return line->status() != first.status(); });
  const bool restock = first.status() == v1::LINE_STATUS_BACKORDERED;
  return absl::StrCat("vendor ", first.vendor_id(), ": ", Names(OfOneVendor(lines)), " ", StatusWord(first.status()),
                      restock ? ", restock unknown" : ", arrival unknown");
}

std::string FailureWord(v1::TrackingState state) {
  switch (state) {
    case v1::TRACKING_STATE_LOST_OR_DAMAGED:
      return "lost or damaged";
    case v1::TRACKING_STATE_RETURNED:
      return "returned to the sender";
    default:
      return "on the way back to the sender";
  }
}

// The last delivery or collection that counts: not that of a parcel whose lines were sent again and that turned up
// after all.
absl::Time LastDelivery(const v1::OrderState& state) {
  absl::Time last = absl::InfinitePast();
  for (const auto& shipment : state.shipments()) {
    const bool counts = EndsAtTheCustomer(shipment) && shipment.has_delivered_at() &&
                        absl::c_any_of(state.lines(), [&](const Line& line) { return Carries(shipment, line); });
    if (counts) last = std::max(last, runtime::FromProto(shipment.delivered_at()));
  }
  for (const Line& line : state.lines()) {
    if (line.has_collected_at()) last = std::max(last, runtime::FromProto(line.collected_at()));
  }
  return last;
}

bool IsForCollection(const v1::OrderState& state) {
  return absl::c_any_of(state.lines(), [](const Line& line) { return !line.collect_at().empty(); });
}

// What our history says of the order alone.
void SetFromHistory(const v1::OrderForecast& forecast, Standing& standing) {
  if (!forecast.expected().has_latest()) return;
  standing.eta = forecast.expected();
  standing.eta_source = v1::ETA_SOURCE_HISTORY;
  standing.eta_reason = absl::StrCat("by our history half of such orders arrive by ",
                                     Day(runtime::FromProto(forecast.expected().earliest())), ", nine in ten by ",
                                     Day(runtime::FromProto(forecast.expected().latest())));
}

// How a line that is there came to be so; a time follows.
std::string ThereWord(const Line& line) {
  if (line.status() == v1::LINE_STATUS_READY_FOR_COLLECTION) return "ready for collection since ";
  return line.collect_at().empty() ? "delivered at " : "there to be collected since ";
}

// All that is open is ready for collection. The promise is judged by all of the order, and the line that came last is
// named: it may be one that was brought or collected.
Standing StandingOfReady(const v1::OrderState& state, const std::vector<const Line*>& ready) {
  absl::Time ready_at = absl::InfinitePast();
  for (const Line* line : ready) ready_at = std::max(ready_at, ThereAt(state, *line));
  Standing standing;
  standing.eta.emplace();
  *standing.eta->mutable_latest() = runtime::ToProto(ready_at);
  standing.eta_source = v1::ETA_SOURCE_STORE;
  standing.eta_reason = absl::StrCat(Names(ready), " ready for collection");
  const absl::Time there = ThereAt(state);
  standing.at_risk = there > runtime::FromProto(state.promised_time());
  if (!standing.at_risk) return standing;
  std::vector<const Line*> last;
  for (const Line& line : state.lines()) {
    if (ThereAt(state, line) == there) last.push_back(&line);
  }
  const std::string word = ThereWord(*last.front());
  std::erase_if(last, [&](const Line* line) { return ThereWord(*line) != word; });
  standing.cause = absl::StrCat(Names(last), " ", word, Day(there), ", promised by ",
                                Day(runtime::FromProto(state.promised_time())));
  return standing;
}

}  // namespace

bool HasFailed(v1::TrackingState state) {
  return state == v1::TRACKING_STATE_LOST_OR_DAMAGED || state == v1::TRACKING_STATE_RETURNING ||
         state == v1::TRACKING_STATE_RETURNED || state == v1::TRACKING_STATE_CANCELLED;
}

bool Same(const google::protobuf::MessageLite& a, const google::protobuf::MessageLite& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

const v1::OrderState::Shipment* FindShipment(const v1::OrderState& state, const std::string& shipment) {
  const auto found = absl::c_find_if(state.shipments(), [&](const auto& s) { return s.shipment() == shipment; });
  return found == state.shipments().end() ? nullptr : &*found;
}

Standing StandingOf(const v1::OrderState& state) {
  Standing standing;
  if (IsClosed(state)) {
    if (state.has_eta()) standing.eta = state.eta();
    return standing;
  }
  std::vector<const Line*> left, ready, failed, unknown, latest;
  std::optional<Expectation> worst;  // by what is held against the promise
  const Shipment* failure = nullptr;
  for (const Line& line : state.lines()) {
    if (line.status() == v1::LINE_STATUS_READY_FOR_COLLECTION) ready.push_back(&line);
    if (IsThere(line.status())) continue;
    left.push_back(&line);
    const Shipment* lost = FailureOf(state, line);
    if (failure == nullptr) failure = lost;
    if (lost != nullptr && lost == failure) failed.push_back(&line);
    const std::optional<Expectation> expected = ExpectationOf(state, line);
    if (line.unknown()) unknown.push_back(&line);
    if (!expected) continue;
    if (!standing.eta || Latest(expected->eta) > Latest(*standing.eta)) {
      standing.eta = expected->eta;
      standing.eta_source = expected->source;
      standing.eta_reason = WhyText(line, *expected);
    }
    if (!worst || expected->judged > worst->judged) {
      worst = expected;
      latest = {&line};
    } else if (expected->judged == worst->judged) {
      latest.push_back(&line);
    }
  }
  if (left.empty() && !ready.empty()) return StandingOfReady(state, ready);
  const std::string promised = Day(runtime::FromProto(state.promised_time()));
  if (failure != nullptr) {
    standing.eta.reset();
    standing.cause = absl::StrCat(failure->shipment(), ": ", Names(failed), " ", FailureWord(failure->state()));
  } else if (!unknown.empty()) {
    standing.eta.reset();
    standing.cause = UnknownText(unknown);
  } else if (worst && worst->judged > runtime::FromProto(state.promised_time())) {
    // A vendor is named with its own lines only, a shipment with all of its lines.
    const bool by_vendor = worst->judged_shipment.empty();
    standing.cause =
        absl::StrCat(by_vendor ? absl::StrCat("vendor ", latest.front()->vendor_id()) : worst->judged_shipment, ": ",
                     Names(by_vendor ? OfOneVendor(latest) : latest), " ", StatusWord(latest.front()->status()),
                     ", expected ", Day(worst->judged), ", promised by ", promised);
  } else if (state.overdue()) {
    standing.cause = absl::StrCat(Names(left), " not delivered, promised by ", promised);
  } else {
    standing.cause = ForecastCause(state);
  }
  if (failure != nullptr || !unknown.empty()) {
    standing.eta_source = v1::ETA_SOURCE_UNSPECIFIED;
    standing.eta_reason.clear();
  } else if (!standing.eta && state.has_forecast()) {
    SetFromHistory(state.forecast(), standing);
  }
  standing.at_risk = !standing.cause.empty();
  return standing;
}

bool IsSettled(v1::LineStatus status) {
  return status == v1::LINE_STATUS_DELIVERED || status == v1::LINE_STATUS_COLLECTED ||
         status == v1::LINE_STATUS_CANCELLED || status == v1::LINE_STATUS_RETURNING ||
         status == v1::LINE_STATUS_RETURNED;
}

bool IsThere(v1::LineStatus status) { return IsSettled(status) || status == v1::LINE_STATUS_READY_FOR_COLLECTION; }

bool IsWithVendor(v1::LineStatus status) {
  return status == v1::LINE_STATUS_ORDERED || status == v1::LINE_STATUS_ACKNOWLEDGED ||
         status == v1::LINE_STATUS_BACKORDERED || status == v1::LINE_STATUS_DELAYED ||
         status == v1::LINE_STATUS_REFUSED || status == v1::LINE_STATUS_SHORT_SHIPPED ||
         status == v1::LINE_STATUS_SUBSTITUTE_OFFERED;
}

void RefreshLines(v1::OrderState& state) {
  for (auto& line : *state.mutable_lines()) {
    if (line.status() == v1::LINE_STATUS_CANCELLED) continue;
    const bool collected = !line.collect_at().empty() && line.collected() >= line.quantity();
    if (collected) {
      line.set_status(v1::LINE_STATUS_COLLECTED);
    } else if (HasArrived(state, line)) {
      line.set_status(line.collect_at().empty() ? v1::LINE_STATUS_DELIVERED : v1::LINE_STATUS_READY_FOR_COLLECTION);
    } else if (IsThere(line.status())) {
      line.set_status(v1::LINE_STATUS_DISPATCHED);
    }
  }
  RefreshReturns(state);
}

void SendAgain(v1::OrderState& state, const v1::ShipmentAdded& added) {
  if (added.return_leg()) return;
  for (auto& shipment : *state.mutable_shipments()) {
    if (shipment.shipment() == added.shipment() || shipment.return_leg()) continue;
    if (!HasFailed(shipment.state()) && !GoesBack(state, shipment)) continue;
    if (added.has_follows() && added.follows() != shipment.shipment()) continue;
    for (const std::string& line : added.line_ids()) {
      if (!absl::c_linear_search(shipment.line_ids(), line)) continue;
      if (!absl::c_linear_search(shipment.sent_again_line_ids(), line)) shipment.add_sent_again_line_ids(line);
    }
  }
}

void AddConsequences(const v1::OrderState& before, const std::string& source, std::vector<v1::OrderEvent>& events) {
  v1::OrderState after = before;
  for (const auto& event : events) Order::Evolve(after, event);
  const auto is_cancelled = [](const Line& line) { return line.status() == v1::LINE_STATUS_CANCELLED; };
  const bool all_cancelled = absl::c_all_of(after.lines(), is_cancelled);
  if (all_cancelled && !after.cancelled()) {
    events.emplace_back().mutable_cancelled();
    Order::Evolve(after, events.back());
  }
  const bool all_delivered =
      !all_cancelled && absl::c_all_of(after.lines(), [](const Line& line) { return IsSettled(line.status()); });
  const absl::Time last = LastDelivery(after);
  const bool for_collection = IsForCollection(after);
  const absl::Time there = for_collection ? ThereAt(after) : last;
  const bool known = after.has_completed_at() && runtime::FromProto(after.completed_at()) == last &&
                     (!for_collection || runtime::FromProto(after.there_at()) == there);
  if (all_delivered && !known) {
    auto& completed = *events.emplace_back().mutable_completed();
    *completed.mutable_delivered_at() = runtime::ToProto(last);
    completed.set_in_time(there <= runtime::FromProto(after.promised_time()));
    completed.set_in_first_time(there <= runtime::FromProto(after.first_promised_time()));
    if (for_collection) *completed.mutable_there_at() = runtime::ToProto(there);
    Order::Evolve(after, events.back());
  }
  const Standing standing = StandingOf(after);
  const v1::Eta none;
  if (standing.eta.has_value() != after.has_eta() || !Same(standing.eta.value_or(none), after.eta())) {
    auto& changed = *events.emplace_back().mutable_eta_changed();
    if (after.has_eta()) *changed.mutable_old_eta() = after.eta();
    if (standing.eta) *changed.mutable_new_eta() = *standing.eta;
    changed.set_source(source);
    changed.set_eta_source(standing.eta_source);
    changed.set_reason(standing.eta_reason);
  }
  if (standing.at_risk && !after.at_risk()) {
    auto& risk = *events.emplace_back().mutable_promise_at_risk();
    *risk.mutable_promised_time() = after.promised_time();
    if (standing.eta) *risk.mutable_eta() = *standing.eta;
    risk.set_cause(standing.cause);
    risk.set_owner(after.owner());
    risk.set_customer_id(after.customer_id());
    if (after.has_forecast()) risk.set_late_probability(after.forecast().late_probability());
  } else if (!standing.at_risk && after.at_risk() && !IsClosed(after)) {
    auto& recovered = *events.emplace_back().mutable_promise_recovered();
    *recovered.mutable_promised_time() = after.promised_time();
    if (standing.eta) *recovered.mutable_eta() = *standing.eta;
  }
  AddVendorConcerns(after, events);
}

}  // namespace throughline::supplier
