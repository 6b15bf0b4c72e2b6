#pragma once

// What makes a later version out of a service: it knows one more kind of stream, `feedback-<service>`, of its own and
// of the other services', and, told so, writes to it.
//
//   version 2  knows the kind, with one event, which others may ignore
//   version 3  knows two more events of it, one of which nobody may ignore

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

// `version`: 2 or 3. Version 2 writes nothing or what is ignorable. It answers every fourth record of its own topic.
void MakeLater(runtime::Definition& definition, int version, Writes writes);

}  // namespace throughline::faults
