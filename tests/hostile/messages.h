#pragma once

// Ways to spoil a message of any type, and what a refusal must look like. Any thread.

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"

namespace throughline::hostile {

// The paths, as a refusal names them (`event.place.city`, `lines[0].sku`), of all string fields of a message that could
// be spoilt: those of the top level, and below it those that have a value.
std::vector<std::string> StringFields(const google::protobuf::Message& message);

// Sets the string field with that path, as StringFields gives it.
void SetString(google::protobuf::Message& message, const std::string& path, const std::string& value);

// Clears a field of the top level.
void Clear(google::protobuf::Message& message, const std::string& field);

// That the field is set to this number or text, if the message has it. Answers whether it does.
bool SetInt32(google::protobuf::Message& message, const std::string& field, int32_t value);
bool HasField(const google::protobuf::Message& message, const std::string& field);

// With this code, with a reason that a machine can act on, and a message that tells a person what to do.
::testing::AssertionResult IsRefusal(const absl::Status& status, absl::StatusCode code);
// The same, of one of these codes.
::testing::AssertionResult IsRefusal(const absl::Status& status, const std::vector<absl::StatusCode>& codes);
// INVALID_ARGUMENT that names this field, or one inside it.
::testing::AssertionResult IsBadField(const absl::Status& status, const std::string& path);

}  // namespace throughline::hostile
