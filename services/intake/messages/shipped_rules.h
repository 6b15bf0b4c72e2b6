#pragma once

// The text of rules_en.toml; the build makes its source.

#include <string_view>

namespace throughline::intake {

extern const std::string_view kShippedRules;

}  // namespace throughline::intake
