#include "services/supplier-tracking/projections/vendors/vendor_words.h"

#include <algorithm>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "services/supplier-tracking/domain/vendors/missing.h"
#include "services/supplier-tracking/projections/order/customer_text.h"
#include "services/supplier-tracking/projections/order/quantities.h"
#include "services/supplier-tracking/projections/trace/trace.h"

namespace throughline::supplier {
namespace {

using absl::StrCat;

const v1::OrderLine* LineIn(const v1::OrderView& order, const std::string& line_id) {
  const auto found =
      absl::c_find_if(order.lines(), [&](const v1::OrderLineView& line) { return line.line().line_id() == line_id; });
  return found == order.lines().end() ? nullptr : &found->line();
}

// `, sent 2026-03-04 12:00 UTC, with the customer by ...`; nothing where nothing was said.
template <typename Said>
std::string DatesText(const Said& said) {
  return StrCat(said.has_expected_dispatch() ? StrCat(", sent ", TimeText(said.expected_dispatch())) : "",
                said.has_expected_delivery() ? StrCat(", with the customer ", EtaText(said.expected_delivery())) : "");
}

std::string DayOf(const v1::Eta& eta, const std::string& zone) {
  return eta.has_date() ? eta.date() : WhenText(eta.latest(), zone);
}

// `, in carton 376104250021234569`; of many the first three.
std::string CartonsText(const v1::VendorDispatched& reported) {
  constexpr int kNamed = 3;
  if (reported.cartons().empty()) return "";
  std::vector<std::string> named;
  for (int i = 0; i < std::min(reported.cartons_size(), kNamed); ++i) named.push_back(reported.cartons(i).sscc());
  const int more = reported.cartons_size() - kNamed;
  return StrCat(reported.cartons_size() == 1 ? ", in carton " : ", in cartons ", absl::StrJoin(named, ", "),
                more > 0 ? StrCat(" and ", more, " others") : "");
}

template <typename VendorEvent>
std::string Lines(const VendorEvent& reported) {
  return LinesText(reported.line_ids());
}

std::string Because(const std::string& reason) { return reason.empty() ? "" : StrCat(": ", reason); }

std::string StaffText(const v1::VendorShortShipped& reported) {
  const std::string when = reported.has_expected_restock() ? StrCat("has it ", TimeText(reported.expected_restock()))
                           : reported.has_expected_delivery()
                               ? StrCat("the customer has it ", EtaText(reported.expected_delivery()))
                               : "does not say when it comes";
  return StrCat("vendor ", reported.vendor_id(), " does not send ",
                LinesText(reported.line_ids(), reported.quantities()), ", ", when, ": ", reported.reason());
}

std::string StaffText(const v1::VendorSplit& reported) {
  std::vector<std::string> parts;
  for (const v1::VendorSplit::Part& part : reported.parts()) {
    parts.push_back(StrCat(part.quantity(), " as line ", part.line_id(), DatesText(part)));
  }
  return StrCat("vendor ", reported.vendor_id(), " sends ", LinesText(reported.line_ids()), " in ", parts.size(),
                " parts: ", absl::StrJoin(parts, "; "), reported.reason().empty() ? "" : ": ", reported.reason());
}

std::string StaffText(const v1::VendorSubstituted& reported) {
  const v1::SubstituteOffer& offer = reported.offer();
  return StrCat("vendor ", reported.vendor_id(), " offers ", offer.quantity(), " of ", offer.sku(), " (",
                offer.description(), ") in place of ", LinesText(reported.line_ids()), ", as line ", offer.line_id(),
                DatesText(offer), ": ", offer.reason());
}

}  // namespace

std::string NameOf(const v1::OrderLine& line) {
  const std::string& name = line.description().empty() ? line.sku() : line.description();
  const std::string prefix = StrCat(line.part_of(), ".");
  if (line.part_of().empty() || !absl::StartsWith(line.line_id(), prefix)) return name;
  return StrCat(name, " (part ", line.line_id().substr(prefix.size()), ")");
}

std::string VendorText(const v1::OrderEvent& event) {
  using Event = v1::OrderEvent;
  switch (event.event_case()) {
    case Event::kVendorAcknowledged:
      return StrCat("vendor ", event.vendor_acknowledged().vendor_id(), " acknowledges ",
                    Lines(event.vendor_acknowledged()));
    case Event::kVendorBackordered: {
      const auto& reported = event.vendor_backordered();
      return StrCat("vendor ", reported.vendor_id(), " does not have ", Lines(reported), ", expected back ",
                    reported.has_expected_restock() ? TimeText(reported.expected_restock()) : "at an unknown time",
                    Because(reported.reason()));
    }
    case Event::kVendorDelayed: {
      const auto& reported = event.vendor_delayed();
      return StrCat("vendor ", reported.vendor_id(), " sends ", Lines(reported), " later",
                    reported.has_expected_dispatch() ? StrCat(" at ", TimeText(reported.expected_dispatch())) : "",
                    Because(reported.reason()));
    }
    case Event::kVendorRefused:
      return StrCat("vendor ", event.vendor_refused().vendor_id(), " does not send ", Lines(event.vendor_refused()),
                    Because(event.vendor_refused().reason()));
    case Event::kVendorShortShipped:
      return StaffText(event.vendor_short_shipped());
    case Event::kVendorSplit:
      return StaffText(event.vendor_split());
    case Event::kVendorSubstituted:
      return StaffText(event.vendor_substituted());
    case Event::kVendorDispatched: {
      const auto& reported = event.vendor_dispatched();
      return StrCat("vendor ", reported.vendor_id(), " has sent ",
                    LinesText(reported.line_ids(), reported.quantities()), " by ", reported.carrier(), " ",
                    reported.tracking_number(), CartonsText(reported));
    }
    default:
      return "";
  }
}

std::string CustomerText(const v1::VendorShortShipped& reported, const v1::OrderView& order) {
  const std::string& zone = order.destination_zone();
  return StrCat("Not all of it can be sent; missing: ", PartNames(order, reported.line_ids(), reported.quantities()),
                reported.has_expected_restock()
                    ? StrCat("; expected back ", WhenText(reported.expected_restock(), zone))
                : reported.has_expected_delivery() ? StrCat("; expected ", DayOf(reported.expected_delivery(), zone))
                                                   : "; we do not know yet when it comes");
}

std::string CustomerText(const v1::VendorSplit& reported, const v1::OrderView& order) {
  const std::string& zone = order.destination_zone();
  std::vector<std::string> parts;
  for (const v1::VendorSplit::Part& part : reported.parts()) {
    parts.push_back(StrCat(part.quantity(),
                           part.has_expected_delivery()   ? StrCat(" expected ", DayOf(part.expected_delivery(), zone))
                           : part.has_expected_dispatch() ? StrCat(" sent ", WhenText(part.expected_dispatch(), zone))
                                                          : ""));
  }
  return StrCat("Comes in ", parts.size(), " parts: ", LineNames(order, reported.line_ids()), ": ",
                absl::StrJoin(parts, ", then "));
}

std::string CustomerText(const v1::VendorSubstituted& reported, const v1::OrderView& order) {
  const v1::OrderLine* line = reported.line_ids().empty() ? nullptr : LineIn(order, reported.line_ids(0));
  return StrCat("We can send you ", OfferForCustomer(reported.offer(), line == nullptr ? v1::OrderLine() : *line),
                ", and ask you");
}

std::string OfferForCustomer(const v1::SubstituteOffer& offer, const v1::OrderLine& line) {
  return StrCat(offer.quantity(), " ", offer.description(), " instead of ", NameOf(line));
}

void ApplySplit(const v1::VendorSplit& split, v1::OrderView& view) {
  const v1::OrderLine* found = split.line_ids().empty() ? nullptr : LineIn(view, split.line_ids(0));
  if (found == nullptr) return;
  const v1::OrderLine line = *found;
  for (int i = 1; i < split.parts_size(); ++i) {
    if (LineIn(view, split.parts(i).line_id()) != nullptr) continue;
    v1::OrderLine& added = *view.add_lines()->mutable_line();
    added = line;
    added.set_line_id(split.parts(i).line_id());
    added.set_quantity(split.parts(i).quantity());
    added.set_part_of(split.part_of());
  }
}

void CopyMissing(const v1::OrderState& state, const v1::OrderState::Line& from, v1::OrderLineView& to) {
  if (from.quantity() > 0) to.mutable_line()->set_quantity(from.quantity());
  to.set_quantity_short(from.status() == v1::LINE_STATUS_SHORT_SHIPPED ? MissingOf(state, from) : 0);
  to.clear_substitute();
  if (const v1::SubstituteOffer* offer = OfferFor(from)) *to.mutable_substitute() = *offer;
}

}  // namespace throughline::supplier
