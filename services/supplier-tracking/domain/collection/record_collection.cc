// The rules of RecordCollection.

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/changes/order_changes.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/collection/collection.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/order_shipments.h"
#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {
namespace {

using Line = v1::OrderState::Line;
using Shipment = v1::OrderState::Shipment;
using State = v1::OrderState;
using Request = v1::RecordCollectionRequest;
using runtime::FromProto;

// What is open about a shipment and does not matter once the customer has it.
constexpr v1::ConcernKind kDoubts[] = {v1::CONCERN_KIND_RECEIPT_MISSING, v1::CONCERN_KIND_CONTRADICTION};
constexpr v1::ConcernKind kMoot[] = {v1::CONCERN_KIND_UNCLAIMED,     v1::CONCERN_KIND_SILENCE,
                                     v1::CONCERN_KIND_NOT_PICKED_UP, v1::CONCERN_KIND_NOT_CLOSED,
                                     v1::CONCERN_KIND_CUSTOMS_HOLD,  v1::CONCERN_KIND_SUBSCRIPTION_EXPIRING};

uint32_t LeftOf(const Line& line) { return line.quantity() - std::min(line.quantity(), line.collected()); }

const Line* LineIn(const State& state, const std::string& line_id) {
  const auto found = absl::c_find_if(state.lines(), [&](const Line& line) { return line.line_id() == line_id; });
  return found == state.lines().end() ? nullptr : &*found;
}

absl::Status Check(const State& state, const Request& request, const runtime::Caller& caller) {
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "store", request.store(), "name the store that handed it over");
  if (!request.store().empty() && !IsId(request.store(), 64)) {
    bad.Add("store", "is not a store id: use 1 to 64 of the characters A-Z a-z 0-9 . _ -");
  }
  const bool digest = request.collected_by_sha256().empty() || request.collected_by_sha256().size() == 32;
  if (!digest) bad.Add("collected_by_sha256", "has not 32 bytes: give a SHA-256, or leave it out");
  if (request.has_collected_at() && FromProto(request.collected_at()) > caller.time) {
    bad.Add("collected_at", "is in the future: give the time of the collection, or leave it out");
  }
  if (state.order_id().empty()) return bad.ToStatus();
  if (request.has_collected_at() && FromProto(request.collected_at()) < FromProto(state.placed_at())) {
    bad.Add("collected_at", "is before the order was placed: give the time of the collection, or leave it out");
  }
  std::set<std::string> seen;
  for (int i = 0; i < request.line_ids_size(); ++i) {
    if (LineIn(state, request.line_ids(i)) == nullptr || !seen.insert(request.line_ids(i)).second) {
      bad.Add(absl::StrCat("line_ids[", i, "]"),
              "is not a line of the order, or is there twice: name each of its lines once");
    }
  }
  for (int i = 0; i < request.quantities_size(); ++i) {
    const v1::LineQuantity& part = request.quantities(i);
    const std::string path = absl::StrCat("quantities[", i, "].");
    const Line* line = LineIn(state, part.line_id());
    if (line == nullptr || !seen.insert(part.line_id()).second) {
      bad.Add(path + "line_id", "is not a line of the order, or is there twice: name each of its lines once");
    } else if (part.quantity() < 1 || part.quantity() > LeftOf(*line)) {
      bad.Add(path + "quantity", absl::StrCat("is not 1 or more of the ", LeftOf(*line),
                                              " that are not collected yet: give how many were handed over"));
    }
  }
  return bad.ToStatus();
}

bool WasReceivedBy(const Shipment& shipment, const std::string& store) {
  return absl::c_any_of(shipment.store_receipts(),
                        [&](const v1::StoreReceipt& receipt) { return receipt.store() == store; });
}

// How many of the line receipt scans show to be in the store.
uint32_t ReceivedOf(const State& state, const Line& line, const std::string& store) {
  uint64_t received = 0;
  for (const Shipment& shipment : state.shipments()) {
    if (!EndsTheWay(shipment) || !Carries(shipment, line)) continue;
    const bool ready = shipment.collect_at() == store && shipment.has_ready_at() && !shipment.ready_by_collection();
    if (ready || WasReceivedBy(shipment, store)) received += CarriedBy(state, shipment, line);
  }
  return static_cast<uint32_t>(std::min<uint64_t>(received, line.quantity()));
}

absl::Status CheckLine(const State& state, const Line& line, const std::string& store) {
  const auto refuse = [&](const char* reason, const std::string& what) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, reason,
                           absl::StrCat("line ", line.line_id(), " ", what));
  };
  if (line.status() == v1::LINE_STATUS_CANCELLED) {
    return refuse("LINE_CANCELLED", "is cancelled: do not hand it over");
  }
  if (line.collect_at().empty()) {
    return refuse("NOT_FOR_COLLECTION", "is brought to the customer: let its carrier report the delivery");
  }
  const bool here = line.collect_at() == store || absl::c_any_of(state.shipments(), [&](const Shipment& shipment) {
                      return Carries(shipment, line) && WasReceivedBy(shipment, store);
                    });
  if (here) return absl::OkStatus();
  return refuse("OTHER_STORE", absl::StrCat("is to be collected in ", line.collect_at(),
                                            ": name that store, or let this one scan its receipt first"));
}

// How many of each line were handed over.
absl::StatusOr<Quantities> WhatWasCollected(const State& state, const Request& request) {
  Quantities collected;
  const auto add = [&](const Line& line, uint32_t quantity) {
    if (quantity == 0) return;
    v1::LineQuantity& one = *collected.Add();
    one.set_line_id(line.line_id());
    one.set_quantity(quantity);
  };
  const bool everything = request.line_ids().empty() && request.quantities().empty();
  bool before = false;
  for (const Line& line : state.lines()) {
    if (everything) {
      if (line.collect_at() != request.store() || line.status() == v1::LINE_STATUS_CANCELLED) continue;
      const uint32_t ready = ArrivedOf(state, line);
      before |= LeftOf(line) == 0;
      add(line, std::min(LeftOf(line), ready - std::min(ready, line.collected())));
      continue;
    }
    const bool whole = absl::c_linear_search(request.line_ids(), line.line_id());
    const uint32_t part = QuantityIn(request.quantities(), line.line_id());
    if (!whole && part == 0) continue;
    if (absl::Status status = CheckLine(state, line, request.store()); !status.ok()) return status;
    add(line, whole ? LeftOf(line) : part);
  }
  if (everything && collected.empty() && !before) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "NOTHING_READY",
                           absl::StrCat("nothing of the order is ready in store ", request.store(),
                                        ": name the lines that were handed over"));
  }
  return collected;
}

// How likely the store handed it over, the likeliest first: it has received it, or the carrier says that it is there.
int RankOf(const Shipment& shipment, const std::string& store) {
  if (WasReceivedBy(shipment, store)) return 0;
  const bool there =
      shipment.state() == v1::TRACKING_STATE_DELIVERED || shipment.state() == v1::TRACKING_STATE_READY_FOR_PICKUP;
  return there && shipment.collect_at() == store && shipment.store_receipts().empty() ? 1 : 2;
}

// More was collected than receipts show: shipments without one were there, too. Never one that is lost or goes back.
void AddSeen(const State& before, const v1::LinesCollected& collected, std::vector<v1::OrderEvent>& events) {
  State after = before;
  for (const v1::OrderEvent& event : events) Order::Evolve(after, event);
  const Shipment* likeliest = nullptr;
  for (const Shipment& shipment : after.shipments()) {
    if (!EndsTheWay(shipment) || shipment.collect_at().empty() || shipment.has_ready_at()) continue;
    if (HasFailed(shipment.state())) continue;
    const bool seen = absl::c_any_of(before.lines(), [&](const Line& line) {
      const uint32_t now = QuantityIn(collected.quantities(), line.line_id());
      if (now == 0 || !Carries(shipment, line) || CarriedBy(after, shipment, line) == 0) return false;
      uint64_t known = 0;  // what is known to be or to have been there
      for (const Shipment& other : after.shipments()) {
        if (!EndsTheWay(other) || !other.has_ready_at() || !Carries(other, line)) continue;
        const bool there = other.collect_at() == collected.store() || WasReceivedBy(other, collected.store());
        if (there || IsCollected(before, other)) known += CarriedBy(after, other, line);
      }
      return line.collected() + now > known;
    });
    if (!seen) continue;
    const bool likelier =
        likeliest == nullptr || RankOf(shipment, collected.store()) < RankOf(*likeliest, collected.store());
    if (likelier) likeliest = &shipment;
  }
  if (likeliest == nullptr) return;
  v1::ShipmentReady& ready = *events.emplace_back().mutable_shipment_ready();
  ready.set_shipment(likeliest->shipment());
  ready.set_store(collected.store());
  *ready.mutable_at() = collected.collected_at();
  ready.set_by_collection(true);
  AddSeen(before, collected, events);  // that may be enough
}

void ClearDoubts(const State& before, const v1::LinesCollected& collected, std::vector<v1::OrderEvent>& events) {
  State after = before;
  for (const v1::OrderEvent& event : events) Order::Evolve(after, event);
  for (const Shipment& shipment : after.shipments()) {
    const bool about = EndsTheWay(shipment) && !shipment.collect_at().empty() &&
                       absl::c_any_of(collected.quantities(), [&](const v1::LineQuantity& part) {
                         return absl::c_linear_search(shipment.line_ids(), part.line_id());
                       });
    if (!about || !shipment.has_ready_at()) continue;
    const auto clear = [&](v1::ConcernKind kind) {
      if (FindConcern(after, kind, shipment.shipment()) == nullptr) return;
      v1::OrderConcernCleared& cleared = *events.emplace_back().mutable_concern_cleared();
      cleared.set_kind(kind);
      cleared.set_about(shipment.shipment());
      cleared.set_evidence(absl::StrCat("collected in store ", collected.store()));
    };
    for (const v1::ConcernKind kind : kDoubts) clear(kind);
    if (!IsCollected(after, shipment)) continue;
    for (const v1::ConcernKind kind : kMoot) clear(kind);
  }
}

}  // namespace

Order::Decision Order::Decide(const State& state, const Request& request, const runtime::Caller& caller) {
  if (absl::Status status = Check(state, request, caller); !status.ok()) return status;
  if (state.order_id().empty()) return OrderUnknown(request.order_id());
  const absl::StatusOr<Quantities> what = WhatWasCollected(state, request);
  if (!what.ok()) return what.status();
  std::vector<Event> events;
  if (what->empty()) return events;  // collected before
  if (absl::Status status = CheckOpen(state); !status.ok()) return status;
  v1::LinesCollected& collected = *events.emplace_back().mutable_lines_collected();
  *collected.mutable_quantities() = *what;
  *collected.mutable_collected_at() =
      request.has_collected_at() ? request.collected_at() : runtime::ToProto(caller.time);
  collected.set_store(request.store());
  collected.set_by(caller.id);
  collected.set_collected_by_sha256(request.collected_by_sha256());
  for (const Line& line : state.lines()) {
    const uint32_t now = QuantityIn(*what, line.line_id());
    if (now == 0 || line.collected() + now <= ReceivedOf(state, line, request.store())) continue;
    collected.add_without_receipt_line_ids(line.line_id());
  }
  const v1::LinesCollected told = collected;  // adding events moves it
  AddSeen(state, told, events);
  ClearDoubts(state, told, events);
  AddConsequences(state, absl::StrCat("store/", request.store()), events);
  return events;
}

}  // namespace throughline::supplier
