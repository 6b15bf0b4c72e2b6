#include <cstring>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "libs/server/checks/utf8.h"
#include "pugixml.hpp"
#include "services/supplier-tracking/carriers/formats/node.h"

namespace throughline::supplier {
namespace {

std::string LocalName(const char* name) {
  const char* colon = std::strrchr(name, ':');
  if (colon == nullptr) return name;
  // What cannot begin a name is no local name.
  const unsigned char first = static_cast<unsigned char>(colon[1]);
  return absl::ascii_isalpha(first) || first == '_' || first >= 0x80 ? colon + 1 : name;
}

// Walks the library's tree, which has neither depth limit nor namespaces.
class Walk {
 public:
  // The element as a value; sets `why` if a bound is exceeded.
  Node Element(const pugi::xml_node& element, size_t depth) {
    Node node;
    if (++count_ > kMaxValues) Stop(absl::StrCat("has more than ", kMaxValues, " values"));
    if (depth > kMaxDepth) Stop(absl::StrCat("is nested more than ", kMaxDepth, " levels deep"));
    if (!why.empty()) return node;
    std::string text;
    for (const pugi::xml_attribute& attribute : element.attributes()) {
      if (std::strncmp(attribute.name(), "xmlns", 5) == 0) continue;
      if (++count_ > kMaxValues) Stop(absl::StrCat("has more than ", kMaxValues, " values"));
      node.members.push_back(
          {absl::StrCat("@", LocalName(attribute.name())), {Node::Kind::kText, attribute.value(), {}}});
    }
    for (const pugi::xml_node& child : element.children()) {
      if (child.type() == pugi::node_element) {
        node.members.push_back({LocalName(child.name()), Element(child, depth + 1)});
      } else if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
        text += child.value();
      }
    }
    text = std::string(absl::StripAsciiWhitespace(text));
    if (node.members.empty()) {
      node.kind = Node::Kind::kText;
      node.text = std::move(text);
      return node;
    }
    node.kind = Node::Kind::kObject;
    if (!text.empty()) node.members.push_back({"#text", {Node::Kind::kText, std::move(text), {}}});
    return node;
  }

  void Stop(std::string reason) {
    if (why.empty()) why = std::move(reason);
  }

  std::string why;

 private:
  size_t count_ = 0;
};

void AppendEscaped(std::string& out, const std::string& text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\t':
      case '\n':
      case '\r':
        absl::StrAppend(&out, "&#", static_cast<int>(c), ";");
        break;
      default:
        out += c;
    }
  }
}

void AppendElement(std::string& out, const std::string& name, const Node& node) {
  absl::StrAppend(&out, "<", name);
  for (const auto& [key, value] : node.members) {
    if (key.empty() || key[0] != '@') continue;
    absl::StrAppend(&out, " ", key.substr(1), "=\"");
    AppendEscaped(out, value.text);
    out += '"';
  }
  out += '>';
  AppendEscaped(out, node.text);
  for (const auto& [key, value] : node.members) {
    if (key == "#text") {
      AppendEscaped(out, value.text);
    } else if (!key.empty() && key[0] != '@') {
      AppendElement(out, key, value);
    }
  }
  absl::StrAppend(&out, "</", name, ">");
}

}  // namespace

absl::StatusOr<Node> Node::ParseXml(std::string_view bytes) {
  if (absl::Status status = CheckPayloadSize(bytes); !status.ok()) return status;
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_buffer(
      bytes.data(), bytes.size(), pugi::parse_default | pugi::parse_doctype | pugi::parse_declaration);
  if (!result) {
    return UnreadablePayload(
        absl::StrCat("is not XML from byte ", static_cast<int64_t>(result.offset), " on (", result.description(), ")"));
  }
  pugi::xml_node top;
  for (const pugi::xml_node& child : document.children()) {
    if (child.type() == pugi::node_doctype) return UnreadablePayload("has a document type, which is not allowed");
    if (child.type() != pugi::node_element) continue;
    if (top) return UnreadablePayload("has two document elements");
    top = child;
  }
  if (!top) return UnreadablePayload("has no document element");
  Walk walk;
  Node root{Kind::kObject, "", {}};
  root.members.push_back({LocalName(top.name()), walk.Element(top, 1)});
  if (!walk.why.empty()) return UnreadablePayload(walk.why);
  return root;
}

std::string Node::ToXml() const {
  std::string out;
  for (const auto& [name, value] : members) AppendElement(out, name, value);
  return out;
}

}  // namespace throughline::supplier
