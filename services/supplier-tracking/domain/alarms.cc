#include "services/supplier-tracking/domain/alarms.h"

#include <optional>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/eta/expectation.h"
#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/returns/returns.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/domain/vendors/statements.h"

namespace throughline::supplier {
namespace {

using Line = v1::OrderState::Line;
using Shipment = v1::OrderState::Shipment;

absl::Time LatestOf(const v1::Eta& eta) { return runtime::FromProto(eta.latest()); }

// Whether its carrier says when it arrives, or that it has reached the store.
bool IsDatedByCarrier(const Shipment& shipment) { return shipment.has_eta() || IsSaidToBeInStore(shipment); }

// Whether everything of the line that has not arrived has a date.
bool IsDatedThroughout(const v1::OrderState& state, const Line& line) {
  const bool by_vendor = HasVendorDate(line);
  bool carried = false;
  for (const Shipment& shipment : state.shipments()) {
    if (!EndsTheWay(shipment) || HasReached(shipment) || !Carries(shipment, line)) continue;
    if (!IsDatedByCarrier(shipment) && !line.has_vendor_eta()) return false;
    carried = true;
  }
  return carried && SentOf(state, line) >= line.quantity() ? true : by_vendor;
}

// Whether it gives a date that had not passed when it was stated.
template <typename VendorEvent>
bool HasDelivery(const VendorEvent& reported) {
  return reported.has_expected_delivery() &&
         (!reported.has_stated_at() ||
          LatestOf(reported.expected_delivery()) >= runtime::FromProto(reported.stated_at()));
}

template <typename VendorEvent>
bool HasTime(const VendorEvent& reported, bool given, const google::protobuf::Timestamp& time) {
  return given && (!reported.has_stated_at() || runtime::FromProto(time) >= runtime::FromProto(reported.stated_at()));
}

template <typename VendorEvent>
bool IsAbout(const VendorEvent& reported, const Line& line) {
  return absl::c_linear_search(reported.line_ids(), line.line_id());
}

bool IsCarriedBy(const v1::OrderState& state, const std::string& shipment, const Line& line) {
  const Shipment* carrying = FindShipment(state, shipment);
  return carrying != nullptr && Carries(*carrying, line);
}

// A carrier's word that it has arrived dates nothing if another store than the right one has it.
bool IsElsewhere(const v1::OrderState& state, const std::string& shipment) {
  const Shipment* carrying = FindShipment(state, shipment);
  return carrying != nullptr && IsReceivedElsewhere(*carrying);
}

// When a vendor stated it; nullptr if it is no statement, or that was not kept.
const google::protobuf::Timestamp* StatedAtOf(const v1::OrderEvent& event) {
  const auto of = [](const auto& reported) { return reported.has_stated_at() ? &reported.stated_at() : nullptr; };
  switch (event.event_case()) {
    case v1::OrderEvent::kVendorAcknowledged:
      return of(event.vendor_acknowledged());
    case v1::OrderEvent::kVendorBackordered:
      return of(event.vendor_backordered());
    case v1::OrderEvent::kVendorDelayed:
      return of(event.vendor_delayed());
    case v1::OrderEvent::kVendorRefused:
      return of(event.vendor_refused());
    case v1::OrderEvent::kVendorDispatched:
      return of(event.vendor_dispatched());
    case v1::OrderEvent::kVendorShortShipped:
      return of(event.vendor_short_shipped());
    case v1::OrderEvent::kVendorSplit:
      return of(event.vendor_split());
    case v1::OrderEvent::kVendorSubstituted:
      return of(event.vendor_substituted());
    default:
      return nullptr;
  }
}

// Whether the vendor's later statements hold: then they alone say what is known (vendors/statements.h).
bool IsOvertaken(const v1::OrderEvent& event, const Line& line) {
  const google::protobuf::Timestamp* stated_at = StatedAtOf(event);
  if (stated_at == nullptr || line.statements().empty()) return false;
  const v1::VendorStatement& last = line.statements(line.statements_size() - 1);
  return last.has_stated_at() && runtime::FromProto(last.stated_at()) > runtime::FromProto(*stated_at);
}

// Whether the event says when a part of the line is expected, or that it has arrived.
bool Dates(const v1::OrderEvent& event, const v1::OrderState& state, const Line& line) {
  switch (event.event_case()) {
    case v1::OrderEvent::kVendorAcknowledged: {
      const auto& reported = event.vendor_acknowledged();
      return IsAbout(reported, line) &&
             (HasTime(reported, reported.has_expected_dispatch(), reported.expected_dispatch()) ||
              HasDelivery(reported));
    }
    case v1::OrderEvent::kVendorBackordered: {
      const auto& reported = event.vendor_backordered();
      return IsAbout(reported, line) &&
             (HasTime(reported, reported.has_expected_restock(), reported.expected_restock()) || HasDelivery(reported));
    }
    case v1::OrderEvent::kVendorDelayed: {
      const auto& reported = event.vendor_delayed();
      return IsAbout(reported, line) &&
             (HasTime(reported, reported.has_expected_dispatch(), reported.expected_dispatch()) ||
              HasDelivery(reported));
    }
    case v1::OrderEvent::kVendorShortShipped: {
      const auto& reported = event.vendor_short_shipped();
      return IsAbout(reported, line) &&
             (HasTime(reported, reported.has_expected_restock(), reported.expected_restock()) || HasDelivery(reported));
    }
    case v1::OrderEvent::kVendorSplit: {
      const auto& reported = event.vendor_split();
      return absl::c_any_of(reported.parts(), [&](const v1::VendorSplit::Part& part) {
        const bool dispatch = HasTime(reported, part.has_expected_dispatch(), part.expected_dispatch());
        const bool delivery = HasTime(reported, part.has_expected_delivery(), part.expected_delivery().latest());
        return part.line_id() == line.line_id() && (dispatch || delivery);
      });
    }
    case v1::OrderEvent::kVendorDispatched:
      return IsAbout(event.vendor_dispatched(), line) && HasDelivery(event.vendor_dispatched()) &&
             line.status() == v1::LINE_STATUS_DISPATCHED;
    case v1::OrderEvent::kShipmentObserved: {
      const auto& observed = event.shipment_observed();
      const bool arrived = observed.state() == v1::TRACKING_STATE_DELIVERED && !IsElsewhere(state, observed.shipment());
      return (observed.has_eta() || arrived) && IsCarriedBy(state, observed.shipment(), line);
    }
    case v1::OrderEvent::kShipmentDelivered:
      return IsCarriedBy(state, event.shipment_delivered().shipment(), line) &&
             !IsElsewhere(state, event.shipment_delivered().shipment());
    case v1::OrderEvent::kShipmentReady:
      return IsCarriedBy(state, event.shipment_ready().shipment(), line);
    default:
      return false;
  }
}

}  // namespace

const Shipment* FailureOf(const v1::OrderState& state, const Line& line) {
  const auto failed = absl::c_find_if(state.shipments(), [&](const Shipment& shipment) {
    return !shipment.return_leg() && Carries(shipment, line) &&
           (HasFailed(shipment.state()) || GoesBack(state, shipment));
  });
  return failed == state.shipments().end() ? nullptr : &*failed;
}

std::vector<bool> AlarmsOf(const v1::OrderState& state) {
  std::vector<bool> alarms;
  for (const Line& line : state.lines()) {
    const std::optional<Expectation> expected = ExpectationOf(state, line);
    const bool late = expected && expected->judged > runtime::FromProto(state.promised_time());
    alarms.push_back(!IsThere(line.status()) && (late || line.unknown() || FailureOf(state, line) != nullptr));
  }
  return alarms;
}

void KeepAlarms(const std::vector<bool>& before, const v1::OrderEvent& event, v1::OrderState& state) {
  if (event.has_amended() || event.has_lines_cancelled()) return;  // we decided what is to be there, and by when
  const std::vector<bool> after = AlarmsOf(state);
  for (size_t i = 0; i < before.size() && i < after.size(); ++i) {
    Line& line = *state.mutable_lines(static_cast<int>(i));
    if (IsThere(line.status())) {
      line.set_unknown(false);
    } else if (Dates(event, state, line)) {
      if (line.unknown()) line.set_unknown(!IsDatedThroughout(state, line));
    } else if (before[i] && !after[i] && !IsOvertaken(event, line)) {
      line.set_unknown(true);
    }
  }
}

}  // namespace throughline::supplier
