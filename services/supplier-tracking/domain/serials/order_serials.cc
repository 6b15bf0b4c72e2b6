#include "services/supplier-tracking/domain/serials/order_serials.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/order_shipments.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {
namespace {

using Line = v1::OrderState::Line;

Line* MutableLineOf(v1::OrderState& state, const std::string& line_id) {
  const auto found =
      absl::c_find_if(*state.mutable_lines(), [&](const Line& line) { return line.line_id() == line_id; });
  return found == state.mutable_lines()->end() ? nullptr : &*found;
}

const Line* LineOf(const v1::OrderState& state, const std::string& line_id) {
  const auto found = absl::c_find_if(state.lines(), [&](const Line& line) { return line.line_id() == line_id; });
  return found == state.lines().end() ? nullptr : &*found;
}

v1::SerialUnit& UnitIn(Line& line, uint32_t number) {
  auto& units = *line.mutable_units();
  int at = 0;
  while (at < units.size() && units[at].unit() < number) ++at;
  if (at < units.size() && units[at].unit() == number) return units[at];
  units.Add()->set_unit(number);
  for (int i = units.size() - 1; i > at; --i) units.SwapElements(i, i - 1);
  return units[at];
}

// The packed numbers, once all of them are known.
std::set<std::string> PackedOf(const Line& line) {
  std::set<std::string> packed;
  for (const std::string& number : line.packed()) packed.insert(SerialKey(number));
  if (packed.size() < line.ordered()) packed.clear();
  return packed;
}

std::string Shown(const Line& line, const v1::SerialUnit& unit) {
  std::vector<std::string> parts;
  if (!line.packed().empty()) {
    constexpr int kShown = 3;
    const int count = line.packed_size();
    const std::vector<std::string> first(line.packed().begin(), line.packed().begin() + std::min(count, kShown));
    parts.push_back(absl::StrCat("packed ", absl::StrJoin(first, ", "),
                                 count > kShown ? absl::StrCat(" and ", count - kShown, " others") : ""));
  }
  if (!unit.box().empty()) parts.push_back(absl::StrCat("on the box ", unit.box()));
  if (!unit.device().empty()) parts.push_back(absl::StrCat("on the device ", unit.device()));
  return absl::StrCat("line ", line.line_id(), ", article ", line.sku(), " of vendor ", line.vendor_id(),
                      line.ordered() > 1 ? absl::StrCat(", number ", unit.unit()) : "", ": ",
                      absl::StrJoin(parts, ", "));
}

bool Fits(const std::set<std::string>& packed, const v1::SerialUnit& unit) {
  const std::string box = SerialKey(unit.box()), device = SerialKey(unit.device());
  if (!box.empty() && !device.empty() && box != device) return false;
  if (packed.empty()) return true;
  return (box.empty() || packed.contains(box)) && (device.empty() || packed.contains(device));
}

// The evidence of a mismatch: other numbers are other evidence.
std::string KeyOf(const Line& line) {
  std::vector<std::string> parts;
  for (const std::string& number : line.packed()) parts.push_back(SerialKey(number));
  for (const v1::SerialUnit& unit : line.units()) {
    parts.push_back(absl::StrCat(unit.unit(), "/", SerialKey(unit.box()), "/", SerialKey(unit.device())));
  }
  return absl::StrJoin(parts, " ");
}

v1::OrderConcern ConcernOf(const Line& line, const std::string& mismatch, absl::Time at) {
  v1::OrderConcern concern;
  concern.set_kind(v1::CONCERN_KIND_SERIAL_MISMATCH);
  concern.set_about(absl::StrCat("line/", line.line_id()));
  concern.set_text(mismatch);
  *concern.mutable_since() = runtime::ToProto(at);
  concern.set_key(KeyOf(line));
  concern.set_fault(absl::StrCat("serial-mismatch/", line.vendor_id(), "/", line.sku()));
  return concern;
}

absl::Status Check(const v1::RecordSerialRequest& request) {
  runtime::FieldViolations bad;
  RequireText(bad, "order_id", request.order_id());
  RequireText(bad, "line_id", request.line_id());
  if (request.place() == v1::SERIAL_PLACE_UNSPECIFIED) {
    bad.Add("place", "is not set: say whether it was packed so, is on the box, or is on the device");
  }
  if (SerialKey(request.serial_number()).empty()) {
    bad.Add("serial_number", "has neither letters nor digits: give the number as it stands there");
  }
  return bad.ToStatus();
}

}  // namespace

std::string SerialKey(std::string_view number) {
  std::string key;
  for (const char c : number) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) key += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  return key;
}

std::string MismatchOf(const Line& line) {
  const std::set<std::string> packed = PackedOf(line);
  for (const v1::SerialUnit& unit : line.units()) {
    if (!Fits(packed, unit)) return Shown(line, unit);
  }
  return "";
}

void AddSerialEvents(const v1::OrderState& before, absl::Time at, std::vector<v1::OrderEvent>& events) {
  v1::OrderState after = before;
  for (const auto& event : events) Order::Evolve(after, event);
  std::vector<v1::OrderEvent> more;
  for (const Line& line : after.lines()) {
    const std::string mismatch = MismatchOf(line);
    const std::string about = absl::StrCat("line/", line.line_id());
    const bool open = FindConcern(after, v1::CONCERN_KIND_SERIAL_MISMATCH, about) != nullptr;
    if (!mismatch.empty() && !open) {
      auto raised = Order::Decide(after, RaiseConcern{ConcernOf(line, mismatch, at)}, runtime::Caller());
      if (raised.ok()) absl::c_move(*raised, std::back_inserter(more));
    } else if (mismatch.empty() && open) {
      v1::OrderConcernCleared& cleared = *more.emplace_back().mutable_concern_cleared();
      cleared.set_kind(v1::CONCERN_KIND_SERIAL_MISMATCH);
      cleared.set_about(about);
      cleared.set_evidence(absl::StrCat("the serial numbers of line ", line.line_id(), " fit together"));
    }
  }
  absl::c_move(more, std::back_inserter(events));
}

Order::Decision Order::Decide(const State& state, const v1::RecordSerialRequest& request,
                              const runtime::Caller& caller) {
  if (absl::Status status = Check(request); !status.ok()) return status;
  const Line* line = LineOf(state, request.line_id());
  // A vendor learns nothing about other orders and lines than its own.
  if (!runtime::RequireParty(caller, line == nullptr ? "" : line->vendor_id()).ok()) {
    return runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_YOUR_PARTY",
                           absl::StrCat("`", caller.party,
                                        "` has no such line in this order: record the numbers of its "
                                        "own lines"));
  }
  if (state.order_id().empty()) return OrderUnknown(request.order_id());
  if (line == nullptr) {
    return runtime::BadField("line_id", "is not a line of the order: name one of its lines");
  }
  const uint32_t unit = request.unit() == 0 ? 1 : request.unit();
  if (unit > line->ordered()) {
    return runtime::BadField("unit", absl::StrCat("is more than the ", line->ordered(),
                                                  " that were ordered: give the number of the article in its line"));
  }
  std::vector<Event> events(1);
  auto& recorded = *events.front().mutable_serial_recorded();
  recorded.set_line_id(request.line_id());
  recorded.set_unit(unit);
  recorded.set_place(request.place());
  recorded.set_serial_number(request.serial_number());
  recorded.set_by(caller.id);
  State after = state;
  Evolve(after, events.front());
  if (Same(after, state)) return std::vector<Event>();
  AddSerialEvents(state, caller.time, events);
  return events;
}

void EvolveSerials(v1::OrderState& state, const v1::SerialRecorded& recorded) {
  Line* line = MutableLineOf(state, recorded.line_id());
  if (line == nullptr) return;
  switch (recorded.place()) {
    case v1::SERIAL_PLACE_PACKED: {
      const int at = static_cast<int>(recorded.unit()) - 1;
      if (at < line->packed_size()) {
        line->set_packed(at, recorded.serial_number());
      } else {
        line->add_packed(recorded.serial_number());
      }
      return;
    }
    case v1::SERIAL_PLACE_BOX:
      UnitIn(*line, recorded.unit()).set_box(recorded.serial_number());
      return;
    case v1::SERIAL_PLACE_DEVICE:
      UnitIn(*line, recorded.unit()).set_device(recorded.serial_number());
      return;
    default:
      return;
  }
}

void EvolveSerials(v1::OrderState& state, const v1::VendorDispatched& dispatched) {
  std::map<std::string, std::set<std::string>> packed;  // by line
  for (const v1::PackedSerial& serial : dispatched.serials()) {
    Line* line = MutableLineOf(state, serial.line_id());
    if (line == nullptr) continue;
    const auto [at, first] = packed.try_emplace(serial.line_id());
    std::set<std::string>& known = at->second;
    if (first) known.insert(line->packed().begin(), line->packed().end());
    if (!known.insert(serial.serial_number()).second) continue;
    line->add_packed(serial.serial_number());
    // A vendor that names more than were ordered corrects what it had said.
    const int surplus = line->packed_size() - static_cast<int>(line->ordered());
    for (int i = 0; i < surplus; ++i) known.erase(line->packed(i));
    if (surplus > 0) line->mutable_packed()->DeleteSubrange(0, surplus);
  }
}

}  // namespace throughline::supplier
