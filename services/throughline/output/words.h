#pragma once

// Enum values as words: `WORKLIST_REASON_PROMISE_OPEN` is shown as PROMISE_OPEN and written as `promise-open`.
//
// Pure functions; safe from any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace throughline::tool {

// Empty for the unspecified value; the number for an unknown one.
std::string Word(const google::protobuf::EnumDescriptor& type, int number);
template <class Enum>
std::string Word(Enum value) {
  return Word(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}

// The words of an enum, in the order of the schema, without the unspecified value.
std::vector<std::string> Choices(const google::protobuf::EnumDescriptor& type);
// `promise-open`, `promise_open` and `PROMISE_OPEN` mean the same.
std::optional<int> ParseWord(const google::protobuf::EnumDescriptor& type, std::string_view text);

}  // namespace throughline::tool
