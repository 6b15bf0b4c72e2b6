#pragma once

// Ids that the suite makes (of cases, promises, offers and notices) as people give them: in lower case, and by a
// beginning of which there is only one. What is sent is always the whole id, and the same command id means the same
// thing whenever it is given: what a beginning stood for is kept with it for a week (first_given.h).
//
// Ids that users choose (of orders, customers, components, persons) and command ids are taken as they are.
//
// One thread.

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

#include "services/throughline/cli/tool.h"

namespace throughline::tool {

inline constexpr size_t kShortestBeginning = 4;
inline constexpr char kIdsHelp[] =
    "An ID (of a case, promise, offer or notice) may be given in lower case, and by its first letters, 4 at least, if "
    "no\n"
    "other begins so. An order, a customer, a component or a person is named in full.";

// Whether the field holds an id that the suite made: `case_id`, `promise_id`, `handoff_id`, `notice_id`.
bool HoldsMadeId(const google::protobuf::FieldDescriptor& field);

// As ids are written: in upper case. Empty: fine, else what is wrong, for an error that names the argument.
std::string NormalizeId(std::string& text);

// Puts whole ids into the request where it holds beginnings, asking the services that have them. `command_id` is empty
// for a read. NOT_FOUND: none begins so. INVALID_ARGUMENT, reason AMBIGUOUS_ID: several do; names them.
absl::Status CompleteIds(Tool& tool, const std::string& command_id, google::protobuf::Message& request);

}  // namespace throughline::tool
