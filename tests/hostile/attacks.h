#pragma once

// All ways to violate the rules of the contract's fields (proto/throughline/common/v1/field_rule.proto) in a request,
// derived from the message's descriptor. The forbidden values are listed here again on purpose: generated from the
// rules, they could not detect a rule that is too lax. Pure functions; any thread.

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

// For every field of the type and of nested messages, set or not. `now_seconds`: Unix time; values too far in the
// future are relative to it.
std::vector<Attack> AttacksOn(const google::protobuf::Descriptor& type, int64_t now_seconds);

}  // namespace throughline::hostile
