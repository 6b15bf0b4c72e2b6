#pragma once

// JSON output: protobuf JSON with the schema's field names, one object per line. Fields without presence are always
// printed; 64-bit numbers are strings, bytes are base64, times are RFC 3339 in UTC, as in protobuf JSON.
//
// Pure functions; safe from any thread.

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace throughline::tool {

// Without a line feed. INTERNAL: JSON cannot represent the message (a time outside the years 1 to 9999, text that is
// not UTF-8). Print an error then, not an empty object.
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message);
// `json`, an object, with one more member. `value` is JSON.
std::string WithMember(std::string json, std::string_view name, std::string_view value);
// INVALID_ARGUMENT: the text is not such a message; says where.
absl::Status FromJson(std::string_view text, google::protobuf::Message& message);

// {"code","reason","message","fields","retry_after_seconds","command_id","exit_code"}, without unknown members.
std::string ErrorJson(const absl::Status& status, std::string_view command_id, int exit_code);

}  // namespace throughline::tool
