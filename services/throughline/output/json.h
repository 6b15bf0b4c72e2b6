#pragma once

// What machines read: protobuf JSON with the schema's field names, one object per line. Every field without presence is
// there, set or not; 64-bit numbers are strings, bytes are base64, times are RFC 3339 in UTC, as protobuf JSON has it.
//
// Pure functions; safe from any thread.

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace throughline::tool {

// Without a line feed. INTERNAL if JSON cannot say it (a time outside the years 1 to 9999, text that is not UTF-8):
// what is printed is then an error and not an empty object.
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message);
// The object `json` with one more member, `value`, which is JSON itself.
std::string WithMember(std::string json, std::string_view name, std::string_view value);
// INVALID_ARGUMENT: the text is no such message; says where.
absl::Status FromJson(std::string_view text, google::protobuf::Message& message);

// {"code","reason","message","fields","retry_after_seconds","command_id","exit_code"}; what is not known is left out.
std::string ErrorJson(const absl::Status& status, std::string_view command_id, int exit_code);

}  // namespace throughline::tool
