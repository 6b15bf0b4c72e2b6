#pragma once

// The rules that the contract attaches to its fields (proto/throughline/common/v1/field_rule.proto), applied to a
// message and all messages inside it.
//
//   const FieldRules rules(*v1::StatusEvent::descriptor());
//   FieldViolations bad;
//   rules.Check(event, "event", {.now = caller.time}, bad);
//   if (!bad.empty()) return bad.ToStatus();              // BAD_FIELD: `event.place.city contains U+202E ...`
//
// Immutable after construction; any thread. The larger limits that are given must outlive it.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

#include "libs/runtime/domain/refusal.h"

namespace throughline::server {

struct FieldLimits {
  absl::Time now = absl::InfiniteFuture();  // no limit ahead
  absl::Duration furthest_due = absl::Hours(24 * 731);
  size_t max_field_bytes = 64 << 10;  // of each field of bytes or text, whatever its rule says
};

class FieldRules {
 public:
  using LargerFields = absl::flat_hash_map<const google::protobuf::FieldDescriptor*, size_t>;

  // `larger`: fields of bytes with a limit of their own.
  explicit FieldRules(const google::protobuf::Descriptor& type, const LargerFields& larger = {});
  ~FieldRules();

  // Adds what is wrong, with the path from `path` on (empty: the message is the request itself). Sets tracking numbers
  // to the form in which they are kept; changes nothing else.
  void Check(google::protobuf::Message& message, const std::string& path, const FieldLimits& limits,
             runtime::FieldViolations& bad) const;

  // The full names of the fields in `type`, and in the messages inside it, that need a rule and have none, or one that
  // is not of their type.
  static std::vector<std::string> Unruled(const google::protobuf::Descriptor& type);

 private:
  struct Plan;
  const Plan& PlanOf(const google::protobuf::Descriptor& type, const LargerFields& larger);

  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<Plan>> plans_;
  const Plan* whole_;
};

// How many bytes the rule of a field of text takes, servers' own limits apart.
size_t MostBytes(const google::protobuf::FieldDescriptor& field);

// A tracking number as it is kept: upper case, without spaces.
std::string NormalTrackingNumber(std::string_view text);

// Whether it is the name of an IANA zone on this machine. Any text is safe to ask for.
bool IsTimeZone(const std::string& name);

}  // namespace throughline::server
