#pragma once

// The checks that every request passes before its handler is called, driven by the message's descriptor. Used by the
// calls of this library only.
//
// Immutable after construction; any thread.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

#include "libs/server/checks/field_rules.h"

namespace throughline::server {

struct RequestLimits {
  size_t max_message_bytes = 1 << 20;
  size_t max_field_bytes = 64 << 10;                    // of each string or bytes field, whatever its rule says
  absl::Duration furthest_due = absl::Hours(24 * 731);  // how far ahead a due time may lie
  int default_page_size = 100;
  int max_page_size = 1000;
};

// The checks of one request type.
class RequestChecks {
 public:
  // `larger_fields`: full names of fields, each with its own limit.
  RequestChecks(const google::protobuf::Descriptor& type, const RequestLimits& limits,
                const std::vector<std::pair<std::string, size_t>>& larger_fields);

  // Refuses violations of the contract's field rules (field_rules.h) and a negative `page_size`. Limits `page_size` to
  // its range, and normalizes tracking numbers. `now`: for times that must not be too far ahead.
  absl::Status Check(google::protobuf::Message& request, absl::Time now) const;

  // The limit of the whole message: the general one plus those of its larger fields.
  size_t max_message_bytes() const { return max_message_bytes_; }
  // The request's `command_id`; null: the type has none.
  const std::string* CommandId(const google::protobuf::Message& request, std::string& scratch) const;

 private:
  const RequestLimits limits_;
  size_t max_message_bytes_;
  const FieldRules rules_;
  const google::protobuf::FieldDescriptor* command_id_ = nullptr;
  const google::protobuf::FieldDescriptor* page_size_ = nullptr;
};

// Explains why `bytes` are not a message of this type: the path of the first string that is not UTF-8, or where the
// encoding is broken. Slow; only after a failed parse.
absl::Status ExplainParseFailure(const google::protobuf::Descriptor& type, std::string_view bytes);

}  // namespace throughline::server
