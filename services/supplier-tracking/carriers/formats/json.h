#pragma once

// A bounded JSON parser, and access to its tree with errors that name the path.
//
//   auto body = Json::Parse(bytes);                       // INVALID_ARGUMENT: `line 3, column 14: ...`
//   JsonProblems problems;
//   JsonRef root(*body);
//   std::string number = root["trackingNumber"].Required(problems);
//   if (!problems.ok()) return problems.ToStatus();       // INVALID_ARGUMENT: `trackingNumber is missing: ...`
//
// Numbers are kept as text. An object keeps the order of its members; of members with the same name, Find gives the
// first.
//
// Values: const functions from any thread. A JsonRef borrows the Json, which must outlive it.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace throughline::supplier {

inline constexpr size_t kMaxPayloadBytes = 5 << 20;
inline constexpr size_t kMaxJsonDepth = 32;
inline constexpr size_t kMaxJsonValues = 100'000;

struct Json {
  enum class Kind { kNull, kBool, kNumber, kText, kArray, kObject };
  struct Member;

  Kind kind = Kind::kNull;
  std::string text;             // of a text, a number or a bool
  std::vector<Member> members;  // of an object, or of an array (with empty names)

  // INVALID_ARGUMENT if `bytes` is not JSON in UTF-8, or exceeds one of the bounds above.
  static absl::StatusOr<Json> Parse(std::string_view bytes);

  // nullptr if this is not an object or has no such member.
  const Json* Find(std::string_view name) const;

  // On one line.
  std::string ToString() const;
};

struct Json::Member {
  std::string name;
  Json value;
};

// Collects what is wrong with a payload. Only the first problem is kept.
class JsonProblems {
 public:
  void Add(const std::string& path, const std::string& what);
  bool ok() const { return status_.ok(); }
  const absl::Status& ToStatus() const { return status_; }

 private:
  absl::Status status_;
};

// A path in a tree, and the value there, if any. `null` counts as absent.
class JsonRef {
 public:
  explicit JsonRef(const Json& root) : JsonRef(&root, "") {}

  bool present() const { return value_ != nullptr && value_->kind != Json::Kind::kNull; }
  const Json* value() const { return value_; }
  // For instance `result.tracking_details[3].datetime`; `the payload` for the root.
  std::string path() const { return path_.empty() ? "the payload" : path_; }

  // The member; absent if this is absent. Not for arrays.
  JsonRef operator[](std::string_view name) const;
  // The element `index` of an array.
  JsonRef At(size_t index) const;
  // The number of an array's elements; 0 if absent. A problem if this is not an array.
  size_t Size(JsonProblems& problems) const;
  // A problem if this is absent or not an object.
  void ExpectObject(JsonProblems& problems) const;
  // The text or number; empty if absent. A problem if this is something else or longer than `max` bytes.
  std::string Text(JsonProblems& problems, size_t max = 256) const;
  // The same, but absent or empty is a problem.
  std::string Required(JsonProblems& problems, size_t max = 256) const;
  // False if absent. A problem if this is not true or false.
  bool Flag(JsonProblems& problems) const;

 private:
  JsonRef(const Json* value, std::string path) : value_(value), path_(std::move(path)) {}

  const Json* value_;
  std::string path_;
};

}  // namespace throughline::supplier
