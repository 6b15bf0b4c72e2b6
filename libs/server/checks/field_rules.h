#pragma once

// Applies the field rules of the contract (proto/throughline/common/v1/field_rule.proto) to a message and the messages
// inside it.
//
//   const FieldRules rules(*v1::StatusEvent::descriptor());
//   FieldViolations bad;
//   rules.Check(event, "event", {.now = caller.time}, bad);
//   if (!bad.empty()) return bad.ToStatus();              // BAD_FIELD: `event.place.city contains U+202E ...`
//
// Immutable after construction; any thread.

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
  absl::Time now = absl::InfiniteFuture();  // no limit
  absl::Duration furthest_due = absl::Hours(24 * 731);
  size_t max_field_bytes = 64 << 10;  // of each string or bytes field, whatever its rule says
};

class FieldRules {
 public:
  using LargerFields = absl::flat_hash_map<const google::protobuf::FieldDescriptor*, size_t>;

  // `larger`: bytes fields with their own limits.
  explicit FieldRules(const google::protobuf::Descriptor& type, const LargerFields& larger = {});
  ~FieldRules();

  // Adds the violations to `bad`, with paths that begin with `path` (empty: the message is the request itself).
  // Normalizes tracking numbers; changes nothing else.
  void Check(google::protobuf::Message& message, const std::string& path, const FieldLimits& limits,
             runtime::FieldViolations& bad) const;

  // The full names of the fields in `type`, and in the messages inside it, that lack a rule or have a rule for another
  // type.
  static std::vector<std::string> Unruled(const google::protobuf::Descriptor& type);

 private:
  struct Plan;
  const Plan& PlanOf(const google::protobuf::Descriptor& type, const LargerFields& larger);

  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<Plan>> plans_;
  const Plan* whole_;
};

// The limit of a string field by its rule, in bytes.
size_t MostBytes(const google::protobuf::FieldDescriptor& field);

// A tracking number in upper case, without spaces.
std::string NormalTrackingNumber(std::string_view text);

// Whether this machine knows an IANA zone with this name. Safe for any input.
bool IsTimeZone(const std::string& name);

}  // namespace throughline::server
