#include "services/supplier-tracking/projections/eta/eta_words.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/changes/order_changes.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/concerns/order_concerns.h"
#include "services/supplier-tracking/domain/eta/expectation.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/projections/order/customer_text.h"
#include "services/supplier-tracking/projections/trace/trace.h"

namespace throughline::supplier {
namespace {

using absl::StrCat;

// In words for the customer, who does not know our vendors and stores.
std::string ForCustomer(const v1::OrderState& state, const v1::OrderState::Line& line, const Expectation& expected,
                        const std::string& zone) {
  ShipmentName name;
  ParseShipmentStream(expected.shipment, name);
  const std::string carrier = absl::AsciiStrToUpper(name.carrier);
  const std::string way = StrCat("the way usually takes ", WayText(expected.estimate));
  const bool restock = line.has_expected_restock();
  switch (expected.source) {
    case v1::ETA_SOURCE_CARRIER:
      return StrCat(carrier, " expects it then");
    case v1::ETA_SOURCE_STORE:
      if (FindConcern(state, v1::CONCERN_KIND_CONTRADICTION, expected.shipment) != nullptr) return "";
      return StrCat(carrier, " says that it is at our store; we check");
    case v1::ETA_SOURCE_VENDOR:
      return "it is expected with you then";
    case v1::ETA_SOURCE_VENDOR_DISPATCH:
      return StrCat(restock ? "it is in stock again on " : "it is sent on ", WhenText(expected.from, zone),
                    ", and we do not know yet how long the way takes");
    case v1::ETA_SOURCE_VENDOR_AND_WAY: {
      const bool sent = line.status() == v1::LINE_STATUS_DISPATCHED;
      return StrCat(restock ? "it is in stock again on "
                    : sent  ? "it was sent on "
                            : "it is sent on ",
                    WhenText(expected.estimate.from(), zone), ", and ", way);
    }
    case v1::ETA_SOURCE_PICK_UP_AND_WAY:
      return StrCat(carrier, " has it since ", WhenText(expected.estimate.from(), zone), ", and ", way);
    default:
      return "";
  }
}

}  // namespace

void CopyEtas(const v1::OrderState& state, v1::OrderRow& row) {
  v1::OrderView& view = *row.mutable_view();
  row.clear_customer_eta_reason();
  row.clear_customer_line_eta_reasons();
  const Standing standing = StandingOf(state);
  const bool known = state.has_eta() && !IsClosed(state);
  view.set_eta_source(known ? standing.eta_source : v1::ETA_SOURCE_UNSPECIFIED);
  view.set_eta_reason(known ? standing.eta_reason : "");
  std::optional<absl::Time> latest;
  for (int i = 0; i < state.lines_size() && i < view.lines_size(); ++i) {
    const v1::OrderState::Line& line = state.lines(i);
    v1::OrderLineView& to = *view.mutable_lines(i);
    to.clear_eta();
    to.clear_eta_source();
    to.clear_eta_reason();
    std::string& told = *row.add_customer_line_eta_reasons();
    if (IsThere(line.status())) continue;
    const std::optional<Expectation> expected = ExpectationOf(state, line);
    if (!expected) continue;
    *to.mutable_eta() = expected->eta;
    to.set_eta_source(expected->source);
    to.set_eta_reason(WhyText(line, *expected));
    told = ForCustomer(state, line, *expected, view.destination_zone());
    const absl::Time at = runtime::FromProto(expected->eta.latest());
    if (known && standing.eta_source == expected->source && (!latest || at > *latest)) {
      latest = at;
      row.set_customer_eta_reason(told);
    }
  }
  if (!known) return;
  if (standing.eta_source == v1::ETA_SOURCE_HISTORY) row.set_customer_eta_reason("such orders usually take so long");
  if (standing.eta_source == v1::ETA_SOURCE_STORE && !latest) row.set_customer_eta_reason("it is in our store");
}

bool IsToldWhen(const v1::OrderView& order) { return order.eta_source() != v1::ETA_SOURCE_STORE; }

std::string StaffText(const v1::EtaChanged& changed) {
  return StrCat("now expected ", EtaText(changed.new_eta()), ", before ", EtaText(changed.old_eta()), ", says ",
                changed.source(), changed.reason().empty() ? "" : StrCat(": ", changed.reason()));
}

}  // namespace throughline::supplier
