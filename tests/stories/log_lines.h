#pragma once

// What a process logged, compared with what was said: no line may hold a text that stands in the events, whoever wrote
// it. Ids are no texts: they are opaque, and they are what lines are found by.

#include <string>

#include "absl/status/status.h"

namespace throughline::stories {

// `data`: of the suite, which has ended. FAILED_PRECONDITION: too little was said or logged to show anything.
// INTERNAL: a line holds what was said; names it.
absl::Status FindSaidIn(const std::string& log_file, const std::string& data);

}  // namespace throughline::stories
