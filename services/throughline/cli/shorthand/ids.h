#pragma once

// Ids made by the suite (of cases, promises and other commitments, remedies, offers and notices) may be given in lower
// case, and as a unique prefix; where a command takes the open one of a case, it may be left out if there is only one.
// Requests always carry the whole id. What a prefix stood for is kept with the command id for a week (first_given.h),
// so that repeating a command means the same thing.
//
// Ids chosen by users (orders, customers, components, persons) and command ids are taken as they are.
//
// One thread.

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

#include "services/throughline/cli/tool.h"

namespace throughline::tool {

inline constexpr size_t kShortestBeginning = 4;
inline constexpr char kIdsHelp[] =
    "An ID (of a case, promise, remedy, offer or notice) may be given in lower case, and shortened to its first "
    "letters (at\n"
    "least 4), if no other id begins with them; where it may be left out, the one that is open is meant. Orders, "
    "customers, components and persons are named in full.";

// Whether the suite makes the ids in this field: `case_id`, `promise_id`, `commitment_id`, `handoff_id`, `notice_id`,
// `remedy_id`.
bool HoldsMadeId(const google::protobuf::FieldDescriptor& field);

// Converts an id to upper case. Returns what is wrong with it, for an error that names the argument; empty: nothing.
std::string NormalizeId(std::string& text);

// Replaces id prefixes in the request by whole ids; asks the services that own them. `command_id` is empty for a read.
// Of the fields in `open_ones`, fills in those that are empty with the one that is open. NOT_FOUND: no id has the
// prefix, or none is open. INVALID_ARGUMENT, reason AMBIGUOUS_ID: several do, or are; the error lists them.
absl::Status CompleteIds(Tool& tool, const std::string& command_id, google::protobuf::Message& request,
                         const std::set<std::string>& open_ones = {});

// One that might be meant, and what tells it from others to a person.
struct Candidate {
  std::string id;
  std::string what;
};
// The only one; otherwise an error as above about `what` (`promise`), which was given as `text` (may be empty).
absl::StatusOr<std::string> TheOnlyOne(absl::string_view what, const std::string& text,
                                       std::vector<Candidate> candidates);

}  // namespace throughline::tool
