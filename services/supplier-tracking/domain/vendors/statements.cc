#include "services/supplier-tracking/domain/vendors/statements.h"

#include <algorithm>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/fingerprint.h"
#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/domain/vendors/missing.h"

namespace throughline::supplier {
namespace {

using Line = v1::OrderState::Line;
using google::protobuf::Timestamp;

// What is not said by the vendor, but follows from the order.
template <typename VendorEvent>
void ClearDerived(VendorEvent&) {}
void ClearDerived(v1::VendorSplit& reported) {
  reported.clear_part_of();
  reported.clear_reason();
  for (v1::VendorSplit::Part& part : *reported.mutable_parts()) part.clear_line_id();
}
void ClearDerived(v1::VendorSubstituted& reported) { reported.mutable_offer()->clear_line_id(); }

template <typename VendorEvent>
uint64_t WordOf(VendorEvent reported) {
  ClearDerived(reported);
  reported.clear_line_ids();
  reported.clear_stated_at();
  if constexpr (requires { reported.clear_estimate(); }) reported.clear_estimate();  // that is not its word
  return TextHash(reported.GetTypeName() + reported.SerializeAsString());
}

absl::Time StatedAt(const v1::VendorStatement& statement) {
  return statement.has_stated_at() ? runtime::FromProto(statement.stated_at()) : absl::InfinitePast();
}

// Whether a date counts that was stated then.
bool Counts(const v1::VendorStatement& statement, const Timestamp& date) {
  return !statement.has_stated_at() || runtime::FromProto(date) >= runtime::FromProto(statement.stated_at());
}

// Whether it gives a date that counts.
bool IsDated(const v1::VendorStatement& statement) {
  return (statement.has_expected_delivery() && Counts(statement, statement.expected_delivery().latest())) ||
         (statement.has_expected_restock() && Counts(statement, statement.expected_restock())) ||
         (statement.has_expected_dispatch() && Counts(statement, statement.expected_dispatch()));
}

bool IsLacking(v1::LineStatus status) {
  return status == v1::LINE_STATUS_BACKORDERED || status == v1::LINE_STATUS_REFUSED ||
         status == v1::LINE_STATUS_SHORT_SHIPPED || status == v1::LINE_STATUS_SUBSTITUTE_OFFERED;
}

// Sets what the statement says in place of what was said before.
void Take(const v1::VendorStatement& statement, Line& line) {
  if (!statement.part()) line.set_status(statement.status());
  if (statement.part()) {
    if (line.status() == v1::LINE_STATUS_ORDERED) line.set_status(v1::LINE_STATUS_ACKNOWLEDGED);
    return;
  }
  const bool delivery = statement.has_expected_delivery() && Counts(statement, statement.expected_delivery().latest());
  const bool restock = statement.has_expected_restock() && Counts(statement, statement.expected_restock());
  const bool dispatch = statement.has_expected_dispatch() && Counts(statement, statement.expected_dispatch());
  const bool lacking = IsLacking(statement.status());
  if (lacking) line.clear_vendor_eta();  // it assumed that the vendor had the goods
  if (lacking || delivery || dispatch || statement.status() == v1::LINE_STATUS_DISPATCHED) {
    line.clear_expected_restock();
    line.clear_expected_dispatch();
    line.clear_estimate();
  }
  if (delivery) *line.mutable_vendor_eta() = statement.expected_delivery();
  if (restock) *line.mutable_expected_restock() = statement.expected_restock();
  if (dispatch) *line.mutable_expected_dispatch() = statement.expected_dispatch();
  const bool begins = restock || dispatch || statement.status() == v1::LINE_STATUS_DISPATCHED;
  if (begins && statement.has_estimate()) *line.mutable_estimate() = statement.estimate();
}

bool IsDispatch(const v1::VendorStatement& statement) {
  return statement.status() == v1::LINE_STATUS_DISPATCHED && !statement.part();
}

void Refold(Line& line) {
  if (line.status() == v1::LINE_STATUS_CANCELLED) return;
  line.set_status(v1::LINE_STATUS_ORDERED);
  line.clear_vendor_eta();
  line.clear_expected_restock();
  line.clear_expected_dispatch();
  line.clear_estimate();
  const bool sent = absl::c_any_of(line.statements(), IsDispatch);
  bool dispatched = false;
  for (const v1::VendorStatement& statement : line.statements()) {
    dispatched |= IsDispatch(statement);
    if (dispatched && !IsDispatch(statement)) continue;
    Take(statement, line);
  }
  if (sent) line.set_status(v1::LINE_STATUS_DISPATCHED);
}

// That the vendor lacks it holds until a later statement has a date. (KeepAlarms sees to what carriers say.)
void SetUnknown(Line& line, const v1::VendorStatement& inserted) {
  bool dated_later = false, lacking_later = false, after = false;
  for (const v1::VendorStatement& statement : line.statements()) {
    if (after) dated_later |= IsDated(statement) && !statement.part();
    if (after) lacking_later |= IsLacking(statement.status()) && !IsDated(statement);
    after |= statement.word() == inserted.word() && StatedAt(statement) == StatedAt(inserted);
  }
  if (IsLacking(inserted.status()) && !IsDated(inserted) && !dated_later) line.set_unknown(true);
  if (IsDated(inserted) && !inserted.part() && !lacking_later) line.set_unknown(false);
}

bool Knows(const Line& line, const v1::VendorStatement& statement) {
  return absl::c_any_of(line.statements(), [&](const v1::VendorStatement& known) {
    return known.word() == statement.word() && StatedAt(known) == StatedAt(statement);
  });
}

// Returns whether the line has it now: of too many, the oldest goes.
bool Insert(Line& line, const v1::VendorStatement& statement) {
  if (Knows(line, statement)) return true;
  auto& all = *line.mutable_statements();
  *all.Add() = statement;
  int at = all.size() - 1;
  for (; at > 0 && StatedAt(all.Get(at)) < StatedAt(all.Get(at - 1)); --at) all.SwapElements(at, at - 1);
  if (all.size() <= kMostStatements) return true;
  all.DeleteSubrange(0, 1);
  return at > 0;
}

template <typename VendorEvent, typename Set>
void AddStatement(v1::OrderState& state, const VendorEvent& reported, v1::LineStatus status, const Set& set) {
  v1::VendorStatement statement;
  if (reported.has_stated_at()) *statement.mutable_stated_at() = reported.stated_at();
  statement.set_word(WordOf(reported));
  statement.set_status(status);
  if constexpr (requires { reported.has_estimate(); }) {
    if (reported.has_estimate()) *statement.mutable_estimate() = reported.estimate();
  }
  for (Line& line : *state.mutable_lines()) {
    if (!absl::c_linear_search(reported.line_ids(), line.line_id())) continue;
    v1::VendorStatement said = statement;
    set(line, said);
    supplier::AddStatement(line, said);
  }
  RefreshLines(state);  // a repeated dispatch must not undo a delivery
}

Line* MutableLine(v1::OrderState& state, const std::string& line_id) {
  for (Line& line : *state.mutable_lines()) {
    if (line.line_id() == line_id) return &line;
  }
  return nullptr;
}

// A new line that is a part of `line`: what was said of that holds for it, too, but for what was sent or offered.
Line PartOf(const Line& line, const v1::VendorSplit& split, const v1::VendorSplit::Part& part) {
  Line added = line;
  added.set_line_id(part.line_id());
  added.set_part_of(split.part_of());
  added.set_quantity(part.quantity());
  added.set_ordered(part.quantity());
  added.clear_packed();
  added.clear_collected();
  added.clear_collected_at();
  added.clear_units();
  added.clear_splits();
  added.clear_offers();
  added.clear_declined();
  added.clear_statements();
  for (const v1::VendorStatement& said : line.statements()) {
    if (said.status() != v1::LINE_STATUS_DISPATCHED && !said.has_offer()) *added.add_statements() = said;
  }
  Refold(added);  // without what it does not have; it is known as little as the line was
  return added;
}

// A line has not fewer missing than there are of it.
void Cap(Line& line) {
  for (v1::VendorStatement& said : *line.mutable_statements()) {
    said.set_quantity(std::min(said.quantity(), line.quantity()));
    if (said.has_offer()) said.mutable_offer()->set_quantity(std::min(said.offer().quantity(), line.quantity()));
  }
}

}  // namespace

bool AddStatement(Line& line, const v1::VendorStatement& said) {
  if (!Insert(line, said)) return false;
  Refold(line);
  SetUnknown(line, said);
  return true;
}

bool LacksWithoutDate(const Line& line) {
  bool lacks = false;
  for (const v1::VendorStatement& said : line.statements()) {
    if (IsLacking(said.status()) && !IsDated(said)) lacks = true;
    if (IsDated(said) && !said.part()) lacks = false;
  }
  return lacks;
}

void RefoldStatements(Line& line, bool lacked) {
  Refold(line);
  if (lacked && !LacksWithoutDate(line)) line.set_unknown(false);
}

const v1::VendorStatement* LastWordOn(const Line& line) {
  for (auto said = line.statements().rbegin(); said != line.statements().rend(); ++said) {
    if (!said->part() && said->status() == line.status()) return &*said;
  }
  return nullptr;
}

bool HasVendorDate(const Line& line) {
  return line.has_vendor_eta() || line.has_expected_restock() || line.has_expected_dispatch();
}

bool SaysTheSame(const Line& line, uint64_t word) {
  return !line.statements().empty() && line.statements(line.statements_size() - 1).word() == word;
}

bool WasDispatchedLater(const Line& line, const Timestamp& stated_at) {
  return absl::c_any_of(line.statements(), [&](const v1::VendorStatement& statement) {
    return IsDispatch(statement) && StatedAt(statement) > runtime::FromProto(stated_at);
  });
}

void EvolveVendor(v1::OrderState& state, const v1::VendorAcknowledged& reported) {
  AddStatement(state, reported, v1::LINE_STATUS_ACKNOWLEDGED, [&](const Line&, v1::VendorStatement& said) {
    if (reported.has_expected_dispatch()) *said.mutable_expected_dispatch() = reported.expected_dispatch();
    if (reported.has_expected_delivery()) *said.mutable_expected_delivery() = reported.expected_delivery();
  });
}

void EvolveVendor(v1::OrderState& state, const v1::VendorBackordered& reported) {
  AddStatement(state, reported, v1::LINE_STATUS_BACKORDERED, [&](const Line&, v1::VendorStatement& said) {
    if (reported.has_expected_restock()) *said.mutable_expected_restock() = reported.expected_restock();
    if (reported.has_expected_delivery()) *said.mutable_expected_delivery() = reported.expected_delivery();
  });
}

void EvolveVendor(v1::OrderState& state, const v1::VendorDelayed& reported) {
  AddStatement(state, reported, v1::LINE_STATUS_DELAYED, [&](const Line&, v1::VendorStatement& said) {
    if (reported.has_expected_dispatch()) *said.mutable_expected_dispatch() = reported.expected_dispatch();
    if (reported.has_expected_delivery()) *said.mutable_expected_delivery() = reported.expected_delivery();
  });
}

void EvolveVendor(v1::OrderState& state, const v1::VendorRefused& reported) {
  AddStatement(state, reported, v1::LINE_STATUS_REFUSED, [](const Line&, v1::VendorStatement&) {});
}

void EvolveVendor(v1::OrderState& state, const v1::VendorDispatched& reported) {
  AddStatement(state, reported, v1::LINE_STATUS_DISPATCHED, [&](const Line& line, v1::VendorStatement& said) {
    const uint32_t quantity = QuantityIn(reported.quantities(), line.line_id());
    said.set_part(!IsAllSent(state, line, reported.carrier(), reported.tracking_number(), quantity));
    if (reported.has_expected_delivery()) *said.mutable_expected_delivery() = reported.expected_delivery();
  });
}

void EvolveVendor(v1::OrderState& state, const v1::VendorShortShipped& reported) {
  TakeOutMissing(state, reported);
  AddStatement(state, reported, v1::LINE_STATUS_SHORT_SHIPPED, [&](const Line& line, v1::VendorStatement& said) {
    said.set_quantity(QuantityIn(reported.quantities(), line.line_id()));
    if (reported.has_expected_restock()) *said.mutable_expected_restock() = reported.expected_restock();
    if (reported.has_expected_delivery()) *said.mutable_expected_delivery() = reported.expected_delivery();
  });
}

void EvolveVendor(v1::OrderState& state, const v1::VendorSplit& reported) {
  const uint64_t word = WordOf(reported);
  Line* line = reported.line_ids().empty() ? nullptr : MutableLine(state, reported.line_ids(0));
  if (line == nullptr || absl::c_linear_search(line->splits(), word)) return;
  uint32_t moved = 0;
  for (int i = 1; i < reported.parts_size(); ++i) {
    *state.add_lines() = PartOf(*line, reported, reported.parts(i));
    moved += reported.parts(i).quantity();
  }
  line->add_splits(word);
  line->set_quantity(line->quantity() - std::min(line->quantity(), moved));
  line->set_ordered(line->ordered() - std::min(line->ordered(), moved));
  for (const v1::VendorSplit::Part& part : reported.parts()) {
    Line& each = *MutableLine(state, part.line_id());
    Cap(each);
    v1::VendorStatement said;
    if (reported.has_stated_at()) *said.mutable_stated_at() = reported.stated_at();
    said.set_word(word);
    said.set_status(v1::LINE_STATUS_ACKNOWLEDGED);
    if (part.has_expected_dispatch()) *said.mutable_expected_dispatch() = part.expected_dispatch();
    if (part.has_expected_delivery()) *said.mutable_expected_delivery() = part.expected_delivery();
    // Without a date, what was said before of the line holds for its part.
    const bool news = part.has_expected_dispatch() || part.has_expected_delivery() || each.statements().empty();
    if (news) AddStatement(each, said);
  }
  RefreshLines(state);
}

void EvolveVendor(v1::OrderState& state, const v1::VendorSubstituted& reported) {
  v1::VendorStatement said;
  if (reported.has_stated_at()) *said.mutable_stated_at() = reported.stated_at();
  said.set_word(WordOf(reported));
  said.set_status(v1::LINE_STATUS_SUBSTITUTE_OFFERED);
  *said.mutable_offer() = reported.offer();
  Line* line = reported.line_ids().empty() ? nullptr : MutableLine(state, reported.line_ids(0));
  if (line == nullptr || Knows(*line, said)) return;
  if (!AddStatement(*line, said)) return;
  line->set_offers(line->offers() + 1);
  RefreshLines(state);
}

uint64_t WordOfEvent(const v1::OrderEvent& event) {
  switch (event.event_case()) {
    case v1::OrderEvent::kVendorAcknowledged:
      return WordOf(event.vendor_acknowledged());
    case v1::OrderEvent::kVendorBackordered:
      return WordOf(event.vendor_backordered());
    case v1::OrderEvent::kVendorDelayed:
      return WordOf(event.vendor_delayed());
    case v1::OrderEvent::kVendorRefused:
      return WordOf(event.vendor_refused());
    case v1::OrderEvent::kVendorDispatched:
      return WordOf(event.vendor_dispatched());
    case v1::OrderEvent::kVendorShortShipped:
      return WordOf(event.vendor_short_shipped());
    case v1::OrderEvent::kVendorSplit:
      return WordOf(event.vendor_split());
    case v1::OrderEvent::kVendorSubstituted:
      return WordOf(event.vendor_substituted());
    default:
      return 0;
  }
}

}  // namespace throughline::supplier
