#pragma once

// Makes a later version of a service: it knows one more kind of stream, `feedback-<service>`, of its own and of the
// other services, and writes to it if told so.
//
//   version 2  knows the kind with one event, which is ignorable
//   version 3  knows two more of its events; one of them is not ignorable

#include <optional>
#include <string>
#include <string_view>

#include "libs/runtime/engine/definition.h"

namespace throughline::faults {

enum class Writes { kNothing, kIgnorable, kAll };

// "nothing", "ignorable", "all"
std::optional<Writes> ParseWrites(std::string_view text);

// "feedback-intake"
std::string FeedbackKind(log::Topic service);

// `version`: 2 or 3. Version 2 writes nothing or ignorable events. It reacts to every fourth record of its own topic.
void MakeLater(runtime::Definition& definition, int version, Writes writes);

}  // namespace throughline::faults
