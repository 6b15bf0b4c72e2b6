#include "services/supplier-tracking/domain/collection/collection.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/returns/returns.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {
namespace {

using Line = v1::OrderState::Line;
using Shipment = v1::OrderState::Shipment;
using State = v1::OrderState;
using google::protobuf::Timestamp;
using runtime::FromProto;

Shipment* MutableShipment(State& state, const std::string& name) {
  for (Shipment& shipment : *state.mutable_shipments()) {
    if (shipment.shipment() == name) return &shipment;
  }
  return nullptr;
}

std::string NameOf(const Shipment& shipment) {
  ShipmentName name;
  return ParseShipmentStream(shipment.shipment(), name) ? absl::StrCat(name.carrier, " ", name.number)
                                                        : shipment.shipment();
}

std::string Moment(const Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", FromProto(time), absl::UTCTimeZone());
}

// Whether the carrier says that it has reached the store.
bool SaysThatItIsThere(v1::TrackingState state) {
  return state == v1::TRACKING_STATE_DELIVERED || state == v1::TRACKING_STATE_READY_FOR_PICKUP;
}

const v1::StoreReceipt* ReceiptOf(const Shipment& shipment, const v1::ShipmentObserved& observed) {
  for (const v1::StoreReceipt& receipt : observed.store_receipts()) {
    if (receipt.store() == shipment.collect_at()) return &receipt;
  }
  return nullptr;
}

void Clear(const State& state, const Shipment& shipment, v1::ConcernKind kind, const std::string& evidence,
           std::vector<v1::OrderEvent>& events) {
  if (FindConcern(state, kind, shipment.shipment()) == nullptr) return;
  v1::OrderConcernCleared& cleared = *events.emplace_back().mutable_concern_cleared();
  cleared.set_kind(kind);
  cleared.set_about(shipment.shipment());
  cleared.set_evidence(evidence);
}

// The key has the time that has passed: if that is set anew, it may be raised anew.
v1::OrderConcern ConcernOf(const Shipment& shipment, v1::ConcernKind kind, const Timestamp& since, const Timestamp& due,
                           const std::string& text) {
  v1::OrderConcern concern;
  concern.set_kind(kind);
  concern.set_about(shipment.shipment());
  concern.set_text(text);
  *concern.mutable_since() = since;
  concern.set_state(shipment.state());
  concern.set_key(absl::StrCat(absl::ToUnixMicros(FromProto(since)), "/", absl::ToUnixMicros(FromProto(due))));
  return concern;
}

// What was handed over comes first from shipments whose collection is not awaited any more, then from those that were
// ready first. So one that was collected stays so, whatever becomes ready later.
std::pair<int, absl::Time> TurnOf(const Shipment& shipment) {
  return {shipment.has_collect_by() ? 2 : shipment.ready_by_collection() ? 1 : 0, FromProto(shipment.ready_at())};
}

// Whether all of the line that the shipment carries was collected, though not all of the line was.
bool IsCollectedFrom(const State& state, const Shipment& shipment, const Line& line) {
  const uint32_t carried = CarriedBy(state, shipment, line);
  if (carried == 0 || !shipment.has_ready_at() || !EndsTheWay(shipment)) return false;
  uint64_t others = 0;
  bool listed_before = true;
  for (const Shipment& other : state.shipments()) {
    if (other.shipment() == shipment.shipment()) {
      listed_before = false;
      continue;
    }
    if (!EndsTheWay(other) || !other.has_ready_at() || !Carries(other, line)) continue;
    const auto its = TurnOf(other), own = TurnOf(shipment);
    if (its < own || (its == own && listed_before)) others += CarriedBy(state, other, line);
  }
  return line.collected() >= others + carried;
}

// Whether what the store handed over may have come from it, or nothing is left of its lines anyway.
bool MayComeFrom(const State& state, const Shipment& shipment, const std::string& store) {
  return shipment.collect_at() == store ||
         absl::c_any_of(shipment.store_receipts(), [&](const auto& receipt) { return receipt.store() == store; }) ||
         absl::c_none_of(state.lines(), [&](const Line& line) {
           return Carries(shipment, line) && line.collected() < line.quantity();
         });
}

// Nothing is awaited any more of what was collected, of that which may come from this store.
void EndWaiting(State& state, const std::string& store) {
  std::vector<Shipment*> over;  // all of them, before one of them changes
  for (Shipment& shipment : *state.mutable_shipments()) {
    if (IsCollected(state, shipment) && MayComeFrom(state, shipment, store)) over.push_back(&shipment);
  }
  for (Shipment* shipment : over) {
    shipment->clear_collect_by();
    shipment->clear_receipt_since();
    shipment->clear_receipt_due();
  }
}

}  // namespace

std::optional<std::string> DestinationOf(const State& state,
                                         const google::protobuf::RepeatedPtrField<std::string>& line_ids) {
  const auto is_named = [&](const Line& line) { return absl::c_linear_search(line_ids, line.line_id()); };
  const auto is_cancelled = [](const Line& line) { return line.status() == v1::LINE_STATUS_CANCELLED; };
  // A cancelled line goes nowhere, unless there is no other.
  const bool open =
      absl::c_any_of(state.lines(), [&](const Line& line) { return is_named(line) && !is_cancelled(line); });
  std::optional<std::string> destination;
  for (const Line& line : state.lines()) {
    if (!is_named(line) || (open && is_cancelled(line))) continue;
    if (destination && *destination != line.collect_at()) return std::nullopt;
    destination = line.collect_at();
  }
  return destination.value_or("");
}

bool IsInAnotherStore(const Shipment& shipment, const v1::ShipmentObserved& observed) {
  return !shipment.collect_at().empty() && !observed.store_receipts().empty() &&
         ReceiptOf(shipment, observed) == nullptr;
}

bool IsCollected(const State& state, const Shipment& shipment) {
  if (shipment.collect_at().empty()) return false;
  bool any = false;
  for (const Line& line : state.lines()) {
    if (!Carries(shipment, line)) continue;
    if (line.collected() < line.quantity() && !IsCollectedFrom(state, shipment, line)) return false;
    any = true;
  }
  return any;
}

absl::Time ThereAt(const State& state, const Line& line) {
  absl::Time there = absl::InfinitePast();
  for (const Shipment& shipment : state.shipments()) {
    if (!EndsTheWay(shipment) || !HasReached(shipment) || !Carries(shipment, line)) continue;
    there = std::max(there, FromProto(shipment.collect_at().empty() ? shipment.delivered_at() : shipment.ready_at()));
  }
  if (line.collected() == 0 || line.collected() < line.quantity()) return there;
  const absl::Time collected = FromProto(line.collected_at());
  return there == absl::InfinitePast() ? collected : std::min(there, collected);
}

absl::Time ThereAt(const State& state) {
  absl::Time there = absl::InfinitePast();
  for (const Line& line : state.lines()) there = std::max(there, ThereAt(state, line));
  return there;
}

void AddCollectionEvents(const State& before, const v1::ShipmentObserved& observed, const CollectionTimes& times,
                         absl::Time now, std::vector<v1::OrderEvent>& events) {
  State after = before;
  for (const v1::OrderEvent& event : events) Order::Evolve(after, event);
  const Shipment* shipment = FindShipment(after, observed.shipment());
  if (shipment == nullptr || shipment->collect_at().empty()) return;
  const v1::StoreReceipt* receipt = ReceiptOf(*shipment, observed);
  const bool failed = HasFailed(observed.state()) || GoesBack(after, *shipment);
  const bool collected = IsCollected(after, *shipment);
  if (receipt != nullptr && (!failed || collected)) {
    const bool known = shipment->has_ready_at() && !shipment->ready_by_collection() &&
                       FromProto(shipment->ready_at()) == FromProto(receipt->at());
    if (!known) {
      v1::ShipmentReady& ready = *events.emplace_back().mutable_shipment_ready();
      ready.set_shipment(shipment->shipment());
      ready.set_store(shipment->collect_at());
      *ready.mutable_at() = receipt->at();
      const absl::Time soon = now + std::min(times.collect_within, absl::Hours(1));
      if (!collected) {
        *ready.mutable_collect_by() = runtime::ToProto(std::max(soon, FromProto(receipt->at()) + times.collect_within));
      }
    }
    const std::string evidence = absl::StrCat("store ", shipment->collect_at(), " has received it");
    return Clear(after, *shipment, v1::CONCERN_KIND_RECEIPT_MISSING, evidence, events);
  }
  // What was collected from it was there, whatever the store scanned.
  const bool withdrawn = shipment->has_ready_at() && !collected && (failed || !shipment->ready_by_collection());
  if (withdrawn) {
    v1::ShipmentReadinessWithdrawn& news = *events.emplace_back().mutable_shipment_readiness_withdrawn();
    news.set_shipment(shipment->shipment());
    news.set_reason(failed ? "it goes back, or is lost or damaged" : "the store's receipt scan was corrected");
    Clear(after, *shipment, v1::CONCERN_KIND_UNCLAIMED, "it is not ready any more", events);
  }
  if (!SaysThatItIsThere(observed.state())) {
    return Clear(after, *shipment, v1::CONCERN_KIND_RECEIPT_MISSING, "the carrier says that it is not there", events);
  }
  if (IsInAnotherStore(*shipment, observed)) {
    const std::string evidence = absl::StrCat("store ", observed.store_receipts(0).store(), " has received it");
    return Clear(after, *shipment, v1::CONCERN_KIND_RECEIPT_MISSING, evidence, events);
  }
  if (receipt != nullptr || collected || shipment->has_receipt_due() || (shipment->has_ready_at() && !withdrawn))
    return;
  v1::ReceiptAwaited& awaited = *events.emplace_back().mutable_receipt_awaited();
  awaited.set_shipment(shipment->shipment());
  awaited.set_store(shipment->collect_at());
  *awaited.mutable_since() = observed.state_since();
  const absl::Time soon = now + std::min(times.receipt_within, absl::Hours(1));
  *awaited.mutable_due() = runtime::ToProto(std::max(soon, FromProto(observed.state_since()) + times.receipt_within));
}

bool IsNewsForCollection(const State& state, const v1::ShipmentObserved& observed, const CollectionTimes& times,
                         absl::Time now) {
  const Shipment* shipment = FindShipment(state, observed.shipment());
  if (shipment == nullptr || shipment->collect_at().empty()) return false;
  const bool same =
      shipment->store_receipts_size() == observed.store_receipts_size() &&
      std::equal(shipment->store_receipts().begin(), shipment->store_receipts().end(),
                 observed.store_receipts().begin(), [](const auto& a, const auto& b) { return Same(a, b); });
  if (!same || (shipment->has_receipt_due() && !SaysThatItIsThere(observed.state()))) return true;
  std::vector<v1::OrderEvent> events(1);
  *events.front().mutable_shipment_observed() = observed;
  AddCollectionEvents(state, observed, times, now, events);
  return events.size() > 1;
}

Order::Decision Order::Decide(const State& state, const PassReceiptDue& command, const runtime::Caller& caller) {
  const Shipment* shipment = FindShipment(state, command.request.shipment());
  const bool holds = shipment != nullptr && !shipment->collect_at().empty() && shipment->has_receipt_due() &&
                     Same(shipment->receipt_due(), command.request.due()) &&
                     caller.time >= FromProto(command.request.due());
  if (!holds) return std::vector<Event>();
  const std::string text =
      absl::StrCat(NameOf(*shipment), " has been in our store ", shipment->collect_at(), " since ",
                   Moment(shipment->receipt_since()), ", says the carrier, and the store has not received it");
  return Decide(state,
                RaiseConcern{ConcernOf(*shipment, v1::CONCERN_KIND_RECEIPT_MISSING, shipment->receipt_since(),
                                       shipment->receipt_due(), text)},
                caller);
}

Order::Decision Order::Decide(const State& state, const PassCollectionDue& command, const runtime::Caller& caller) {
  const Shipment* shipment = FindShipment(state, command.request.shipment());
  const bool holds = shipment != nullptr && !shipment->collect_at().empty() && shipment->has_collect_by() &&
                     shipment->has_ready_at() && Same(shipment->collect_by(), command.request.collect_by()) &&
                     caller.time >= FromProto(command.request.collect_by()) && !IsCollected(state, *shipment);
  if (!holds) return std::vector<Event>();
  const std::string text =
      absl::StrCat(NameOf(*shipment), " has been ready for collection in our store ", shipment->collect_at(), " since ",
                   Moment(shipment->ready_at()), ", and is not collected");
  return Decide(state,
                RaiseConcern{ConcernOf(*shipment, v1::CONCERN_KIND_UNCLAIMED, shipment->ready_at(),
                                       shipment->collect_by(), text)},
                caller);
}

void EvolveCollection(State& state, const v1::ShipmentReady& ready) {
  EndWaiting(state, ready.store());  // before it has a turn
  Shipment* shipment = MutableShipment(state, ready.shipment());
  if (shipment == nullptr) return;
  *shipment->mutable_ready_at() = ready.at();
  shipment->set_ready_by_collection(ready.by_collection());
  shipment->clear_collect_by();
  if (ready.has_collect_by()) *shipment->mutable_collect_by() = ready.collect_by();
  shipment->clear_receipt_since();
  shipment->clear_receipt_due();
  RefreshLines(state);
}

void EvolveCollection(State& state, const v1::ShipmentReadinessWithdrawn& withdrawn) {
  Shipment* shipment = MutableShipment(state, withdrawn.shipment());
  if (shipment == nullptr) return;
  shipment->clear_ready_at();
  shipment->set_ready_by_collection(false);
  shipment->clear_collect_by();
  RefreshLines(state);
}

void EvolveCollection(State& state, const v1::ReceiptAwaited& awaited) {
  Shipment* shipment = MutableShipment(state, awaited.shipment());
  if (shipment == nullptr) return;
  *shipment->mutable_receipt_since() = awaited.since();
  *shipment->mutable_receipt_due() = awaited.due();
}

void EvolveCollection(State& state, const v1::LinesCollected& collected) {
  for (Line& line : *state.mutable_lines()) {
    const uint32_t quantity = QuantityIn(collected.quantities(), line.line_id());
    if (quantity == 0) continue;
    line.set_collected(line.collected() + quantity);
    const bool later = !line.has_collected_at() || FromProto(collected.collected_at()) > FromProto(line.collected_at());
    if (later) *line.mutable_collected_at() = collected.collected_at();
  }
  RefreshLines(state);
  EndWaiting(state, collected.store());
}

void EvolveCollection(Shipment& shipment, const v1::ShipmentObserved& observed) {
  *shipment.mutable_store_receipts() = observed.store_receipts();
  if (SaysThatItIsThere(observed.state()) && !IsInAnotherStore(shipment, observed)) return;
  shipment.clear_receipt_since();
  shipment.clear_receipt_due();
}

}  // namespace throughline::supplier
