#pragma once

// Every way to break the rules of the contract's fields (proto/throughline/common/v1/field_rule.proto) in a request,
// found by the message's own description. The values are written down here a second time, on purpose: a rule that took
// too much would otherwise agree with itself. Pure functions; any thread.

#include <functional>
#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace throughline::hostile {

// One change that a server must refuse.
struct Attack {
  std::string path;  // of the field, as the refusal must name it
  std::string what;
  std::function<void(google::protobuf::Message& request)> apply;
};

// On every field of the type and of the messages inside it, whether or not it is set. `now_seconds`: Unix time, from
// which what lies too far ahead is reckoned.
std::vector<Attack> AttacksOn(const google::protobuf::Descriptor& type, int64_t now_seconds);

}  // namespace throughline::hostile
