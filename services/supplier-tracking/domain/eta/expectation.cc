#include "services/supplier-tracking/domain/eta/expectation.h"

#include <cmath>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/quantities.h"

namespace throughline::supplier {
namespace {

using Line = v1::OrderState::Line;
using Shipment = v1::OrderState::Shipment;
using runtime::FromProto;

absl::Time LatestOf(const Expectation& expected) { return FromProto(expected.eta.latest()); }

std::string TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", FromProto(time), absl::UTCTimeZone());
}

Expectation Stated(const v1::Eta& eta, v1::EtaSource source) {
  Expectation expected;
  expected.eta = eta;
  expected.source = source;
  expected.judged = FromProto(eta.latest());
  return expected;
}

Expectation Stated(const google::protobuf::Timestamp& at, v1::EtaSource source) {
  v1::Eta eta;
  *eta.mutable_latest() = at;
  return Stated(eta, source);
}

Expectation Estimated(const v1::Estimate& estimate, v1::EtaSource source, bool begun) {
  Expectation expected = Stated(estimate.eta(), source);
  expected.estimate = estimate;
  expected.judged = begun ? absl::InfinitePast() : FromProto(estimate.likely());
  return expected;
}

// What is known of a shipment that has not reached its end.
std::optional<Expectation> OfShipment(const Shipment& shipment) {
  std::optional<Expectation> expected;
  if (IsSaidToBeInStore(shipment)) {
    expected = Stated(shipment.delivered_at(), v1::ETA_SOURCE_STORE);
  } else if (shipment.has_eta()) {
    expected = Stated(shipment.eta(), v1::ETA_SOURCE_CARRIER);
  } else if (shipment.has_estimate()) {
    expected = Estimated(shipment.estimate(), v1::ETA_SOURCE_PICK_UP_AND_WAY, true);
  }
  if (expected) expected->shipment = expected->judged_shipment = shipment.shipment();
  return expected;
}

// What the vendor expects: not before dispatch or restock, and the way from there if it is known.
std::optional<Expectation> OfVendor(const Line& line) {
  std::optional<Expectation> expected;
  if (line.has_vendor_eta()) expected = Stated(line.vendor_eta(), v1::ETA_SOURCE_VENDOR);
  for (const auto* bound : {line.has_expected_restock() ? &line.expected_restock() : nullptr,
                            line.has_expected_dispatch() ? &line.expected_dispatch() : nullptr}) {
    if (bound == nullptr || (expected && LatestOf(*expected) >= FromProto(*bound))) continue;
    if (line.has_estimate() && FromProto(line.estimate().from()) == FromProto(*bound)) {
      expected = Estimated(line.estimate(), v1::ETA_SOURCE_VENDOR_AND_WAY, false);
      continue;
    }
    expected = Stated(*bound, v1::ETA_SOURCE_VENDOR_DISPATCH);
    expected->from = *bound;
  }
  if (!expected && line.status() == v1::LINE_STATUS_DISPATCHED && line.has_estimate()) {
    expected = Estimated(line.estimate(), v1::ETA_SOURCE_VENDOR_AND_WAY, true);
  }
  return expected;
}

}  // namespace

bool IsReceivedElsewhere(const Shipment& shipment) {
  return !shipment.collect_at().empty() && !shipment.store_receipts().empty() &&
         absl::c_none_of(shipment.store_receipts(),
                         [&](const v1::StoreReceipt& receipt) { return receipt.store() == shipment.collect_at(); });
}

bool IsSaidToBeInStore(const Shipment& shipment) {
  return !shipment.collect_at().empty() && shipment.has_delivered_at() && !IsReceivedElsewhere(shipment);
}

std::optional<Expectation> ExpectationOf(const v1::OrderState& state, const Line& line) {
  std::optional<Expectation> latest;
  if (line.unknown()) return latest;
  const std::optional<Expectation> vendors = OfVendor(line);
  absl::Time judged = absl::InfinitePast();
  std::string judged_shipment;
  const auto add = [&](const std::optional<Expectation>& its) {
    if (!its) return;
    if (its->judged > judged) {
      judged = its->judged;
      judged_shipment = its->judged_shipment;
    }
    if (!latest || LatestOf(*its) > LatestOf(*latest)) latest = its;
  };
  const bool all_sent = SentOf(state, line) >= line.quantity();
  for (const Shipment& shipment : state.shipments()) {
    if (!EndsTheWay(shipment) || HasReached(shipment) || !Carries(shipment, line)) continue;
    const std::optional<Expectation> its = OfShipment(shipment);
    const bool guessed = its && its->source == v1::ETA_SOURCE_PICK_UP_AND_WAY;
    add(guessed && all_sent && line.has_vendor_eta() ? vendors : its);
  }
  // The carriers have nothing of it, or a part, and the vendor the rest.
  if (!latest || !all_sent) add(vendors);
  if (!latest) return latest;
  latest->judged = judged;
  latest->judged_shipment = judged_shipment;
  return latest;
}

std::string WayText(const v1::Estimate& estimate) {
  const absl::Time from = FromProto(estimate.from());
  const double shortest = absl::ToDoubleHours(FromProto(estimate.eta().earliest()) - from);
  const double longest = absl::ToDoubleHours(FromProto(estimate.eta().latest()) - from);
  const bool days = longest >= 48;
  const auto a = static_cast<int64_t>(std::floor(days ? shortest / 24 : shortest));
  const auto b = static_cast<int64_t>(std::ceil(days ? longest / 24 : longest));
  const char* unit = days ? "days" : b == 1 ? "hour" : "hours";
  return a == b ? absl::StrCat(b, " ", unit) : absl::StrCat(a, " to ", b, " ", unit);
}

std::string WhyText(const Line& line, const Expectation& expected) {
  const std::string vendor = absl::StrCat("vendor ", line.vendor_id());
  const std::string way =
      absl::StrCat("; the way takes ", WayText(expected.estimate), " (90 % of ", expected.estimate.ways(), ")");
  ShipmentName name;
  ParseShipmentStream(expected.shipment, name);
  switch (expected.source) {
    case v1::ETA_SOURCE_CARRIER:
      return absl::StrCat(name.carrier, " expects it then");
    case v1::ETA_SOURCE_STORE:
      return absl::StrCat("it is in store ", line.collect_at(), ", says ", name.carrier);
    case v1::ETA_SOURCE_VENDOR:
      return absl::StrCat(vendor, " expects it with the customer then");
    case v1::ETA_SOURCE_VENDOR_DISPATCH:
      return absl::StrCat(vendor, line.has_expected_restock() ? " has it again on " : " sends it on ",
                          TimeOf(expected.from), "; how long the way takes is not known");
    case v1::ETA_SOURCE_VENDOR_AND_WAY: {
      const char* does = line.has_expected_restock()                   ? " has it again on "
                         : line.status() == v1::LINE_STATUS_DISPATCHED ? " sent it on "
                                                                       : " sends it on ";
      return absl::StrCat(vendor, does, TimeOf(expected.estimate.from()), way);
    }
    case v1::ETA_SOURCE_PICK_UP_AND_WAY:
      return absl::StrCat(name.carrier, " has it since ", TimeOf(expected.estimate.from()), way);
    default:
      return "";
  }
}

}  // namespace throughline::supplier
