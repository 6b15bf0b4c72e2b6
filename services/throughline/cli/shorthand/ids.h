#pragma once

// Ids made by the suite (of cases, promises, offers and notices) may be given in lower case, and as a unique prefix.
// Requests always carry the whole id. What a prefix stood for is kept with the command id for a week (first_given.h),
// so that repeating a command means the same thing.
//
// Ids chosen by users (orders, customers, components, persons) and command ids are taken as they are.
//
// One thread.

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

#include "services/throughline/cli/tool.h"

namespace throughline::tool {

inline constexpr size_t kShortestBeginning = 4;
inline constexpr char kIdsHelp[] =
    "An ID (of a case, promise, offer or notice) may be given in lower case, and shortened to its first letters (at\n"
    "least 4), if no other id begins with them. Orders, customers, components and persons are named in full.";

// Whether the suite makes the ids in this field: `case_id`, `promise_id`, `handoff_id`, `notice_id`.
bool HoldsMadeId(const google::protobuf::FieldDescriptor& field);

// Converts an id to upper case. Returns what is wrong with it, for an error that names the argument; empty: nothing.
std::string NormalizeId(std::string& text);

// Replaces id prefixes in the request by whole ids; asks the services that own them. `command_id` is empty for a read.
// NOT_FOUND: no id has the prefix. INVALID_ARGUMENT, reason AMBIGUOUS_ID: several do; the error lists them.
absl::Status CompleteIds(Tool& tool, const std::string& command_id, google::protobuf::Message& request);

}  // namespace throughline::tool
