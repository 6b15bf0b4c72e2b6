#include "services/supplier-tracking/domain/vendors/substitutes.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/refusal.h"
#include "services/supplier-tracking/domain/changes/order_changes.h"
#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/domain/vendors/missing.h"
#include "services/supplier-tracking/domain/vendors/statements.h"

namespace throughline::supplier {
namespace {

using Line = v1::OrderState::Line;

bool IsLine(const v1::OrderState& state, const std::string& line_id) {
  return absl::c_any_of(state.lines(), [&](const Line& line) { return line.line_id() == line_id; });
}

bool WasDeclined(const v1::OrderState& state, const std::string& offer) {
  return absl::c_any_of(state.lines(), [&](const Line& line) { return absl::c_linear_search(line.declined(), offer); });
}

// The line for which it is open.
const Line* LineWithOffer(const v1::OrderState& state, const std::string& offer) {
  for (const Line& line : state.lines()) {
    const v1::SubstituteOffer* open = OfferFor(line);
    if (open != nullptr && open->line_id() == offer) return &line;
  }
  return nullptr;
}

bool WasOffered(const v1::OrderState& state, const std::string& id) {
  return absl::c_any_of(state.lines(), [&](const Line& line) {
    return absl::c_any_of(line.statements(), [&](const v1::VendorStatement& said) {
      return said.has_offer() && said.offer().line_id() == id;
    });
  });
}

// Each offer is decided once, and its line has a name of its own.
absl::Status CheckNames(const v1::OrderState& state, const v1::AmendOrderRequest& request) {
  runtime::FieldViolations bad;
  const auto once = [&](const char* field, const auto& offers) {
    std::set<std::string> seen;
    for (int i = 0; i < offers.size(); ++i) {
      if (seen.insert(offers.Get(i)).second) continue;
      bad.Add(absl::StrCat(field, "[", i, "]"), "is a duplicate: name each offer once");
    }
  };
  once("accepted_substitutes", request.accepted_substitutes());
  once("declined_substitutes", request.declined_substitutes());
  for (int i = 0; i < request.added_lines_size(); ++i) {
    if (!WasOffered(state, request.added_lines(i).line_id())) continue;
    bad.Add(absl::StrCat("added_lines[", i, "].line_id"),
            "is that of an article which a vendor offers: give the line another id");
  }
  return bad.ToStatus();
}

absl::Status SubstituteUnknown(const v1::OrderState& state, const std::string& offer) {
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "SUBSTITUTE_UNKNOWN",
                         absl::StrCat("`", offer, "` ",
                                      WasDeclined(state, offer) ? "was declined: let the vendor offer it again"
                                                                : "is not offered now: look at the order's lines"));
}

void Decline(Line& line, const std::string& offer) {
  const bool lacked = LacksWithoutDate(line);
  for (v1::VendorStatement& said : *line.mutable_statements()) {
    if (said.has_offer() && said.offer().line_id() == offer) said.set_status(v1::LINE_STATUS_REFUSED);
  }
  line.add_declined(offer);
  RefoldStatements(line, lacked);
}

// Whether a carrier has some of it and does not say when it arrives.
bool IsCarriedWithoutDate(const v1::OrderState& state, const Line& line) {
  return absl::c_any_of(state.shipments(), [&](const v1::OrderState::Shipment& shipment) {
    return EndsTheWay(shipment) && !HasReached(shipment) && Carries(shipment, line) && !shipment.has_eta();
  });
}

}  // namespace

absl::Status AddSubstitutes(const v1::OrderState& state, const v1::AmendOrderRequest& request,
                            v1::OrderAmended& amended) {
  if (absl::Status status = CheckNames(state, request); !status.ok()) return status;
  for (const std::string& id : request.accepted_substitutes()) {
    if (absl::c_linear_search(request.declined_substitutes(), id)) {
      return runtime::BadField("declined_substitutes", absl::StrCat("has `", id, "`, which is accepted: choose one"));
    }
    if (IsLine(state, id)) continue;  // accepted before
    const Line* line = LineWithOffer(state, id);
    if (line == nullptr) return SubstituteUnknown(state, id);
    const v1::SubstituteOffer& offer = *OfferFor(*line);
    const uint32_t left = LeftOf(state, *line);
    if (offer.quantity() > left) {
      return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "LINE_SENT",
                             absl::StrCat("of line ", line->line_id(), " ", left, " are left, and ", offer.quantity(),
                                          " would be replaced: let the vendor offer it anew"));
    }
    v1::OrderLine& added = *amended.add_added_lines();
    added.set_line_id(id);
    added.set_sku(offer.sku());
    added.set_description(offer.description());
    added.set_quantity(offer.quantity());
    added.set_vendor_id(line->vendor_id());
    added.set_substitutes(line->line_id());
    added.set_collect_at(line->collect_at());
  }
  for (const std::string& id : request.declined_substitutes()) {
    if (WasDeclined(state, id)) continue;
    if (LineWithOffer(state, id) == nullptr) return SubstituteUnknown(state, id);
    amended.add_declined_substitutes(id);
  }
  if (state.lines_size() + amended.added_lines_size() > kMostLines) {
    return runtime::BadField("accepted_substitutes",
                             absl::StrCat("makes more than ", kMostLines, " lines: place another order"));
  }
  return absl::OkStatus();
}

void Withdraw(v1::OrderState& state, Line& line, uint32_t quantity) {
  const bool lacked = LacksWithoutDate(line);
  line.set_quantity(line.quantity() > quantity ? line.quantity() - quantity : 0);
  bool changed = false;
  for (v1::VendorStatement& said : *line.mutable_statements()) {
    const bool missing = said.status() == v1::LINE_STATUS_SHORT_SHIPPED;
    if (!missing && !said.has_offer()) continue;
    changed = true;
    const uint32_t was = missing ? said.quantity() : said.offer().quantity();
    const uint32_t left = std::min(was > quantity ? was - quantity : 0, line.quantity());
    missing ? said.set_quantity(left) : said.mutable_offer()->set_quantity(left);
    if (left == 0 && said.status() != v1::LINE_STATUS_REFUSED) said.set_status(v1::LINE_STATUS_ACKNOWLEDGED);
    if (left == 0) said.clear_offer();
  }
  if (changed) RefoldStatements(line, lacked);
  if (line.quantity() == 0) {
    line.set_status(v1::LINE_STATUS_CANCELLED);
    line.set_unknown(false);
  } else if (SentOf(state, line) >= line.quantity() && IsWithVendor(line.status())) {
    // The rest, of which the vendor spoke, is no longer wanted.
    line.set_status(v1::LINE_STATUS_DISPATCHED);
    // What a carrier took back is not known by that.
    line.set_unknown(line.unknown() && !lacked && IsCarriedWithoutDate(state, line));
    line.clear_vendor_eta();
    line.clear_expected_restock();
    line.clear_expected_dispatch();
    line.clear_estimate();
  }
}

void EvolveSubstitutes(v1::OrderState& state, const v1::OrderAmended& amended, const std::vector<bool>& alarms) {
  for (const v1::OrderLine& added : amended.added_lines()) {
    if (added.substitutes().empty()) continue;
    Line* instead = nullptr;
    for (Line& line : *state.mutable_lines()) {
      if (line.line_id() == added.line_id()) instead = &line;
    }
    for (int i = 0; i < state.lines_size() && instead != nullptr; ++i) {
      Line& line = *state.mutable_lines(i);
      if (line.line_id() != added.substitutes()) continue;
      for (const v1::VendorStatement& offered : line.statements()) {
        if (offered.offer().line_id() != added.line_id()) continue;
        v1::VendorStatement said;
        if (offered.has_stated_at()) *said.mutable_stated_at() = offered.stated_at();
        said.set_word(offered.word());
        said.set_status(v1::LINE_STATUS_ACKNOWLEDGED);
        const v1::SubstituteOffer& offer = offered.offer();
        if (offer.has_expected_dispatch()) *said.mutable_expected_dispatch() = offer.expected_dispatch();
        if (offer.has_expected_delivery()) *said.mutable_expected_delivery() = offer.expected_delivery();
        AddStatement(*instead, said);
      }
      const bool alarm = i < static_cast<int>(alarms.size()) && alarms[static_cast<size_t>(i)];
      if (alarm && !HasVendorDate(*instead)) instead->set_unknown(true);
      Withdraw(state, line, added.quantity());
    }
  }
  for (const std::string& offer : amended.declined_substitutes()) {
    for (Line& line : *state.mutable_lines()) {
      const bool offered = absl::c_any_of(line.statements(), [&](const v1::VendorStatement& said) {
        return said.has_offer() && said.offer().line_id() == offer;
      });
      if (offered) Decline(line, offer);
    }
  }
}

}  // namespace throughline::supplier
