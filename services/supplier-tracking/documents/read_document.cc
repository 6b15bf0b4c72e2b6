#include "services/supplier-tracking/documents/read_document.h"

#include <map>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "libs/server/checks/field_rules.h"
#include "services/supplier-tracking/carriers/formats/node.h"

namespace throughline::supplier {
namespace {

using Members = std::map<std::string_view, std::vector<std::string>>;
using Request = v1::RecordVendorUpdateRequest;

// The definitions of the schema, and the members of each.
const Members& AllMembers() {
  static const auto& members = *new Members{
      {"document",
       {"kind", "order", "stated_at", "lines", "reason", "reference", "expected_dispatch", "expected_restock",
        "expected_delivery", "carrier", "tracking_number", "hand_over", "serials", "cartons", "parts", "substitute"}},
      {"line", {"line", "quantity"}},
      {"serial", {"line", "serial_number"}},
      {"carton", {"sscc", "contents", "serials"}},
      {"part", {"quantity", "expected_dispatch", "expected_delivery"}},
      {"substitute", {"sku", "description", "quantity", "expected_dispatch", "expected_delivery"}},
  };
  return members;
}

// The members that a kind has besides `kind`, `order`, `stated_at` and `lines`.
const Members& MembersOfKinds() {
  static const auto& members = *new Members{
      {"acknowledged", {"reference", "expected_dispatch", "expected_delivery"}},
      {"backordered", {"reason", "expected_restock", "expected_delivery"}},
      {"delayed", {"reason", "expected_dispatch", "expected_delivery"}},
      {"dispatched", {"carrier", "tracking_number", "hand_over", "expected_delivery", "serials", "cartons"}},
      {"short_shipped", {"reason", "expected_restock", "expected_delivery"}},
      {"refused", {"reason"}},
      {"split", {"reason", "parts"}},
      {"substituted", {"reason", "substitute"}},
  };
  return members;
}

class Reader {
 public:
  explicit Reader(const Node& root) : root_(root) {}

  absl::StatusOr<Request> Read() {
    root_.ExpectObject(problems_);
    Request request;
    if (problems_.ok()) {
      ExpectMembers(root_, "document");
      const std::string kind = root_["kind"].Required(problems_);
      if (problems_.ok()) ReadKind(kind, request);
    }
    if (!problems_.ok()) return problems_.ToStatus();
    return request;
  }

 private:
  void ExpectMembers(const NodeRef& at, std::string_view object) {
    if (!at.present()) return;
    at.ExpectObject(problems_);
    if (!problems_.ok()) return;
    const std::vector<std::string>& known = AllMembers().at(object);
    for (const Node::Member& member : at.value()->members) {
      if (absl::c_linear_search(known, member.name)) continue;
      problems_.Add(at.path(), absl::StrCat("has a member `", member.name.substr(0, kShown),
                                            "` that the schema does not: use ", absl::StrJoin(known, ", ")));
    }
  }

  void ReadKind(const std::string& kind, Request& request) {
    const auto found = MembersOfKinds().find(kind);
    if (found == MembersOfKinds().end()) {
      problems_.Add(
          "kind", absl::StrCat("is `", kind.substr(0, kShown), "`: use one of ", absl::StrJoin(DocumentKinds(), ", ")));
      return;
    }
    for (const Node::Member& member : root_.value()->members) {
      const bool common =
          member.name == "kind" || member.name == "order" || member.name == "stated_at" || member.name == "lines";
      if (common || absl::c_linear_search(found->second, member.name)) continue;
      problems_.Add(member.name, absl::StrCat("does not belong to a document of the kind ", kind, ": leave it out"));
    }
    request.set_order_id(root_["order"].Required(problems_));
    if (const auto time = Time(root_["stated_at"], true)) *request.mutable_stated_at() = *time;
    const bool counted = kind == "dispatched" || kind == "short_shipped";
    ReadLines(request, counted, kind);
    if (kind == "acknowledged") return Read(*request.mutable_acknowledged());
    if (kind == "backordered") return Read(*request.mutable_backordered());
    if (kind == "delayed") return Read(*request.mutable_delayed());
    if (kind == "dispatched") return Read(*request.mutable_dispatched());
    if (kind == "short_shipped") return Read(*request.mutable_short_shipped());
    if (kind == "refused") return request.mutable_refused()->set_reason(Reason());
    if (kind == "split") return Read(*request.mutable_split());
    return Read(*request.mutable_substituted());
  }

  void ReadLines(Request& request, bool counted, const std::string& kind) {
    for (const NodeRef& at : Elements(root_, "lines")) {
      ExpectMembers(at, "line");
      const std::string line = at["line"].Required(problems_);
      request.add_line_ids(line);
      if (!at["quantity"].present()) continue;
      if (!counted) {
        problems_.Add(at["quantity"].path(), absl::StrCat("does not belong to a document of the kind ", kind,
                                                          ": leave it out, or divide the line by a split"));
        return;
      }
      v1::LineQuantity& said = *(kind == "dispatched" ? request.mutable_dispatched()->add_quantities()
                                                      : request.mutable_short_shipped()->add_quantities());
      said.set_line_id(line);
      said.set_quantity(Number(at["quantity"]));
    }
  }

  template <typename Update>
  void ReadDelivery(const NodeRef& at, Update& update) {
    const NodeRef said = at["expected_delivery"];
    if (!said.present()) return;
    const std::string text = said.Text(problems_);
    absl::CivilDay day;
    if (absl::ParseCivilTime(text, &day)) {
      update.mutable_expected_delivery()->set_date(absl::FormatCivilTime(day));
    } else if (const auto time = Time(said, false)) {
      *update.mutable_expected_delivery()->mutable_latest() = *time;
    }
  }

  void Read(v1::AcknowledgedUpdate& update) {
    if (root_["reference"].present()) update.set_vendor_reference(root_["reference"].Required(problems_));
    if (const auto time = Time(root_["expected_dispatch"], false)) *update.mutable_expected_dispatch() = *time;
    ReadDelivery(root_, update);
  }
  void Read(v1::BackorderedUpdate& update) {
    update.set_reason(root_["reason"].Text(problems_, kTextBytes));
    if (const auto time = Time(root_["expected_restock"], false)) *update.mutable_expected_restock() = *time;
    ReadDelivery(root_, update);
  }
  void Read(v1::DelayedUpdate& update) {
    update.set_reason(Reason());
    if (const auto time = Time(root_["expected_dispatch"], false)) *update.mutable_expected_dispatch() = *time;
    ReadDelivery(root_, update);
  }
  void Read(v1::ShortShippedUpdate& update) {
    update.set_reason(Reason());
    if (const auto time = Time(root_["expected_restock"], false)) *update.mutable_expected_restock() = *time;
    ReadDelivery(root_, update);
  }
  void Read(v1::DispatchedUpdate& update) {
    update.set_carrier(root_["carrier"].Required(problems_));
    update.set_tracking_number(root_["tracking_number"].Required(problems_));
    update.set_hand_over(root_["hand_over"].Flag(problems_));
    ReadDelivery(root_, update);
    ReadSerials(root_, *update.mutable_serials());
    for (const NodeRef& at : Elements(root_, "cartons")) {
      ExpectMembers(at, "carton");
      v1::Carton& carton = *update.add_cartons();
      carton.set_sscc(at["sscc"].Required(problems_));
      for (const NodeRef& part : Elements(at, "contents")) {
        ExpectMembers(part, "line");
        v1::LineQuantity& said = *carton.add_contents();
        said.set_line_id(part["line"].Required(problems_));
        said.set_quantity(Number(part["quantity"]));
      }
      ReadSerials(at, *carton.mutable_serials());
    }
  }
  void Read(v1::SplitUpdate& update) {
    update.set_reason(root_["reason"].Text(problems_, kTextBytes));
    for (const NodeRef& at : Elements(root_, "parts")) {
      ExpectMembers(at, "part");
      v1::SplitPart& part = *update.add_parts();
      part.set_quantity(Number(at["quantity"]));
      if (const auto time = Time(at["expected_dispatch"], false)) *part.mutable_expected_dispatch() = *time;
      ReadDelivery(at, part);
    }
  }
  void Read(v1::SubstitutedUpdate& update) {
    update.set_reason(Reason());
    const NodeRef at = root_["substitute"];
    if (!at.present()) problems_.Add("substitute", "is missing: say what is offered");
    ExpectMembers(at, "substitute");
    update.set_sku(at["sku"].Required(problems_));
    update.set_description(at["description"].Required(problems_, kLineBytes));
    if (at["quantity"].present()) update.set_quantity(Number(at["quantity"]));
    if (const auto time = Time(at["expected_dispatch"], false)) *update.mutable_expected_dispatch() = *time;
    ReadDelivery(at, update);
  }

  void ReadSerials(const NodeRef& from, google::protobuf::RepeatedPtrField<v1::PackedSerial>& serials) {
    for (const NodeRef& at : Elements(from, "serials")) {
      ExpectMembers(at, "serial");
      v1::PackedSerial& serial = *serials.Add();
      serial.set_line_id(at["line"].Required(problems_));
      serial.set_serial_number(at["serial_number"].Required(problems_));
    }
  }

  // Those of an array; none if it is absent.
  std::vector<NodeRef> Elements(const NodeRef& from, std::string_view name) {
    const NodeRef list = from[name];
    std::vector<NodeRef> elements;
    const size_t count = list.Size(problems_);
    for (size_t i = 0; i < count && problems_.ok(); ++i) elements.push_back(list.At(i));
    return elements;
  }

  std::string Reason() { return root_["reason"].Required(problems_, kTextBytes); }

  // 1 to what 32 bits hold.
  uint32_t Number(const NodeRef& at) {
    const std::string text = at.Required(problems_);
    uint32_t number = 0;
    const bool is_number = at.value() != nullptr && at.value()->kind == Node::Kind::kNumber;
    if (!text.empty() && (!is_number || !absl::SimpleAtoi(text, &number) || number == 0)) {
      problems_.Add(at.path(), "is not a whole number from 1 on: give how many");
    }
    return number;
  }

  // A moment of RFC 3339 with its offset.
  std::optional<google::protobuf::Timestamp> Time(const NodeRef& at, bool required) {
    if (!at.present() && !required) return std::nullopt;
    const std::string text = at.Required(problems_);
    if (text.empty()) return std::nullopt;
    absl::Time time;
    std::string error;
    const bool is_text = at.value() != nullptr && at.value()->kind == Node::Kind::kText;
    if (!is_text || !absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
      problems_.Add(at.path(), "is not a time with an offset: write it as 2026-12-03T10:00:00+01:00");
      return std::nullopt;
    }
    return runtime::ToProto(time);
  }

  static constexpr size_t kShown = 32;
  static constexpr size_t kLineBytes = 512;
  static constexpr size_t kTextBytes = 16 << 10;

  const NodeRef root_;
  Problems problems_;
};

}  // namespace

std::vector<std::string> DocumentKinds() {
  std::vector<std::string> kinds;
  for (const auto& [kind, members] : MembersOfKinds()) kinds.emplace_back(kind);
  return kinds;
}

std::vector<std::string> DocumentMembers(std::string_view object) {
  const auto found = AllMembers().find(object);
  return found == AllMembers().end() ? std::vector<std::string>() : found->second;
}

absl::StatusOr<Request> ReadDocument(const std::string& vendor_id, std::string_view body) {
  absl::StatusOr<Node> json = Node::ParseJson(body);
  if (!json.ok()) return json.status();
  absl::StatusOr<Request> request = Reader(*json).Read();
  if (!request.ok()) return request.status();
  request->set_vendor_id(vendor_id);
  // The server checks the fields of requests; the strings of a document must be checked here.
  static const server::FieldRules rules(*Request::descriptor());
  runtime::FieldViolations bad;
  rules.Check(*request, "", {}, bad);
  if (!bad.empty()) return bad.ToStatus();
  return request;
}

}  // namespace throughline::supplier
