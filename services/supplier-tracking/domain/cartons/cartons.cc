#include "services/supplier-tracking/domain/cartons/cartons.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {
namespace {

constexpr size_t kSsccDigits = 18;

// How many of each line the cartons contain.
std::map<std::string, uint64_t> ContentsOf(const v1::DispatchedUpdate& update) {
  std::map<std::string, uint64_t> contents;
  for (const v1::Carton& carton : update.cartons()) {
    for (const v1::LineQuantity& part : carton.contents()) contents[part.line_id()] += part.quantity();
  }
  return contents;
}

void CheckCarton(runtime::FieldViolations& bad, const std::string& path, const v1::Carton& carton) {
  if (const std::string wrong = WrongSscc(carton.sscc()); !wrong.empty()) bad.Add(path + "sscc", wrong);
  std::set<std::string> lines;
  for (int i = 0; i < carton.contents_size(); ++i) {
    const std::string at = absl::StrCat(path, "contents[", i, "].");
    if (!lines.insert(carton.contents(i).line_id()).second) bad.Add(at + "line_id", "is a duplicate: name it once");
    if (carton.contents(i).quantity() == 0) {
      bad.Add(at + "quantity", "is 0: give how many are in the carton, or leave it out");
    }
  }
  std::map<std::string, uint32_t> serials;
  for (int i = 0; i < carton.serials_size(); ++i) {
    const v1::PackedSerial& serial = carton.serials(i);
    const std::string at = absl::StrCat(path, "serials[", i, "].");
    RequireText(bad, at + "serial_number", serial.serial_number());
    if (carton.contents().empty()) continue;
    if (!lines.contains(serial.line_id())) {
      bad.Add(at + "line_id", "is not in the carton: name a line of its contents");
    } else if (++serials[serial.line_id()] > QuantityIn(carton.contents(), serial.line_id())) {
      bad.Add(at + "serial_number",
              "is one more than the carton has of the line: correct the contents, or leave it out");
    }
  }
}

const v1::OrderState::PackedCarton* Find(const v1::OrderState& state, const std::string& sscc) {
  const auto found =
      absl::c_find_if(state.cartons(), [&](const auto& packed) { return packed.carton().sscc() == sscc; });
  return found == state.cartons().end() ? nullptr : &*found;
}

// Whether a shipment with this carrier and number was lost, returned or cancelled.
bool HasFailed(const v1::OrderState& state, const std::string& carrier, const std::string& number) {
  return absl::c_any_of(state.shipments(), [&](const v1::OrderState::Shipment& shipment) {
    ShipmentName name;
    return ParseShipmentStream(shipment.shipment(), name) && name.carrier == carrier && name.number == number &&
           supplier::HasFailed(shipment.state());
  });
}

// Whether a shipment with this carrier and number has lines of the vendor.
bool SendsWith(const v1::OrderState& state, const std::string& vendor_id, const std::string& carrier,
               const std::string& number) {
  return absl::c_any_of(state.shipments(), [&](const v1::OrderState::Shipment& shipment) {
    ShipmentName name;
    if (!ParseShipmentStream(shipment.shipment(), name) || name.carrier != carrier || name.number != number) {
      return false;
    }
    return absl::c_any_of(state.lines(), [&](const v1::OrderState::Line& line) {
      return line.vendor_id() == vendor_id && absl::c_linear_search(shipment.line_ids(), line.line_id());
    });
  });
}

}  // namespace

char CheckDigitAfter(std::string_view digits) {
  int sum = 0, weight = 3;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    sum += (*digit - '0') * weight;
    weight = 4 - weight;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

std::string WrongSscc(std::string_view sscc) {
  const bool digits = absl::c_all_of(sscc, [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
  if (sscc.size() != kSsccDigits || !digits) return "is not 18 digits: give the SSCC without blanks and without (00)";
  const char right = CheckDigitAfter(sscc.substr(0, kSsccDigits - 1));
  if (sscc.back() == right) return "";
  return absl::StrCat("ends with ", std::string(1, sscc.back()), ", and its check digit is ", std::string(1, right),
                      ": read it again");
}

void CheckCartons(runtime::FieldViolations& bad, const v1::DispatchedUpdate& update) {
  std::set<std::string> seen;
  int serials = 0;
  for (const v1::Carton& carton : update.cartons()) serials += carton.serials_size();
  if (serials > kMostSerials) {
    bad.Add("dispatched.cartons", absl::StrCat("have ", serials, " serial numbers together, and at most ", kMostSerials,
                                               " are taken: leave out the others"));
    return;
  }
  for (int i = 0; i < update.cartons_size(); ++i) {
    const std::string path = absl::StrCat("dispatched.cartons[", i, "].");
    CheckCarton(bad, path, update.cartons(i));
    if (!seen.insert(update.cartons(i).sscc()).second) bad.Add(path + "sscc", "is a duplicate: give each carton once");
  }
  for (const auto& [line, quantity] : ContentsOf(update)) {
    const uint32_t said = QuantityIn(update.quantities(), line);
    if (said == 0 || said == quantity) continue;
    bad.Add("dispatched.cartons", absl::StrCat("contain ", quantity, " of line ", line, ", and `quantities` says ",
                                               said, ": correct one of them"));
  }
}

void CheckCartonLines(runtime::FieldViolations& bad, const v1::OrderState& state,
                      const v1::RecordVendorUpdateRequest& request) {
  const v1::DispatchedUpdate& update = request.dispatched();
  const bool named = !request.line_ids().empty(), counted = !update.quantities().empty();
  const auto check = [&](const std::string& path, const std::string& line_id) {
    const auto line = absl::c_find_if(state.lines(), [&](const auto& known) { return known.line_id() == line_id; });
    if (line == state.lines().end() || line->vendor_id() != request.vendor_id()) {
      bad.Add(path, absl::StrCat("is not a line of vendor ", request.vendor_id(), ": name one of its lines"));
    } else if (named ? !absl::c_linear_search(request.line_ids(), line_id)
                     : counted && !Mentions(update.quantities(), line_id)) {
      bad.Add(path, "is not a line of this shipment: name it there, too, or leave it out");
    }
  };
  for (int i = 0; i < update.cartons_size(); ++i) {
    const v1::Carton& carton = update.cartons(i);
    const std::string path = absl::StrCat("dispatched.cartons[", i, "].");
    for (int k = 0; k < carton.contents_size(); ++k) {
      check(absl::StrCat(path, "contents[", k, "].line_id"), carton.contents(k).line_id());
    }
    for (int k = 0; k < carton.serials_size(); ++k) {
      check(absl::StrCat(path, "serials[", k, "].line_id"), carton.serials(k).line_id());
    }
  }
}

void CountContents(v1::DispatchedUpdate& update) {
  for (const auto& [line, quantity] : ContentsOf(update)) {
    if (Mentions(update.quantities(), line)) continue;
    v1::LineQuantity& said = *update.add_quantities();
    said.set_line_id(line);
    said.set_quantity(static_cast<uint32_t>(std::min<uint64_t>(quantity, UINT32_MAX)));
  }
}

absl::Status CheckSsccs(const v1::OrderState& state, const v1::RecordVendorUpdateRequest& request,
                        const std::vector<std::string>& in_use) {
  const v1::DispatchedUpdate& update = request.dispatched();
  for (const v1::Carton& carton : update.cartons()) {
    const auto* known = Find(state, carton.sscc());
    const bool same = known == nullptr ||
                      (known->carrier() == update.carrier() && known->tracking_number() == update.tracking_number());
    if (!same && !HasFailed(state, known->carrier(), known->tracking_number())) {
      const bool own = SendsWith(state, request.vendor_id(), known->carrier(), known->tracking_number());
      const std::string with = own ? absl::StrCat(known->carrier(), " ", known->tracking_number()) : "another shipment";
      return runtime::Refuse(
          absl::StatusCode::kFailedPrecondition, "SSCC_IN_USE",
          absl::StrCat("carton ", carton.sscc(), " went with ", with, ": give each carton a number of its own"));
    }
    if (known != nullptr || !absl::c_linear_search(in_use, carton.sscc())) continue;
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "SSCC_IN_USE",
                           absl::StrCat("carton ", carton.sscc(),
                                        " was sent with another order within the last year: give each carton a number "
                                        "of its own"));
  }
  return absl::OkStatus();
}

absl::Status CheckMostCartons(const v1::OrderState& before, const v1::OrderState& after) {
  if (after.cartons_size() <= std::max(kMostCartons, before.cartons_size())) return absl::OkStatus();
  return runtime::BadField("dispatched.cartons", absl::StrCat("make more than ", kMostCartons,
                                                              " of the order: send this notice without cartons"));
}

void CopyCartons(const v1::DispatchedUpdate& update, v1::VendorDispatched& reported) {
  *reported.mutable_cartons() = update.cartons();
  std::set<std::pair<std::string_view, std::string_view>> known;
  for (const v1::PackedSerial& serial : update.serials()) known.emplace(serial.line_id(), serial.serial_number());
  for (const v1::Carton& carton : update.cartons()) {
    for (const v1::PackedSerial& serial : carton.serials()) {
      if (known.emplace(serial.line_id(), serial.serial_number()).second) *reported.add_serials() = serial;
    }
  }
}

void EvolveCartons(v1::OrderState& state, const v1::VendorDispatched& reported) {
  for (const v1::Carton& carton : reported.cartons()) {
    v1::OrderState::PackedCarton* packed = nullptr;
    for (auto& known : *state.mutable_cartons()) {
      if (known.carton().sscc() == carton.sscc()) packed = &known;
    }
    if (packed == nullptr) packed = state.add_cartons();
    *packed->mutable_carton() = carton;
    packed->set_carrier(reported.carrier());
    packed->set_tracking_number(reported.tracking_number());
  }
}

}  // namespace throughline::supplier
