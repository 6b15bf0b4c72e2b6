// The rules of an order's shipments: AddShipment and ObserveShipment.

#include "services/supplier-tracking/domain/order_shipments.h"

#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/changes/order_changes.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/collection/collection.h"
#include "services/supplier-tracking/domain/concerns/contradictions.h"
#include "services/supplier-tracking/domain/returns/returns.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {
namespace {

using State = v1::OrderState;
using runtime::FieldViolations;

absl::Status Check(const v1::AddShipmentRequest& request) {
  FieldViolations bad;
  CheckPartyId(bad, "carrier", request.carrier());
  CheckNumber(bad, "tracking_number", request.tracking_number());
  return bad.ToStatus();
}

absl::StatusOr<std::vector<std::string>> LinesOf(const State& state, const v1::AddShipmentRequest& request,
                                                 const State::Shipment* follows) {
  std::vector<std::string> lines;
  for (const auto& line : state.lines()) {
    const bool wanted = !request.line_ids().empty()     ? absl::c_linear_search(request.line_ids(), line.line_id())
                        : !request.quantities().empty() ? Mentions(request.quantities(), line.line_id())
                        : follows != nullptr            ? absl::c_linear_search(follows->line_ids(), line.line_id())
                                                        : true;
    if (wanted) lines.push_back(line.line_id());
  }
  FieldViolations bad;
  for (int i = 0; i < request.line_ids_size(); ++i) {
    if (absl::c_linear_search(lines, request.line_ids(i))) continue;
    bad.Add(absl::StrCat("line_ids[", i, "]"), "is not a line of the order: name one of its lines, or leave it out");
  }
  CheckQuantities(bad, "quantities", request.quantities(), state, lines);
  if (absl::Status status = bad.ToStatus(); !status.ok()) return status;
  return lines;
}

// The ShipmentAdded that would give the shipment as it is.
v1::ShipmentAdded Again(const State::Shipment& shipment) {
  v1::ShipmentAdded again;
  ShipmentName name;
  ParseShipmentStream(shipment.shipment(), name);
  again.set_shipment(shipment.shipment());
  again.set_carrier(name.carrier);
  again.set_tracking_number(name.number);
  again.set_epoch(name.epoch);
  again.set_leg(shipment.leg());
  again.set_last_leg(shipment.last_leg());
  again.set_return_leg(shipment.return_leg());
  *again.mutable_line_ids() = shipment.line_ids();
  *again.mutable_quantities() = shipment.quantities();
  again.set_collect_at(shipment.collect_at());
  return again;
}

// It does not wait in its store any more.
void AddLeaving(const State& state, const State::Shipment& shipment, const std::string& why,
                std::vector<v1::OrderEvent>& events) {
  if (shipment.has_ready_at() && !IsCollected(state, shipment)) {
    auto& withdrawn = *events.emplace_back().mutable_shipment_readiness_withdrawn();
    withdrawn.set_shipment(shipment.shipment());
    withdrawn.set_reason(why);
  }
  for (const v1::ConcernKind kind : {v1::CONCERN_KIND_RECEIPT_MISSING, v1::CONCERN_KIND_UNCLAIMED}) {
    if (FindConcern(state, kind, shipment.shipment()) == nullptr) continue;
    auto& cleared = *events.emplace_back().mutable_concern_cleared();
    cleared.set_kind(kind);
    cleared.set_about(shipment.shipment());
    cleared.set_evidence(why);
  }
}

// What was ready, and is taken by a return.
void AddTakenBack(const State& before, std::vector<v1::OrderEvent>& events) {
  State after = before;
  for (const v1::OrderEvent& event : events) Order::Evolve(after, event);
  for (const State::Shipment& shipment : after.shipments()) {
    if (shipment.has_ready_at() && GoesBack(after, shipment)) {
      AddLeaving(after, shipment, "a return takes it back", events);
    }
  }
}

constexpr char kCarriedOn[] = "another leg carries it on";

// Sets where a last leg ends. All that it carries goes to one place.
absl::Status SetDestination(const State& state, v1::ShipmentAdded& shipment) {
  shipment.clear_collect_at();
  if (!shipment.last_leg() || shipment.return_leg()) return absl::OkStatus();
  const std::optional<std::string> destination = DestinationOf(state, shipment.line_ids());
  if (!destination) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "DESTINATIONS_DIFFER",
                           "its lines go to several places, to stores or to the customer: name those that go to one of "
                           "them, or set `hand_over` if other carriers bring them there");
  }
  shipment.set_collect_at(*destination);
  return absl::OkStatus();
}

// Whether a later leg carries lines of this shipment on.
bool IsFollowed(const State& state, const State::Shipment& shipment) {
  return absl::c_any_of(state.shipments(), [&](const State::Shipment& next) {
    return !next.return_leg() && next.leg() > shipment.leg() &&
           absl::c_any_of(next.line_ids(),
                          [&](const std::string& line) { return absl::c_linear_search(shipment.line_ids(), line); });
  });
}

// A service may answer a partner with what it is told, as the reader of vendors' documents does.
bool IsStaff(const runtime::Caller& caller) {
  return caller.Is(common::v1::ROLE_REP) || caller.Is(common::v1::ROLE_SUPERVISOR) || caller.Is(common::v1::ROLE_ADMIN);
}

}  // namespace

absl::Status OrderUnknown(const std::string& order_id) {
  return runtime::Refuse(absl::StatusCode::kNotFound, "ORDER_UNKNOWN",
                         absl::StrCat("there is no order ", order_id, ": check the id, or place it first"));
}

absl::Status NoSuchVendor(const std::string& order_id, const std::string& vendor_id) {
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "NO_SUCH_VENDOR",
                         absl::StrCat("order ", order_id, " has no line of vendor ", vendor_id, ": check both ids"));
}

void CheckQuantities(FieldViolations& bad, const std::string& field, const Quantities& quantities, const State& state,
                     const std::vector<std::string>& lines) {
  std::set<std::string> seen;
  for (int i = 0; i < quantities.size(); ++i) {
    const v1::LineQuantity& said = quantities.Get(i);
    const std::string path = absl::StrCat(field, "[", i, "].");
    const auto line = absl::c_find_if(state.lines(), [&](const auto& l) { return l.line_id() == said.line_id(); });
    if (line == state.lines().end() || !absl::c_linear_search(lines, said.line_id())) {
      bad.Add(path + "line_id", "is not a line of this shipment: name one of its lines, or leave it out");
    } else if (!seen.insert(said.line_id()).second) {
      bad.Add(path + "line_id", "is a duplicate: give the quantity of each line once");
    } else if (said.quantity() < 1 || said.quantity() > line->quantity()) {
      bad.Add(path + "quantity", absl::StrCat("is not 1 to ", line->quantity(),
                                              ", which were ordered: give how many are in this shipment"));
    }
  }
}

absl::Status AddTo(const State& state, const runtime::Caller& caller, const NumberFacts& number,
                   v1::ShipmentAdded shipment, std::vector<v1::OrderEvent>& events) {
  shipment.set_epoch(number.epoch);
  shipment.set_shipment(ShipmentStream(shipment.carrier(), shipment.tracking_number(), number.epoch));
  const State::Shipment* known = FindShipment(state, shipment.shipment());
  if (known == nullptr && !number.in_use_by.empty()) {
    const std::string other = IsStaff(caller) ? absl::StrCat("order ", number.in_use_by) : "another order";
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "NUMBER_IN_USE",
                           absl::StrCat(other, " has a shipment ", shipment.carrier(), " ", shipment.tracking_number(),
                                        " that is not over yet: check the number"));
  }
  if (known != nullptr) {
    v1::ShipmentAdded before = Again(*known);
    // Added again without `follows`: its leg stays.
    if (!shipment.has_follows()) {
      shipment.set_leg(before.leg());
      shipment.set_last_leg(before.last_leg());
      shipment.set_return_leg(before.return_leg());
    }
    if (IsFollowed(state, *known)) shipment.set_last_leg(false);
    std::vector<std::string> lines;
    for (const auto& line : state.lines()) {
      if (absl::c_linear_search(before.line_ids(), line.line_id()) ||
          absl::c_linear_search(shipment.line_ids(), line.line_id())) {
        lines.push_back(line.line_id());
      }
    }
    shipment.mutable_line_ids()->Assign(lines.begin(), lines.end());
    *shipment.mutable_quantities() = Combined(lines, shipment.quantities(), before.quantities());
    if (absl::Status status = SetDestination(state, shipment); !status.ok()) return status;
    if (shipment.has_follows()) before.set_follows(shipment.follows());
    if (Same(before, shipment)) return absl::OkStatus();
    if (shipment.collect_at().empty() && !known->collect_at().empty()) AddLeaving(state, *known, kCarriedOn, events);
  } else if (absl::Status status = SetDestination(state, shipment); !status.ok()) {
    return status;
  }
  *events.emplace_back().mutable_shipment_added() = std::move(shipment);
  return absl::OkStatus();
}

Order::Decision Order::Decide(const State& state, const AddShipment& command, const runtime::Caller& caller) {
  const v1::AddShipmentRequest& request = command.request;
  if (absl::Status status = Check(request); !status.ok()) return status;
  if (state.order_id().empty()) return OrderUnknown(request.order_id());
  v1::ShipmentAdded shipment;
  shipment.set_carrier(request.carrier());
  shipment.set_tracking_number(request.tracking_number());
  const std::string name = ShipmentStream(request.carrier(), shipment.tracking_number(), command.number.epoch);
  const State::Shipment* follows = request.has_follows() ? FindShipment(state, request.follows()) : nullptr;
  if (request.has_follows() && (follows == nullptr || request.follows() == name)) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "FOLLOWS_UNKNOWN",
                           absl::StrCat("`", request.follows(), "` is not another shipment of order ", state.order_id(),
                                        ": name one as `shipment/<carrier>/<number>/<epoch>`, or leave it out"));
  }
  absl::StatusOr<std::vector<std::string>> lines = LinesOf(state, request, follows);
  if (!lines.ok()) return lines.status();
  shipment.mutable_line_ids()->Assign(lines->begin(), lines->end());
  *shipment.mutable_quantities() =
      Combined(*lines, request.quantities(), follows == nullptr ? Quantities() : follows->quantities());
  shipment.set_leg(follows == nullptr ? 1 : follows->leg() + 1);
  shipment.set_return_leg(request.return_leg());
  shipment.set_last_leg(!request.hand_over() && !request.return_leg());
  if (follows != nullptr) shipment.set_follows(request.follows());
  std::vector<Event> events;
  if (absl::Status status = AddTo(state, caller, command.number, std::move(shipment), events); !status.ok())
    return status;
  if (events.empty()) return events;
  if (state.cancelled() && !request.return_leg()) return CheckOpen(state);
  if (state.has_completed_at() && !request.return_leg()) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "ORDER_COMPLETED",
                           "the order is completely delivered: only a return can be added");
  }
  if (follows != nullptr && follows->last_leg() && !request.return_leg()) {
    v1::ShipmentAdded before = Again(*follows);
    before.set_last_leg(false);
    before.clear_collect_at();
    events.emplace(events.begin())->mutable_shipment_added()->Swap(&before);
    if (!follows->collect_at().empty()) AddLeaving(state, *follows, kCarriedOn, events);
  }
  if (request.return_leg()) AddTakenBack(state, events);
  AddConsequences(state, name, events);
  return events;
}

Order::Decision Order::Decide(const State& state, const ObserveShipment& command, const runtime::Caller& caller) {
  v1::ShipmentObserved observed = command.request;
  if (command.estimate.has_eta()) *observed.mutable_estimate() = command.estimate;
  const State::Shipment* shipment = FindShipment(state, observed.shipment());
  if (shipment == nullptr || observed.shipment_version() <= shipment->observed_version()) return std::vector<Event>();
  const bool delivered = observed.state() == v1::TRACKING_STATE_DELIVERED;
  const bool arrived = delivered && !shipment->has_delivered_at();
  const bool corrected = !delivered && shipment->has_delivered_at();
  const bool at_another_time =
      delivered && shipment->has_delivered_at() &&
      runtime::FromProto(observed.state_since()) != runtime::FromProto(shipment->delivered_at());
  const bool failed_or_found =
      (HasFailed(observed.state()) || HasFailed(shipment->state())) && observed.state() != shipment->state();
  // What the gaps between legs depend on.
  const bool handed_over = observed.state() == v1::TRACKING_STATE_HANDED_OVER;
  const bool was_handed_over = shipment->state() == v1::TRACKING_STATE_HANDED_OVER;
  const bool another_hand_over = handed_over && (!Same(observed.state_since(), shipment->state_since()) ||
                                                 !Same(observed.handed_to(), shipment->handed_to()));
  const bool begun = shipment->leg() > 1 && HasBegun(observed.state()) != HasBegun(shipment->state());
  const bool leg_changed = handed_over != was_handed_over || another_hand_over || begun;
  const bool another_proof = delivered && observed.has_proof() && !Same(observed.proof(), shipment->delivery().proof());
  const bool contradicted = IsContradictory(state, observed);
  const bool was_contradicted = FindConcern(state, v1::CONCERN_KIND_CONTRADICTION, observed.shipment()) != nullptr;
  const bool collection = IsNewsForCollection(state, observed, command.collection, caller.time);
  const bool another_eta = observed.has_eta() != shipment->has_eta() || !Same(observed.eta(), shipment->eta());
  const bool first_estimate = observed.has_estimate() && !shipment->has_estimate();
  std::vector<Event> returned;
  AddReturned(state, observed, returned);
  if (!arrived && !corrected && !at_another_time && !failed_or_found && !another_eta && !leg_changed &&
      returned.empty()) {
    const bool news = another_proof || collection || first_estimate || contradicted != was_contradicted;
    if (!news) return std::vector<Event>();
  }
  std::vector<Event> events(1);
  *events.front().mutable_shipment_observed() = observed;
  for (Event& event : returned) events.push_back(std::move(event));
  if (arrived || at_another_time) {
    auto& news = *events.emplace_back().mutable_shipment_delivered();
    news.set_shipment(observed.shipment());
    *news.mutable_at() = observed.state_since();
    news.set_last_leg(shipment->last_leg());
    news.set_collect_at(shipment->collect_at());
  } else if (corrected) {
    auto& news = *events.emplace_back().mutable_shipment_delivery_corrected();
    news.set_shipment(observed.shipment());
    news.set_state(observed.state());
    news.set_completion_withdrawn(state.has_completed_at() && EndsAtTheCustomer(*shipment));
  }
  AddCollectionEvents(state, observed, command.collection, caller.time, events);
  AddConsequences(state, observed.shipment(), events);
  AddContradictionEvents(state, observed, events);
  AddDeliveryEvents(state, observed.shipment(), command.proof_within, caller.time, events);
  AddLegEvents(state, command.leg_awaited_for, caller.time, events);
  return events;
}

}  // namespace throughline::supplier
