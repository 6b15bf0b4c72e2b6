#include "services/supplier-tracking/carriers/formats/node.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/refusal.h"

namespace throughline::supplier {
namespace {

const char* Name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kNull:
      return "null";
    case Node::Kind::kBool:
      return "true or false";
    case Node::Kind::kNumber:
      return "a number";
    case Node::Kind::kText:
      return "a text";
    case Node::Kind::kArray:
      return "an array";
    case Node::Kind::kObject:
      return "an object";
  }
  return "something else";
}

}  // namespace

absl::Status UnreadablePayload(const std::string& what) {
  return runtime::BadField("body", absl::StrCat(what, ": send the carrier's payload byte for byte"));
}

absl::Status CheckPayloadSize(std::string_view bytes) {
  if (bytes.empty()) return UnreadablePayload("is empty");
  if (bytes.size() <= kMaxPayloadBytes) return absl::OkStatus();
  return runtime::BadField("body", absl::StrCat("has ", bytes.size(), " bytes: at most ", kMaxPayloadBytes));
}

const Node* Node::Find(std::string_view name) const {
  if (kind != Kind::kObject) return nullptr;
  for (const auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

size_t Node::Count(std::string_view name) const {
  size_t count = 0;
  if (kind == Kind::kObject) {
    for (const auto& [key, value] : members) count += key == name;
  }
  return count;
}

void Problems::Add(const std::string& path, const std::string& what) {
  if (status_.ok()) status_ = runtime::BadField(path, what);
}

NodeRef::NodeRef(const NodeRef& parent, const Node* value, std::string path)
    : chain_(parent.chain_), path_(std::move(path)) {
  chain_.push_back(value);
}

NodeRef NodeRef::operator[](std::string_view name) const {
  NodeRef member(*this, value() == nullptr ? nullptr : value()->Find(name),
                 path_.empty() ? std::string(name) : absl::StrCat(path_, ".", std::string(name)));
  if (member.value() != nullptr && value()->Count(name) > 1) {
    member.chain_.back() = nullptr;
    member.twice_ = true;
  }
  // What is wrong with an object is wrong with its members.
  if (twice_) member.twice_ = true;
  return member;
}

NodeRef NodeRef::At(size_t index) const {
  const bool exists = value() != nullptr && value()->kind == Node::Kind::kArray && index < value()->members.size();
  return NodeRef(*this, exists ? &value()->members[index].value : nullptr, absl::StrCat(path_, "[", index, "]"));
}

std::vector<NodeRef> NodeRef::All(std::string_view name, Problems& problems) const {
  std::vector<NodeRef> all;
  if (twice_) problems.Add(path(), "is given twice: only one is expected");
  if (value() == nullptr || value()->kind != Node::Kind::kObject) return all;
  const size_t count = value()->Count(name);
  const std::string path = path_.empty() ? std::string(name) : absl::StrCat(path_, ".", std::string(name));
  for (const auto& [key, member] : value()->members) {
    if (key != name || member.kind == Node::Kind::kNull) continue;
    const bool array = member.kind == Node::Kind::kArray;
    if (array && count > 1) problems.Add(path, "is given twice: only one is expected");
    if (array) {
      const NodeRef list(*this, &member, path);
      for (size_t i = 0; i < member.members.size(); ++i) all.push_back(list.At(i));
    } else if (member.kind == Node::Kind::kObject) {
      all.push_back(NodeRef(*this, &member, count == 1 ? path : absl::StrCat(path, "[", all.size(), "]")));
    } else if (!member.text.empty()) {
      problems.Add(path, absl::StrCat("is ", Name(member.kind), ": must be an array"));
    }
  }
  return all;
}

size_t NodeRef::Size(Problems& problems) const {
  if (!present()) return 0;
  if (twice_) {
    problems.Add(path(), "is given twice: only one is expected");
    return 0;
  }
  if (value()->kind == Node::Kind::kArray) return value()->members.size();
  problems.Add(path(), absl::StrCat("is ", Name(value()->kind), ": must be an array"));
  return 0;
}

void NodeRef::ExpectObject(Problems& problems) const {
  if (!present()) return problems.Add(path(), "is missing: must be an object");
  if (twice_) return problems.Add(path(), "is given twice: only one is expected");
  if (value()->kind != Node::Kind::kObject) {
    problems.Add(path(), absl::StrCat("is ", Name(value()->kind), ": must be an object"));
  }
}

std::string NodeRef::Text(Problems& problems, size_t max) const {
  if (!present()) return "";
  if (twice_) {
    problems.Add(path(), "is given twice: only one is expected");
    return "";
  }
  const Node* at = value();
  if (at->kind == Node::Kind::kObject) {
    if (const Node* own = at->Find("#text")) at = own;  // of an XML element with attributes
  }
  if (at->kind != Node::Kind::kText && at->kind != Node::Kind::kNumber) {
    problems.Add(path(), absl::StrCat("is ", Name(at->kind), ": must be a text"));
    return "";
  }
  if (at->text.size() <= max) return at->text;
  problems.Add(path(), absl::StrCat("has ", at->text.size(), " bytes: at most ", max));
  return "";
}

std::string NodeRef::Required(Problems& problems, size_t max) const {
  std::string text = Text(problems, max);
  if (text.empty()) problems.Add(path(), "is missing: must be a text");
  return text;
}

bool NodeRef::Flag(Problems& problems) const {
  if (!present()) return false;
  if (twice_) {
    problems.Add(path(), "is given twice: only one is expected");
    return false;
  }
  const bool word = value()->text == "true" || value()->text == "false";
  // XML has no other way to write it than as a text.
  if (value()->kind != Node::Kind::kBool && !(value()->kind == Node::Kind::kText && word)) {
    problems.Add(path(), absl::StrCat("is ", Name(value()->kind), ": must be true or false"));
    return false;
  }
  return value()->text == "true";
}

}  // namespace throughline::supplier
