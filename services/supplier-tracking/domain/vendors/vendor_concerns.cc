#include "services/supplier-tracking/domain/vendors/vendor_concerns.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/domain/vendors/missing.h"
#include "services/supplier-tracking/domain/vendors/statements.h"

namespace throughline::supplier {
namespace {

using Line = v1::OrderState::Line;

constexpr v1::ConcernKind kKinds[] = {v1::CONCERN_KIND_SHORT_SHIPPED, v1::CONCERN_KIND_REFUSED,
                                      v1::CONCERN_KIND_SUBSTITUTION};

std::string AboutOf(const Line& line) { return absl::StrCat("line/", line.line_id()); }

bool IsAllSent(const v1::OrderState& state, const Line& line) {
  return line.status() == v1::LINE_STATUS_DISPATCHED || LeftOf(state, line) == 0;
}

// What is the matter with the line now; UNSPECIFIED: nothing.
v1::ConcernKind KindOf(const v1::OrderState& state, const Line& line) {
  if (IsAllSent(state, line)) return v1::CONCERN_KIND_UNSPECIFIED;
  switch (line.status()) {
    case v1::LINE_STATUS_SHORT_SHIPPED:
      return HasVendorDate(line) ? v1::CONCERN_KIND_UNSPECIFIED : v1::CONCERN_KIND_SHORT_SHIPPED;
    case v1::LINE_STATUS_REFUSED:
      return v1::CONCERN_KIND_REFUSED;
    case v1::LINE_STATUS_SUBSTITUTE_OFFERED:
      return v1::CONCERN_KIND_SUBSTITUTION;
    default:
      return v1::CONCERN_KIND_UNSPECIFIED;
  }
}

std::string TextOf(const v1::OrderState& state, const Line& line, const v1::VendorStatement& said) {
  const std::string vendor = absl::StrCat("vendor ", line.vendor_id());
  if (line.status() == v1::LINE_STATUS_SHORT_SHIPPED) {
    return absl::StrCat(vendor, " does not send ", MissingOf(state, line), " of ", line.quantity(), " of line ",
                        line.line_id(), ", and does not say when it does");
  }
  const v1::SubstituteOffer& offer = said.offer();
  if (line.status() == v1::LINE_STATUS_SUBSTITUTE_OFFERED) {
    return absl::StrCat(vendor, " offers ", offer.quantity(), " of ", offer.sku(), " (", offer.description(),
                        ") in place of line ", line.line_id(), ": ask the customer");
  }
  if (said.has_offer()) {
    return absl::StrCat("the customer does not take ", offer.sku(), " in place of line ", line.line_id(),
                        ", and vendor ", line.vendor_id(), " does not send what was ordered");
  }
  return absl::StrCat(vendor, " does not send line ", line.line_id());
}

v1::OrderConcern ConcernOf(const v1::OrderState& state, const Line& line, v1::ConcernKind kind) {
  v1::OrderConcern concern;
  concern.set_kind(kind);
  concern.set_about(AboutOf(line));
  static const v1::VendorStatement kNone;
  const v1::VendorStatement* last = LastWordOn(line);
  const v1::VendorStatement& said = last == nullptr ? kNone : *last;
  concern.set_text(TextOf(state, line, said));
  if (said.has_stated_at()) *concern.mutable_since() = said.stated_at();
  concern.set_key(absl::StrCat(said.word(), "/", absl::ToUnixMicros(runtime::FromProto(said.stated_at())),
                               said.has_offer() ? absl::StrCat("/", said.offer().line_id()) : ""));
  return concern;
}

// What ends the concern; empty: nothing.
std::string EvidenceOf(const v1::OrderState& state, const Line& line, v1::ConcernKind kind, bool decided) {
  const std::string which = absl::StrCat("line ", line.line_id());
  const bool replaced =
      absl::c_any_of(state.lines(), [&](const Line& other) { return other.substitutes() == line.line_id(); });
  const char* instead = replaced ? " is replaced by another article" : " is cancelled";
  if (line.status() == v1::LINE_STATUS_CANCELLED) return which + instead;
  if (IsAllSent(state, line)) return absl::StrCat("all that is to come of ", which, " is sent");
  if (kind == v1::CONCERN_KIND_SUBSTITUTION) {
    if (OfferFor(line) != nullptr) return "";
    return decided ? absl::StrCat("the customer has decided about ", which)
                   : absl::StrCat("vendor ", line.vendor_id(), " says something else of ", which);
  }
  if (HasVendorDate(line)) return absl::StrCat("vendor ", line.vendor_id(), " says when ", which, " comes");
  if (!decided) return "";
  const v1::LineStatus said =
      kind == v1::CONCERN_KIND_REFUSED ? v1::LINE_STATUS_REFUSED : v1::LINE_STATUS_SHORT_SHIPPED;
  const bool holds =
      absl::c_any_of(line.statements(), [&](const v1::VendorStatement& other) { return other.status() == said; });
  return holds ? "" : absl::StrCat("what is missing of ", which, instead);
}

void Clear(const Line& line, v1::ConcernKind kind, const std::string& evidence, std::vector<v1::OrderEvent>& events) {
  v1::OrderConcernCleared& cleared = *events.emplace_back().mutable_concern_cleared();
  cleared.set_kind(kind);
  cleared.set_about(AboutOf(line));
  cleared.set_evidence(evidence);
}

}  // namespace

void AddVendorConcerns(const v1::OrderState& after, std::vector<v1::OrderEvent>& events) {
  const auto by_us = [](const v1::OrderEvent& event) { return event.has_amended() || event.has_lines_cancelled(); };
  const bool decided = absl::c_any_of(events, by_us);
  std::vector<v1::OrderEvent> more;
  for (const Line& line : after.lines()) {
    const v1::ConcernKind now = KindOf(after, line);
    for (const v1::ConcernKind kind : kKinds) {
      const v1::OrderConcern* open = FindConcern(after, kind, AboutOf(line));
      if (open == nullptr && kind != now) continue;
      if (open != nullptr && kind != now) {
        const std::string evidence = EvidenceOf(after, line, kind, decided);
        if (!evidence.empty()) Clear(line, kind, evidence, more);
        continue;
      }
      const v1::OrderConcern concern = ConcernOf(after, line, kind);
      if (open != nullptr) {
        // Another offer is another question.
        if (kind != v1::CONCERN_KIND_SUBSTITUTION || open->key() == concern.key()) continue;
        Clear(line, kind, absl::StrCat("vendor ", line.vendor_id(), " offers something else"), more);
        v1::OrderConcernRaised& raised = *more.emplace_back().mutable_concern_raised();
        *raised.mutable_concern() = concern;
        raised.set_owner(after.owner());
        raised.set_customer_id(after.customer_id());
        continue;
      }
      auto raised = Order::Decide(after, RaiseConcern{concern}, runtime::Caller());
      if (!raised.ok()) continue;
      for (v1::OrderEvent& event : *raised) more.push_back(std::move(event));
    }
  }
  for (v1::OrderEvent& event : more) events.push_back(std::move(event));
}

}  // namespace throughline::supplier
