// The rules of a vendor's updates on its lines.

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/cartons/cartons.h"
#include "services/supplier-tracking/domain/changes/order_changes.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order_shipments.h"
#include "services/supplier-tracking/domain/serials/order_serials.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/domain/vendors/missing.h"
#include "services/supplier-tracking/domain/vendors/statements.h"

namespace throughline::supplier {
namespace {

using Request = v1::RecordVendorUpdateRequest;
using runtime::FieldViolations;
using State = v1::OrderState;

void CheckSplit(FieldViolations& bad, const Request& request) {
  if (request.line_ids_size() != 1) bad.Add("line_ids", "is not one line: name the line that is split");
  const v1::SplitUpdate& update = request.split();
  if (update.parts_size() < 2) bad.Add("split.parts", "are not two or more: give each part with its quantity");
  for (int i = 0; i < update.parts_size(); ++i) {
    const std::string path = absl::StrCat("split.parts[", i, "].");
    const v1::SplitPart& part = update.parts(i);
    if (part.quantity() == 0) bad.Add(path + "quantity", "is 0: give how many are in the part, or leave the part out");
    if (part.has_expected_delivery()) CheckEta(bad, path + "expected_delivery", part.expected_delivery());
  }
}

absl::Status Check(const Request& request, const runtime::Caller& caller) {
  FieldViolations bad;
  CheckPartyId(bad, "vendor_id", request.vendor_id());
  if (request.has_stated_at() && runtime::FromProto(request.stated_at()) > caller.time) {
    bad.Add("stated_at", "is in the future: give the time at which the vendor said so, or leave it out");
  }
  switch (request.update_case()) {
    case Request::kAcknowledged: {
      const auto& update = request.acknowledged();
      if (update.has_expected_delivery()) CheckEta(bad, "acknowledged.expected_delivery", update.expected_delivery());
      break;
    }
    case Request::kBackordered: {
      const auto& update = request.backordered();
      if (update.has_expected_delivery()) CheckEta(bad, "backordered.expected_delivery", update.expected_delivery());
      break;
    }
    case Request::kDelayed: {
      const auto& update = request.delayed();
      if (!update.has_expected_dispatch() && !update.has_expected_delivery()) {
        bad.Add("delayed", "has no time: give `expected_dispatch` or `expected_delivery`");
      }
      if (update.has_expected_delivery()) CheckEta(bad, "delayed.expected_delivery", update.expected_delivery());
      RequireText(bad, "delayed.reason", update.reason());
      break;
    }
    case Request::kDispatched: {
      const auto& update = request.dispatched();
      CheckPartyId(bad, "dispatched.carrier", update.carrier());
      CheckNumber(bad, "dispatched.tracking_number", update.tracking_number());
      for (int i = 0; i < update.serials_size(); ++i) {
        RequireText(bad, absl::StrCat("dispatched.serials[", i, "].serial_number"), update.serials(i).serial_number());
      }
      CheckCartons(bad, update);
      if (update.has_expected_delivery()) CheckEta(bad, "dispatched.expected_delivery", update.expected_delivery());
      break;
    }
    case Request::kRefused:
      RequireText(bad, "refused.reason", request.refused().reason());
      break;
    case Request::kShortShipped: {
      const auto& update = request.short_shipped();
      if (update.quantities().empty()) {
        bad.Add("short_shipped.quantities", "is empty: give how many of which lines are not sent");
      }
      RequireText(bad, "short_shipped.reason", update.reason());
      if (update.has_expected_delivery()) CheckEta(bad, "short_shipped.expected_delivery", update.expected_delivery());
      break;
    }
    case Request::kSplit:
      CheckSplit(bad, request);
      break;
    case Request::kSubstituted: {
      const auto& update = request.substituted();
      if (request.line_ids_size() != 1) bad.Add("line_ids", "is not one line: name the line that it is offered for");
      RequireText(bad, "substituted.sku", update.sku());
      RequireText(bad, "substituted.description", update.description());
      RequireText(bad, "substituted.reason", update.reason());
      if (update.has_expected_delivery()) CheckEta(bad, "substituted.expected_delivery", update.expected_delivery());
      break;
    }
    case Request::UPDATE_NOT_SET:
      bad.Add("update",
              "is not set: give acknowledged, backordered, delayed, dispatched, refused, short_shipped, split or "
              "substituted");
      break;
  }
  return bad.ToStatus();
}

// Whether it is told of a line after its dispatch, and was stated before.
bool IsOlderThanDispatch(const State& state, const std::string& line_id, const Request& request) {
  const auto line = absl::c_find_if(state.lines(), [&](const auto& l) { return l.line_id() == line_id; });
  return request.has_stated_at() && line != state.lines().end() && WasDispatchedLater(*line, request.stated_at());
}

// Whether the vendor's last word on these lines was the same. With a time of its own, it is another statement.
bool IsRepeated(const State& state, const Request& request, const std::vector<std::string>& lines,
                const v1::OrderEvent& event) {
  return !request.has_stated_at() && absl::c_all_of(state.lines(), [&](const State::Line& line) {
    return !absl::c_linear_search(lines, line.line_id()) || SaysTheSame(line, WordOfEvent(event));
  });
}

absl::Status LineCancelled(const std::string& line_id) {
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "LINE_CANCELLED",
                         absl::StrCat("line ", line_id, " is cancelled: do not send it"));
}

// Those of `lines` that are in `others` too.
template <typename Others>
std::vector<std::string> Both(std::vector<std::string> lines, const Others& others) {
  std::erase_if(lines, [&](const std::string& id) { return !absl::c_linear_search(others, id); });
  return lines;
}

// What is said of quantities, and where.
const Quantities& QuantitiesOf(const Request& request) {
  return request.has_short_shipped() ? request.short_shipped().quantities() : request.dispatched().quantities();
}
const char* QuantitiesField(const Request& request) {
  return request.has_short_shipped() ? "short_shipped.quantities" : "dispatched.quantities";
}

// The lines that the update is about, sorted as in the order.
absl::StatusOr<std::vector<std::string>> LinesOf(const State& state, const Request& request) {
  // They may be about lines that are sent.
  const bool dispatch = request.has_dispatched(), fewer = request.has_short_shipped();
  std::vector<std::string> all, left;
  std::string cancelled;
  for (const auto& line : state.lines()) {
    if (line.vendor_id() != request.vendor_id()) continue;
    if (line.status() == v1::LINE_STATUS_CANCELLED) {
      const bool named =
          absl::c_linear_search(request.line_ids(), line.line_id()) || Mentions(QuantitiesOf(request), line.line_id());
      if (named) return LineCancelled(line.line_id());
      cancelled = line.line_id();
      continue;
    }
    all.push_back(line.line_id());
    if (IsWithVendor(line.status())) left.push_back(line.line_id());
  }
  if (all.empty() && !cancelled.empty()) return LineCancelled(cancelled);
  std::vector<std::string> named(request.line_ids().begin(), request.line_ids().end());
  const Quantities& quantities = QuantitiesOf(request);
  if (named.empty() || fewer) {
    named.clear();
    for (const v1::LineQuantity& said : quantities) named.push_back(said.line_id());
  }
  FieldViolations bad;
  CheckQuantities(bad, QuantitiesField(request), quantities, state,
                  request.line_ids().empty() ? all : Both(all, request.line_ids()));
  if (named.empty()) {
    if (!left.empty()) return dispatch ? SentWithoutName(state, left) : left;
    const auto is_older = [&](const std::string& id) { return IsOlderThanDispatch(state, id, request); };
    if (dispatch || absl::c_all_of(all, is_older)) return all;
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "LINE_DISPATCHED",
                           "all lines of this vendor have been dispatched: report on their shipments instead");
  }
  for (int i = 0; i < request.line_ids_size(); ++i) {
    if (absl::c_linear_search(all, request.line_ids(i))) continue;
    bad.Add(absl::StrCat("line_ids[", i, "]"),
            absl::StrCat("is not a line of vendor ", request.vendor_id(), ": name one of its lines, or leave it out"));
  }
  for (int i = 0; fewer && i < request.line_ids_size(); ++i) {
    if (Mentions(quantities, request.line_ids(i))) continue;
    bad.Add(absl::StrCat("line_ids[", i, "]"), "has no quantity: say how many are not sent, or leave the line out");
  }
  if (absl::Status status = bad.ToStatus(); !status.ok()) return status;
  all = Both(all, named);
  for (const std::string& id : all) {
    if (dispatch || fewer || absl::c_linear_search(left, id) || IsOlderThanDispatch(state, id, request)) continue;
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "LINE_DISPATCHED",
                           absl::StrCat("line ", id, " has been dispatched: report on its shipment instead"));
  }
  return all;
}

template <typename Update, typename VendorEvent>
void Copy(const Request& request, const std::vector<std::string>& lines, const Update& update, VendorEvent& reported) {
  reported.set_vendor_id(request.vendor_id());
  reported.mutable_line_ids()->Assign(lines.begin(), lines.end());
  if (update.has_expected_delivery()) *reported.mutable_expected_delivery() = update.expected_delivery();
}

v1::OrderEvent EventOf(const Request& request, const std::vector<std::string>& lines,
                       const google::protobuf::Timestamp& stated_at) {
  v1::OrderEvent event;
  switch (request.update_case()) {
    case Request::kAcknowledged: {
      auto& reported = *event.mutable_vendor_acknowledged();
      *reported.mutable_stated_at() = stated_at;
      Copy(request, lines, request.acknowledged(), reported);
      if (request.acknowledged().has_vendor_reference()) {
        reported.set_vendor_reference(request.acknowledged().vendor_reference());
      }
      if (request.acknowledged().has_expected_dispatch()) {
        *reported.mutable_expected_dispatch() = request.acknowledged().expected_dispatch();
      }
      break;
    }
    case Request::kBackordered: {
      auto& reported = *event.mutable_vendor_backordered();
      *reported.mutable_stated_at() = stated_at;
      Copy(request, lines, request.backordered(), reported);
      if (request.backordered().has_expected_restock()) {
        *reported.mutable_expected_restock() = request.backordered().expected_restock();
      }
      reported.set_reason(request.backordered().reason());
      break;
    }
    case Request::kDelayed: {
      auto& reported = *event.mutable_vendor_delayed();
      *reported.mutable_stated_at() = stated_at;
      Copy(request, lines, request.delayed(), reported);
      if (request.delayed().has_expected_dispatch()) {
        *reported.mutable_expected_dispatch() = request.delayed().expected_dispatch();
      }
      reported.set_reason(request.delayed().reason());
      break;
    }
    case Request::kDispatched: {
      auto& reported = *event.mutable_vendor_dispatched();
      *reported.mutable_stated_at() = stated_at;
      Copy(request, lines, request.dispatched(), reported);
      reported.set_carrier(request.dispatched().carrier());
      reported.set_tracking_number(request.dispatched().tracking_number());
      *reported.mutable_serials() = request.dispatched().serials();
      *reported.mutable_quantities() = request.dispatched().quantities();
      CopyCartons(request.dispatched(), reported);
      break;
    }
    case Request::kRefused: {
      auto& reported = *event.mutable_vendor_refused();
      *reported.mutable_stated_at() = stated_at;
      reported.set_vendor_id(request.vendor_id());
      reported.mutable_line_ids()->Assign(lines.begin(), lines.end());
      reported.set_reason(request.refused().reason());
      break;
    }
    case Request::kShortShipped: {
      auto& reported = *event.mutable_vendor_short_shipped();
      *reported.mutable_stated_at() = stated_at;
      Copy(request, lines, request.short_shipped(), reported);
      *reported.mutable_quantities() = request.short_shipped().quantities();
      reported.set_reason(request.short_shipped().reason());
      if (request.short_shipped().has_expected_restock()) {
        *reported.mutable_expected_restock() = request.short_shipped().expected_restock();
      }
      break;
    }
    case Request::kSplit:        // SplitOf
    case Request::kSubstituted:  // SubstitutedOf
    case Request::UPDATE_NOT_SET:
      break;
  }
  return event;
}

// What is in the cartons of a dispatch is what is sent.
absl::Status TakeCartons(const State& state, Request& request) {
  if (request.dispatched().cartons().empty()) return absl::OkStatus();
  FieldViolations bad;
  CheckCartonLines(bad, state, request);
  if (bad.empty()) CountContents(*request.mutable_dispatched());
  return bad.ToStatus();
}

// The event of an update that the rules of its lines allow.
absl::StatusOr<v1::OrderEvent> EventFor(const State& state, const Request& request,
                                        const std::vector<std::string>& lines,
                                        const google::protobuf::Timestamp& stated_at) {
  v1::OrderEvent event;
  if (request.has_split()) {
    absl::StatusOr<v1::VendorSplit> split = SplitOf(state, request, lines.front());
    if (!split.ok()) return split.status();
    *event.mutable_vendor_split() = *std::move(split);
    *event.mutable_vendor_split()->mutable_stated_at() = stated_at;
    return event;
  }
  if (request.has_substituted()) {
    absl::StatusOr<v1::VendorSubstituted> substituted = SubstitutedOf(state, request, lines.front());
    if (!substituted.ok()) return substituted.status();
    *event.mutable_vendor_substituted() = *std::move(substituted);
    *event.mutable_vendor_substituted()->mutable_stated_at() = stated_at;
    return event;
  }
  if (absl::Status status = CheckMissing(state, request, stated_at); !status.ok()) return status;
  return EventOf(request, lines, stated_at);
}

void SetEstimate(const v1::Estimate& estimate, v1::OrderEvent& event) {
  if (!estimate.has_eta()) return;
  if (event.has_vendor_acknowledged()) *event.mutable_vendor_acknowledged()->mutable_estimate() = estimate;
  if (event.has_vendor_backordered()) *event.mutable_vendor_backordered()->mutable_estimate() = estimate;
  if (event.has_vendor_delayed()) *event.mutable_vendor_delayed()->mutable_estimate() = estimate;
  if (event.has_vendor_dispatched()) *event.mutable_vendor_dispatched()->mutable_estimate() = estimate;
}

}  // namespace

Order::Decision Order::Decide(const State& state, const UpdateFromVendor& command, const runtime::Caller& caller) {
  Request request = command.update();
  if (absl::Status status = Check(request, caller); !status.ok()) return status;
  if (absl::Status status = runtime::RequireParty(caller, request.vendor_id()); !status.ok()) return status;
  if (state.order_id().empty()) return OrderUnknown(request.order_id());
  // First of all that is said of the order: it is none of the vendor's business.
  if (absl::c_none_of(state.lines(), [&](const auto& line) { return line.vendor_id() == request.vendor_id(); })) {
    return NoSuchVendor(state.order_id(), request.vendor_id());
  }
  if (WasSplitSo(state, request)) return std::vector<Event>();
  if (absl::Status status = CheckNoOfferIsSent(state, request); !status.ok()) return status;
  if (absl::Status status = TakeCartons(state, request); !status.ok()) return status;
  absl::StatusOr<std::vector<std::string>> lines = LinesOf(state, request);
  if (!lines.ok()) return lines.status();
  if (absl::Status status = CheckOpen(state); !status.ok()) return status;
  if (request.has_dispatched()) SayQuantities(state, *lines, request);
  if (absl::Status status = CheckSsccs(state, request, command.ssccs_in_use); !status.ok()) return status;
  const google::protobuf::Timestamp stated_at =
      request.has_stated_at() ? request.stated_at() : runtime::ToProto(caller.time);
  absl::StatusOr<Event> reported = EventFor(state, request, *lines, stated_at);
  if (!reported.ok()) return reported.status();
  std::vector<Event> events{*std::move(reported)};
  SetEstimate(command.estimate, events.front());
  State after = state;
  Evolve(after, events.front());
  if (absl::Status status = CheckMostCartons(state, after); !status.ok()) return status;
  // The vendor has reported this before.
  if (Same(after, state) || IsRepeated(state, request, *lines, events.front())) events.clear();
  if (request.has_dispatched()) {
    v1::ShipmentAdded shipment;
    shipment.set_carrier(request.dispatched().carrier());
    shipment.set_tracking_number(request.dispatched().tracking_number());
    shipment.set_leg(1);
    shipment.set_last_leg(!request.dispatched().hand_over());
    shipment.mutable_line_ids()->Assign(lines->begin(), lines->end());
    *shipment.mutable_quantities() = Combined(*lines, request.dispatched().quantities(), {});
    if (absl::Status status = AddTo(state, caller, command.number, std::move(shipment), events); !status.ok())
      return status;
  }
  if (!events.empty()) AddConsequences(state, "vendor/" + request.vendor_id(), events);
  if (request.has_dispatched() && !events.empty()) AddSerialEvents(state, caller.time, events);
  return events;
}

}  // namespace throughline::supplier
