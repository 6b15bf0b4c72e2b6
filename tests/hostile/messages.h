#pragma once

// Mutations of messages of any type, and matchers for refusals. Any thread.

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"

namespace throughline::hostile {

// The paths, as refusals name them (`event.place.city`, `lines[0].sku`), of all string fields: all at the top level,
// and nested ones that have a value.
std::vector<std::string> StringFields(const google::protobuf::Message& message);

// Sets the string field at a path from StringFields.
void SetString(google::protobuf::Message& message, const std::string& path, const std::string& value);

// Clears a field of the top level.
void Clear(google::protobuf::Message& message, const std::string& field);

// Sets the field to this number or text if the message has it. Returns whether it has.
bool SetInt32(google::protobuf::Message& message, const std::string& field, int32_t value);
bool HasField(const google::protobuf::Message& message, const std::string& field);

// Has this code, a reason for scripts, and a message that tells people what to do.
::testing::AssertionResult IsRefusal(const absl::Status& status, absl::StatusCode code);
// The same, with one of these codes.
::testing::AssertionResult IsRefusal(const absl::Status& status, const std::vector<absl::StatusCode>& codes);
// INVALID_ARGUMENT that names this field, or a field inside it.
::testing::AssertionResult IsBadField(const absl::Status& status, const std::string& path);

}  // namespace throughline::hostile
