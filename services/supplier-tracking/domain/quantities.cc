#include "services/supplier-tracking/domain/quantities.h"

#include <algorithm>

#include "absl/algorithm/container.h"

#include "services/supplier-tracking/domain/checks.h"

namespace throughline::supplier {
namespace {

using Line = v1::OrderState::Line;
using Shipment = v1::OrderState::Shipment;

// What shipments say of a line.
struct Said {
  uint64_t quantity = 0;  // the sum of what is said
  bool all = false;       // whether one of them does not say how many
  bool any = false;       // whether there is a shipment

  void Add(const Shipment& shipment, const Line& line) {
    const uint32_t some = QuantityIn(shipment.quantities(), line.line_id());
    quantity += some;
    all |= some == 0;
    any = true;
  }
  uint32_t Of(const Line& line) const {
    return all ? line.quantity() : static_cast<uint32_t>(std::min<uint64_t>(quantity, line.quantity()));
  }
};

// What is said by the shipments that carry the line and fit.
template <typename Fits>
Said SaidOf(const v1::OrderState& state, const Line& line, const Fits& fits) {
  Said said;
  for (const Shipment& shipment : state.shipments()) {
    if (Carries(shipment, line) && fits(shipment)) said.Add(shipment, line);
  }
  return said;
}

bool IsFirstLeg(const Shipment& shipment) { return shipment.leg() <= 1 && !shipment.return_leg(); }

bool Delivers(const Shipment& shipment) { return EndsTheWay(shipment) && HasReached(shipment); }

bool IsToDeliver(const Shipment& shipment) { return EndsTheWay(shipment) && !HasReached(shipment); }

}  // namespace

uint32_t QuantityIn(const Quantities& quantities, const std::string& line_id) {
  const auto said = absl::c_find_if(quantities, [&](const v1::LineQuantity& q) { return q.line_id() == line_id; });
  return said == quantities.end() ? 0 : said->quantity();
}

bool Mentions(const Quantities& quantities, const std::string& line_id) {
  return absl::c_any_of(quantities, [&](const v1::LineQuantity& said) { return said.line_id() == line_id; });
}

Quantities Combined(const std::vector<std::string>& lines, const Quantities& said, const Quantities& before) {
  Quantities all;
  for (const std::string& line : lines) {
    const uint32_t now = QuantityIn(said, line);
    const uint32_t quantity = now > 0 ? now : QuantityIn(before, line);
    if (quantity == 0) continue;
    v1::LineQuantity& one = *all.Add();
    one.set_line_id(line);
    one.set_quantity(quantity);
  }
  return all;
}

bool EndsTheWay(const Shipment& shipment) { return shipment.last_leg() && !shipment.return_leg(); }

bool EndsAtTheCustomer(const Shipment& shipment) { return EndsTheWay(shipment) && shipment.collect_at().empty(); }

bool HasReached(const Shipment& shipment) {
  return shipment.collect_at().empty() ? shipment.has_delivered_at() : shipment.has_ready_at();
}

bool Carries(const Shipment& shipment, const Line& line) {
  return shipment.state() != v1::TRACKING_STATE_CANCELLED &&
         absl::c_linear_search(shipment.line_ids(), line.line_id()) &&
         !absl::c_linear_search(shipment.sent_again_line_ids(), line.line_id());
}

uint32_t CarriedBy(const v1::OrderState& state, const Shipment& shipment, const Line& line) {
  if (!absl::c_linear_search(shipment.line_ids(), line.line_id())) return 0;
  const uint32_t said = QuantityIn(shipment.quantities(), line.line_id());
  if (said > 0 || shipment.return_leg()) return said > 0 ? said : line.quantity();
  const Said others = SaidOf(state, line, [&](const Shipment& other) {
    return &other != &shipment && other.shipment() != shipment.shipment() && !other.return_leg() &&
           other.leg() == shipment.leg();
  });
  return others.quantity >= line.quantity() ? 0 : line.quantity() - static_cast<uint32_t>(others.quantity);
}

uint32_t SentOf(const v1::OrderState& state, const Line& line) { return SaidOf(state, line, IsFirstLeg).Of(line); }

uint32_t ArrivedOf(const v1::OrderState& state, const Line& line) {
  const Said here = SaidOf(state, line, Delivers);
  if (!here.all) return here.Of(line);
  // The one that carries all that is left does not carry what others still do.
  const Said others = SaidOf(state, line, IsToDeliver);
  return others.quantity >= line.quantity() ? 0 : line.quantity() - static_cast<uint32_t>(others.quantity);
}

bool HasArrived(const v1::OrderState& state, const Line& line) {
  const Said here = SaidOf(state, line, Delivers);
  if (here.quantity > 0 && here.quantity >= line.quantity()) return true;
  return here.all && !SaidOf(state, line, IsToDeliver).any;
}

bool IsAllSent(const v1::OrderState& state, const Line& line, const std::string& carrier,
               const std::string& tracking_number, uint32_t quantity) {
  if (quantity == 0) return true;
  const Said others = SaidOf(state, line, [&](const Shipment& shipment) {
    ShipmentName name;
    const bool same =
        ParseShipmentStream(shipment.shipment(), name) && name.carrier == carrier && name.number == tracking_number;
    return !same && IsFirstLeg(shipment);
  });
  return others.all || others.quantity + quantity >= line.quantity();
}

}  // namespace throughline::supplier
