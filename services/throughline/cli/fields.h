#pragma once

// Fields of a request, set from text by their names in the schema: `reason`, or `backordered.expected_restock`.
//
// Pure functions; safe from any thread. A path that is not in the schema is a mistake in this program and ends it.

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace throughline::tool {

struct Field {
  google::protobuf::Message* message = nullptr;  // the one that holds it, made if it was not there
  const google::protobuf::FieldDescriptor* descriptor = nullptr;
};

Field FindField(google::protobuf::Message& root, const std::string& path);
const google::protobuf::FieldDescriptor& DescribeField(const google::protobuf::Message& root, const std::string& path);

// Sets the field, or adds to it if it is repeated. By its type: text as it is, numbers, `true`, an enum's word
// (words.h), a time or an ETA (times.h). INVALID_ARGUMENT: the text is none of that type; says what to write.
absl::Status SetField(google::protobuf::Message& root, const std::string& path, const std::string& text,
                      absl::Time now);

// What stands for a value in the help: `TEXT`, `TIME`, `phone|email|web`.
std::string ValueName(const google::protobuf::FieldDescriptor& field);

}  // namespace throughline::tool
