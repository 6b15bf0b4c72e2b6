#pragma once

// A payload as a neutral tree, whether it came as JSON, XML or X12, and access to it with errors that name the path.
//
//   auto body = Node::ParseJson(bytes);                    // INVALID_ARGUMENT: `line 3, column 14: ...`
//   Problems problems;
//   NodeRef root(*body);
//   std::string number = root["trackingNumber"].Required(problems);
//   if (!problems.ok()) return problems.ToStatus();        // INVALID_ARGUMENT: `trackingNumber is missing: ...`
//
// Numbers are kept as text. An object keeps the order of its members. A member that is read and is given twice is a
// problem; nobody can know which is meant. Members that nobody reads do not matter.
//
// Of XML, an element without attributes and children is a text, every other one an object: its attributes are members
// `@name`, its own text is the member `#text`, and child elements are members by their local names. An X12 interchange
// is an array of segments, each an array of elements.
//
// Values: const functions from any thread. A NodeRef borrows the tree, which must outlive it.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace throughline::supplier {

inline constexpr size_t kMaxPayloadBytes = 5 << 20;
inline constexpr size_t kMaxDepth = 32;
inline constexpr size_t kMaxValues = 100'000;

struct Node {
  enum class Kind { kNull, kBool, kNumber, kText, kArray, kObject };
  struct Member;

  Kind kind = Kind::kNull;
  std::string text;             // of a text, a number or a bool
  std::vector<Member> members;  // of an object, or of an array (with empty names)

  // INVALID_ARGUMENT if `bytes` is not of that syntax in UTF-8, or exceeds one of the bounds above.
  static absl::StatusOr<Node> ParseJson(std::string_view bytes);
  // An object with the document's element. A document type is refused, and with it every entity of its own.
  static absl::StatusOr<Node> ParseXml(std::string_view bytes);
  // One interchange, ISA to IEA.
  static absl::StatusOr<Node> ParseX12(std::string_view bytes);

  // On one line.
  std::string ToJson() const;
  std::string ToXml() const;
  std::string ToX12() const;

  // nullptr if this is not an object or has no such member; the first of several.
  const Node* Find(std::string_view name) const;
  size_t Count(std::string_view name) const;
};

struct Node::Member {
  std::string name;
  Node value;
};

// Collects what is wrong with a payload. Only the first problem is kept.
class Problems {
 public:
  void Add(const std::string& path, const std::string& what);
  bool ok() const { return status_.ok(); }
  const absl::Status& ToStatus() const { return status_; }

 private:
  absl::Status status_;
};

// A path in a tree, and the value there, if any. `null` counts as absent.
class NodeRef {
 public:
  explicit NodeRef(const Node& root) : chain_{&root} {}

  bool present() const { return twice_ || (value() != nullptr && value()->kind != Node::Kind::kNull); }
  const Node* value() const { return chain_.back(); }
  // The root, and what leads from it to this.
  const std::vector<const Node*>& chain() const { return chain_; }
  // For instance `result.tracking_details[3].datetime`; `the payload` for the root.
  std::string path() const { return path_.empty() ? "the payload" : path_; }

  // The member; absent if this is absent. Not for arrays.
  NodeRef operator[](std::string_view name) const;
  // The element `index` of an array.
  NodeRef At(size_t index) const;
  // Everything under that name: the elements of an array, the one value, or repeated XML elements.
  std::vector<NodeRef> All(std::string_view name, Problems& problems) const;
  // The number of an array's elements; 0 if absent. A problem if this is not an array.
  size_t Size(Problems& problems) const;
  // A problem if this is absent or not an object.
  void ExpectObject(Problems& problems) const;
  // The text or number; empty if absent. A problem if this is something else or longer than `max` bytes.
  std::string Text(Problems& problems, size_t max = 256) const;
  // The same, but absent or empty is a problem.
  std::string Required(Problems& problems, size_t max = 256) const;
  // False if absent. A problem if this is not true or false.
  bool Flag(Problems& problems) const;

 private:
  NodeRef(const NodeRef& parent, const Node* value, std::string path);

  std::vector<const Node*> chain_;
  std::string path_;
  bool twice_ = false;
};

// What a reader of any syntax says of a payload that it cannot read.
absl::Status UnreadablePayload(const std::string& what);
absl::Status CheckPayloadSize(std::string_view bytes);

}  // namespace throughline::supplier
