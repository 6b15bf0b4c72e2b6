// X12: the separators stand in the fixed-width ISA segment: the element separator is its 4th byte, the segment
// terminator its 106th (X12.5, Interchange Control Structures).

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "services/supplier-tracking/carriers/formats/node.h"

namespace throughline::supplier {
namespace {

constexpr size_t kIsaBytes = 106;

}  // namespace

absl::StatusOr<Node> Node::ParseX12(std::string_view bytes) {
  if (absl::Status status = CheckPayloadSize(bytes); !status.ok()) return status;
  if (bytes.size() < kIsaBytes || bytes.substr(0, 3) != "ISA") return UnreadablePayload("is not X12: it has no ISA");
  const char element = bytes[3], terminator = bytes[kIsaBytes - 1];
  const std::string_view isa = bytes.substr(0, kIsaBytes);
  if (absl::ascii_isalnum(static_cast<unsigned char>(element)) || element == terminator ||
      absl::ascii_isalnum(static_cast<unsigned char>(terminator)) || isa.find(terminator) != kIsaBytes - 1 ||
      std::count(isa.begin(), isa.end(), element) != 16) {
    return UnreadablePayload("is not X12: its ISA is not 106 bytes long");
  }
  Node root{Kind::kArray, std::string{element, terminator}, {}};
  size_t values = 0;
  for (size_t at = 0; at < bytes.size();) {
    while (at < bytes.size() && absl::ascii_isspace(static_cast<unsigned char>(bytes[at])) && bytes[at] != terminator) {
      ++at;
    }
    const size_t end = bytes.find(terminator, at);
    if (at == bytes.size()) break;
    if (end == std::string_view::npos) return UnreadablePayload("is cut off: its last segment has no end");
    std::string_view rest = bytes.substr(at, end - at);
    at = end + 1;
    if (rest.empty()) continue;
    Node segment{Kind::kArray, "", {}};
    for (bool more = true; more;) {
      const size_t next = rest.find(element);
      more = next != std::string_view::npos;
      if (++values > kMaxValues) return UnreadablePayload(absl::StrCat("has more than ", kMaxValues, " values"));
      segment.members.push_back({"", {Kind::kText, std::string(rest.substr(0, next)), {}}});
      if (more) rest.remove_prefix(next + 1);
    }
    root.members.push_back({"", std::move(segment)});
  }
  if (root.members.back().value.members[0].value.text != "IEA") {
    return UnreadablePayload("is cut off: it has no IEA at its end");
  }
  return root;
}

std::string Node::ToX12() const {
  // With the separators with which it was read.
  const char element = text.size() == 2 ? text[0] : '*', terminator = text.size() == 2 ? text[1] : '~';
  std::string out;
  for (const auto& [name, segment] : members) {
    for (size_t i = 0; i < segment.members.size(); ++i) {
      if (i > 0) out += element;
      out += segment.members[i].value.text;
    }
    out += terminator;
  }
  return out;
}

}  // namespace throughline::supplier
