#pragma once

// One valid request for every RPC of the contract, for tests to break. Pure functions; any thread.

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace throughline::hostile {

// The ids in the samples.
struct Names {
  std::string case_id;
  std::string other_case_id;  // of the same customer
  std::string promise_id;
  std::string handoff_id;
  std::string notice_id;
  std::string absence_id;
  std::string suggestion_id;
  int64_t future_seconds = 0;  // Unix time in the future
};

struct Sample {
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string path;  // as on the wire
  std::string as;    // a caller that may call it
  std::shared_ptr<const google::protobuf::Message> request;
  std::vector<std::string> required;  // required fields
  std::vector<std::string> ids;       // fields that name something that must exist

  std::unique_ptr<google::protobuf::Message> Copy() const {
    std::unique_ptr<google::protobuf::Message> copy(request->New());
    copy->CopyFrom(*request);
    return copy;
  }
};

// In the order of the contract. Ends the test program if an RPC has no sample: add one.
std::vector<Sample> Samples(const Names& names);

}  // namespace throughline::hostile
