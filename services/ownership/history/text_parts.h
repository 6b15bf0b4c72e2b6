#pragma once

// A part of the sentences of case_text.cc and commitment_text.cc. For these only. A pure function; any thread.

#include <string>

namespace throughline::ownership {

// `text` after `before`, if there is any.
inline std::string After(const char* before, const std::string& text) { return text.empty() ? "" : before + text; }

}  // namespace throughline::ownership
