#pragma once

// One well-formed request for every RPC of the contract, for tests to spoil. Pure functions; any thread.

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace throughline::hostile {

// The ids that the samples name.
struct Names {
  std::string case_id;
  std::string promise_id;
  std::string handoff_id;
  std::string notice_id;
  int64_t future_seconds = 0;  // Unix time of a moment that has not come
};

struct Sample {
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string path;  // as on the wire
  std::string as;    // whose credential may call it
  std::shared_ptr<const google::protobuf::Message> request;
  std::vector<std::string> required;  // fields that must not be missing
  std::vector<std::string> ids;       // fields that name what must exist

  std::unique_ptr<google::protobuf::Message> Copy() const {
    std::unique_ptr<google::protobuf::Message> copy(request->New());
    copy->CopyFrom(*request);
    return copy;
  }
};

// In the order of the contract. An RPC that has no sample here ends the test program: add one.
std::vector<Sample> Samples(const Names& names);

}  // namespace throughline::hostile
