#pragma once

// Which cases an answer shows: all fields `case_id` of a message and of the messages in it. Made once per RPC, from its
// descriptors. Immutable; any thread.

#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace throughline::server {

class ReadSubjects {
 public:
  ReadSubjects(const google::protobuf::Descriptor& request, const google::protobuf::Descriptor& response);

  // Adds the cases that the message names.
  void AddCases(const google::protobuf::Message& message, std::set<std::string>& cases) const;

 private:
  // Fields that hold a case id, or a message with one.
  struct Fields {
    const google::protobuf::FieldDescriptor* case_id = nullptr;
    std::vector<const google::protobuf::FieldDescriptor*> inner = {};
    bool learnt = false;  // false: under way, as of a type that holds itself
  };
  // Whether it holds a case id.
  bool Learn(const google::protobuf::Descriptor& type);

  absl::flat_hash_map<const google::protobuf::Descriptor*, Fields> fields_;
};

// A field of the request, `order_id` or `customer_id`; empty: it has none.
std::string IdIn(const google::protobuf::Message& request, const char* field);

}  // namespace throughline::server
