#pragma once

// Whom an escalation reaches next. Any thread.

#include <optional>
#include <set>
#include <string>

#include "absl/time/time.h"

#include "libs/store/key_value.h"

namespace throughline::ownership {

// The first one above `person`, directly or through others, who is not in `passed`: so a ladder ends, whoever stands
// above whom. Absent: nobody is left. `last_resort`: see Above.
std::optional<std::string> NextAbove(const store::KeyValue& reader, const std::string& person,
                                     const std::set<std::string>& passed, absl::Time now,
                                     const std::string& last_resort);

}  // namespace throughline::ownership
