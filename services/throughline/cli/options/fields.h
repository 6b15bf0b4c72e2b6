#pragma once

// Sets fields of a request from text, by their names in the schema: `reason`, or `backordered.expected_restock`.
//
// Pure functions; safe from any thread. A path that is not in the schema is a bug of the tool and ends the process.

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace throughline::tool {

struct Field {
  google::protobuf::Message* message = nullptr;  // holds the field; created if it was missing
  const google::protobuf::FieldDescriptor* descriptor = nullptr;
};

Field FindField(google::protobuf::Message& root, const std::string& path);
const google::protobuf::FieldDescriptor& DescribeField(const google::protobuf::Message& root, const std::string& path);

// Sets the field, or appends to it if it is repeated. The text is parsed by the field's type: text, number, `true`, an
// enum's word (words.h), a time or an ETA (times.h). INVALID_ARGUMENT: the text does not fit; says what to write.
absl::Status SetField(google::protobuf::Message& root, const std::string& path, const std::string& text,
                      absl::Time now);

// The value's placeholder in the help: `TEXT`, `TIME`, `phone|email|web`.
std::string ValueName(const google::protobuf::FieldDescriptor& field);

}  // namespace throughline::tool
