// EDI X12 214, Transportation Carrier Shipment Status Message: per transaction set one parcel (B10), and in it loops of
// a status (AT7) with its place (MS1).

#include <array>

#include "absl/strings/str_cat.h"

#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {
namespace {

std::string Element(const NodeRef& segment, size_t index) {
  Problems none;
  return segment.At(index).Text(none, 256);
}

// What is read of one status alone: its interchange with this loop only.
std::string Alone(const NodeRef& root, const std::vector<size_t>& segments) {
  Node alone{Node::Kind::kArray, root.value()->text, {}};
  for (const size_t i : segments) alone.members.push_back(root.value()->members[i]);
  return alone.ToX12();
}

// Codes of X12 element 623 that name one offset; ET and the like leave open whether it is summer.
std::optional<int> OffsetOf(const std::string& code) {
  static constexpr std::array<std::pair<std::string_view, int>, 10> kKnown = {{{"UT", 0},
                                                                               {"GM", 0},
                                                                               {"ES", -300},
                                                                               {"ED", -240},
                                                                               {"CS", -360},
                                                                               {"CD", -300},
                                                                               {"MS", -420},
                                                                               {"MD", -360},
                                                                               {"PS", -480},
                                                                               {"PD", -420}}};
  for (const auto& [name, minutes] : kKnown) {
    if (code == name) return minutes;
  }
  return std::nullopt;
}

// Reasons (X12 element 1651) that tell against a delivery, in words.
std::string_view WordsOfReason(const std::string& code) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kKnown = {{
      {"A1", "missed delivery"},
      {"A2", "incorrect address, not delivered"},
      {"A5", "unable to locate, not delivered"},
      {"A6", "address corrected, delivery attempted"},
      {"AD", "delivery rescheduled: customer requested future delivery"},
      {"AQ", "recipient unavailable, delivery delayed"},
      {"AS", "held at customs"},
      {"B1", "consignee closed, not delivered"},
      {"BF", "carrier keying error, delayed"},
      {"BS", "refused by customer"},
      {"BT", "returned to shipper"},
      {"C1", "waiting for customer pickup: to be picked up"},
      {"C7", "unable to contact recipient, not delivered"},
      {"P1", "processing delayed"},
  }};
  for (const auto& [name, words] : kKnown) {
    if (code == name) return words;
  }
  return "";
}

void ReadStatus(const NodeRef& at7, const std::optional<NodeRef>& ms1, Draft& draft) {
  // The appointment's status stands in the third element, if there is no shipment's.
  const bool shipment = !Element(at7, 1).empty();
  const std::string code = Element(at7, shipment ? 1 : 3);
  draft.SetCode("x12/214", "", code);
  draft.event.mutable_code()->set_type(shipment ? "" : "appointment");
  draft.beside.words = std::string(WordsOfReason(Element(at7, shipment ? 2 : 4)));
  if (ms1) draft.SetPlace({.city = ms1->At(1), .region = ms1->At(2), .country = ms1->At(3)});
  draft.SetLocal(at7.At(5), at7.At(6));
  const std::string zone = Element(at7, 7);
  if (draft.time.local && !zone.empty()) draft.time_text += " " + zone;
  if (draft.time.local) draft.time.offset_minutes = OffsetOf(zone);
  // Estimates of the arrival: no scan.
  draft.eta_only = code == "AG" || code == "X2";
}

}  // namespace

void ReadEdi214(Payload& payload) {
  const NodeRef& root = payload.root();
  const size_t size = root.value()->members.size();
  std::vector<size_t> head;  // ISA and GS
  size_t begin = size;       // ST of the transaction set
  for (size_t i = 0; i < size; ++i) {
    const std::string name = Element(root.At(i), 0);
    if (name == "ISA" || name == "GS") head.push_back(i);
    if (name == "ST") begin = i;
    if (name != "SE" || begin == size) continue;
    const size_t first = begin, end = i;
    begin = size;
    if (Element(root.At(first), 1) != "214") continue;
    size_t b10 = end;
    for (size_t at = first; at < end && b10 == end; ++at) {
      if (Element(root.At(at), 0) == "B10") b10 = at;
    }
    const NodeRef set = root.At(b10);
    std::vector<size_t> tail = {end};
    for (size_t at = end; at < size; ++at) {
      const std::string closing = Element(root.At(at), 0);
      if (closing == "GE" || closing == "IEA") tail.push_back(at);
    }
    const std::string carrier = b10 == end ? "x12" : payload.CarrierNamed("edi-214", set.At(3));
    if (!payload.problems.ok()) return;
    payload.AddParcel(set, carrier, set.At(1), [&](Parcel& parcel) {
      parcel.map = "edi-214";
      for (size_t at = b10; at < end; ++at) {
        if (Element(root.At(at), 0) != "AT7") continue;
        std::optional<NodeRef> place;
        std::vector<size_t> alone = head;
        alone.insert(alone.end(), {first, b10, at});
        if (at + 1 < end && Element(root.At(at + 1), 0) == "MS1") {
          place = root.At(at + 1);
          alone.push_back(at + 1);
        }
        alone.insert(alone.end(), tail.begin(), tail.end());
        parcel.AddScan(root.At(at), [&](Draft& draft) {
          ReadStatus(root.At(at), place, draft);
          draft.raw = Alone(root, alone);
        });
      }
    });
  }
}

}  // namespace throughline::supplier
