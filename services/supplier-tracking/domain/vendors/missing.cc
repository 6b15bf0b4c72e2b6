#include "services/supplier-tracking/domain/vendors/missing.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/runtime/domain/refusal.h"
#include "services/supplier-tracking/domain/changes/order_changes.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/vendors/statements.h"

namespace throughline::supplier {
namespace {

using Line = v1::OrderState::Line;
using Request = v1::RecordVendorUpdateRequest;
using Shipment = v1::OrderState::Shipment;

constexpr size_t kLineIdBytes = 32;

// Whether it brings the line and does not say how many of it.
bool CarriesUnsaid(const Shipment& shipment, const Line& line) {
  return !shipment.return_leg() && Carries(shipment, line) && QuantityIn(shipment.quantities(), line.line_id()) == 0;
}

int FirstLegsUnsaid(const v1::OrderState& state, const Line& line) {
  return static_cast<int>(absl::c_count_if(state.shipments(), [&](const Shipment& shipment) {
    return shipment.leg() <= 1 && CarriesUnsaid(shipment, line);
  }));
}

// How many can be missing: what is left, or what one shipment carries without saying how many.
uint32_t MostMissing(const v1::OrderState& state, const Line& line) {
  const int unsaid = FirstLegsUnsaid(state, line);
  if (unsaid == 0) return LeftOf(state, line);
  if (unsaid > 1) return 0;
  for (const Shipment& shipment : state.shipments()) {
    if (shipment.leg() <= 1 && CarriesUnsaid(shipment, line)) return CarriedBy(state, shipment, line);
  }
  return 0;
}

absl::Status Dispatched(const std::string& what) {
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "LINE_DISPATCHED", what);
}

// The shipment of the dispatch, if the order has it.
const Shipment* ShipmentOf(const v1::OrderState& state, const v1::DispatchedUpdate& dispatched) {
  for (auto shipment = state.shipments().rbegin(); shipment != state.shipments().rend(); ++shipment) {
    ShipmentName name;
    if (ParseShipmentStream(shipment->shipment(), name) && name.carrier == dispatched.carrier() &&
        name.number == dispatched.tracking_number()) {
      return &*shipment;
    }
  }
  return nullptr;
}

absl::Status TooLong(const std::string& line_id) {
  return runtime::BadField("line_ids[0]", absl::StrCat("has no room for the ids of the lines that it becomes, as in ",
                                                       line_id, ": report on the line as it is"));
}

// That of the same offer, if it was made before and not declined; else a new one.
std::string IdOf(const v1::OrderState& state, const Line& line, const v1::SubstituteOffer& offer) {
  for (const v1::VendorStatement& said : line.statements()) {
    v1::SubstituteOffer same = offer;
    same.set_line_id(said.offer().line_id());
    const bool again = said.has_offer() && same.SerializeAsString() == said.offer().SerializeAsString();
    if (again && !absl::c_linear_search(line.declined(), same.line_id())) return same.line_id();
  }
  std::string id;
  uint32_t number = line.offers();
  do {
    id = absl::StrCat(line.line_id(), ".s", ++number);
  } while (FindLine(state, id) != nullptr);
  return id;
}

v1::VendorSplit WithoutIds(const Request& request) {
  v1::VendorSplit split;
  split.set_vendor_id(request.vendor_id());
  for (const v1::SplitPart& said : request.split().parts()) {
    v1::VendorSplit::Part& part = *split.add_parts();
    part.set_quantity(said.quantity());
    if (said.has_expected_dispatch()) *part.mutable_expected_dispatch() = said.expected_dispatch();
    if (said.has_expected_delivery()) *part.mutable_expected_delivery() = said.expected_delivery();
  }
  return split;
}

}  // namespace

const Line* FindLine(const v1::OrderState& state, const std::string& line_id) {
  const auto found = absl::c_find_if(state.lines(), [&](const Line& line) { return line.line_id() == line_id; });
  return found == state.lines().end() ? nullptr : &*found;
}

uint32_t LeftOf(const v1::OrderState& state, const Line& line) {
  const uint32_t sent = std::max(SentOf(state, line), line.collected());
  return sent >= line.quantity() ? 0 : line.quantity() - sent;
}

const v1::SubstituteOffer* OfferFor(const Line& line) {
  if (line.status() != v1::LINE_STATUS_SUBSTITUTE_OFFERED) return nullptr;
  const v1::VendorStatement* said = LastWordOn(line);
  return said != nullptr && said->has_offer() ? &said->offer() : nullptr;
}

uint32_t MissingOf(const v1::OrderState& state, const Line& line) {
  const uint32_t left = LeftOf(state, line);
  if (const v1::SubstituteOffer* offer = OfferFor(line)) return std::min(left, offer->quantity());
  if (line.status() != v1::LINE_STATUS_SHORT_SHIPPED) return 0;
  const v1::VendorStatement* said = LastWordOn(line);
  return said == nullptr ? 0 : std::min(left, said->quantity());
}

void SayQuantities(const v1::OrderState& state, const std::vector<std::string>& lines, Request& request) {
  v1::DispatchedUpdate& dispatched = *request.mutable_dispatched();
  const Shipment* known = ShipmentOf(state, dispatched);
  for (const std::string& line_id : lines) {
    const Line* line = FindLine(state, line_id);
    if (line == nullptr || Mentions(dispatched.quantities(), line_id)) continue;
    uint32_t quantity = 0;
    if (known != nullptr && absl::c_linear_search(known->line_ids(), line_id)) {
      quantity = MissingOf(state, *line) > 0 ? QuantityIn(known->quantities(), line_id) : 0;
    } else if (const uint32_t missing = MissingOf(state, *line); missing > 0) {
      const uint32_t left = LeftOf(state, *line);
      quantity = left > missing ? left - missing : left;
    }
    if (quantity == 0) continue;
    v1::LineQuantity& said = *dispatched.add_quantities();
    said.set_line_id(line_id);
    said.set_quantity(quantity);
  }
}

absl::StatusOr<std::vector<std::string>> SentWithoutName(const v1::OrderState& state, std::vector<std::string> lines) {
  std::vector<std::string> sent;
  const v1::SubstituteOffer* offer = nullptr;
  bool offered = !lines.empty();
  for (const std::string& line_id : lines) {
    const Line* line = FindLine(state, line_id);
    const uint32_t missing = MissingOf(state, *line);
    if (missing == 0 || missing < LeftOf(state, *line)) sent.push_back(line_id);
    offered &= OfferFor(*line) != nullptr;
    if (offer == nullptr) offer = OfferFor(*line);
  }
  if (!sent.empty()) return sent;
  if (!offered) return lines;  // what was missing is sent after all
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, kSubstituteNotAccepted,
                         absl::StrCat("the customer has not taken ", offer->sku(), " (", offer->line_id(),
                                      ") yet: wait for the answer, or name the line if what was ordered is sent"));
}

absl::Status CheckNoOfferIsSent(const v1::OrderState& state, const Request& request) {
  if (!request.has_dispatched()) return absl::OkStatus();
  for (const Line& line : state.lines()) {
    for (const v1::VendorStatement& said : line.statements()) {
      const std::string& id = said.offer().line_id();
      if (!said.has_offer() || line.vendor_id() != request.vendor_id() || FindLine(state, id) != nullptr) continue;
      if (!absl::c_linear_search(request.line_ids(), id) && !Mentions(request.dispatched().quantities(), id)) continue;
      const bool declined = absl::c_linear_search(line.declined(), id);
      return runtime::Refuse(
          absl::StatusCode::kFailedPrecondition, kSubstituteNotAccepted,
          absl::StrCat("the customer has not taken ", said.offer().sku(), " (", id, ") in place of line ",
                       line.line_id(),
                       declined ? ": do not send it" : ": do not send it before the order has it as a line"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckMissing(const v1::OrderState& state, const Request& request,
                          const google::protobuf::Timestamp& stated_at) {
  for (const v1::LineQuantity& missing : request.short_shipped().quantities()) {
    const Line* line = FindLine(state, missing.line_id());
    if (line == nullptr || WasDispatchedLater(*line, stated_at)) continue;
    if (missing.quantity() <= MostMissing(state, *line)) continue;
    if (FirstLegsUnsaid(state, *line) > 1) {
      return Dispatched(
          absl::StrCat("line ", missing.line_id(),
                       " is in several shipments that do not say how many they carry: dispatch them again "
                       "with their quantities"));
    }
    return Dispatched(
        absl::StrCat("of line ", missing.line_id(), " ", SentOf(state, *line), " of ", line->quantity(),
                     " are sent: give how many of the rest are missing, or dispatch it again with fewer"));
  }
  return absl::OkStatus();
}

void TakeOutMissing(v1::OrderState& state, const v1::VendorShortShipped& reported) {
  for (Line& line : *state.mutable_lines()) {
    const uint32_t missing = QuantityIn(reported.quantities(), line.line_id());
    if (missing == 0 || (reported.has_stated_at() && WasDispatchedLater(line, reported.stated_at()))) continue;
    std::vector<std::pair<Shipment*, uint32_t>> unsaid;
    for (Shipment& shipment : *state.mutable_shipments()) {
      if (CarriesUnsaid(shipment, line)) unsaid.emplace_back(&shipment, CarriedBy(state, shipment, line));
    }
    for (const auto& [shipment, carried] : unsaid) {
      if (carried > missing) {
        v1::LineQuantity& said = *shipment->add_quantities();
        said.set_line_id(line.line_id());
        said.set_quantity(carried - missing);
      } else {
        auto& lines = *shipment->mutable_line_ids();
        lines.erase(std::remove(lines.begin(), lines.end(), line.line_id()), lines.end());
      }
    }
    if (LeftOf(state, line) == 0) continue;
    // A dispatch of all of it was one of a part.
    for (v1::VendorStatement& said : *line.mutable_statements()) {
      if (said.status() == v1::LINE_STATUS_DISPATCHED) said.set_part(true);
    }
  }
}

absl::StatusOr<v1::VendorSplit> SplitOf(const v1::OrderState& state, const Request& request,
                                        const std::string& line_id) {
  const Line& line = *FindLine(state, line_id);
  uint64_t sum = 0;
  for (const v1::SplitPart& part : request.split().parts()) sum += part.quantity();
  const uint32_t left = LeftOf(state, line);
  if (left < 2) {
    return Dispatched(absl::StrCat("of line ", line_id, " ", left, " are left to be sent: there is nothing to divide"));
  }
  if (sum != left) {
    return runtime::BadField("split.parts", absl::StrCat("make up ", sum, ", and ", left, " of line ", line_id,
                                                         " are not sent: give parts that make up ", left));
  }
  if (state.lines_size() + request.split().parts_size() - 1 > kMostLines) {
    return runtime::BadField("split.parts",
                             absl::StrCat("make more than ", kMostLines, " lines: divide it into fewer parts"));
  }
  v1::VendorSplit split = WithoutIds(request);
  split.add_line_ids(line_id);
  split.set_part_of(line.part_of().empty() ? line_id : line.part_of());
  split.set_reason(request.split().reason());
  split.mutable_parts(0)->set_line_id(line_id);
  int number = 1;
  for (int i = 1; i < split.parts_size(); ++i) {
    std::string id;
    do {
      id = absl::StrCat(split.part_of(), ".", ++number);
    } while (FindLine(state, id) != nullptr);
    if (id.size() > kLineIdBytes) return TooLong(id);
    split.mutable_parts(i)->set_line_id(id);
  }
  return split;
}

bool WasSplitSo(const v1::OrderState& state, const Request& request) {
  if (!request.has_split() || request.line_ids_size() != 1) return false;
  const Line* line = FindLine(state, request.line_ids(0));
  v1::OrderEvent event;
  *event.mutable_vendor_split() = WithoutIds(request);
  return line != nullptr && line->vendor_id() == request.vendor_id() &&
         absl::c_linear_search(line->splits(), WordOfEvent(event));
}

absl::StatusOr<v1::VendorSubstituted> SubstitutedOf(const v1::OrderState& state, const Request& request,
                                                    const std::string& line_id) {
  const Line& line = *FindLine(state, line_id);
  const v1::SubstitutedUpdate& said = request.substituted();
  const uint32_t left = LeftOf(state, line);
  if (left == 0 || said.quantity() > left) {
    return Dispatched(
        absl::StrCat("of line ", line_id, " ", left, " are not sent: offer another article for no more than those"));
  }
  v1::VendorSubstituted substituted;
  substituted.set_vendor_id(request.vendor_id());
  substituted.add_line_ids(line_id);
  v1::SubstituteOffer& offer = *substituted.mutable_offer();
  offer.set_sku(said.sku());
  offer.set_description(said.description());
  offer.set_quantity(said.quantity() == 0 ? left : said.quantity());
  offer.set_reason(said.reason());
  if (said.has_expected_dispatch()) *offer.mutable_expected_dispatch() = said.expected_dispatch();
  if (said.has_expected_delivery()) *offer.mutable_expected_delivery() = said.expected_delivery();
  offer.set_line_id(IdOf(state, line, offer));
  if (offer.line_id().size() > kLineIdBytes) return TooLong(offer.line_id());
  return substituted;
}

}  // namespace throughline::supplier
