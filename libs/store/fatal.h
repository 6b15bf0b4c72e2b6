#pragma once

// Stops the process where going on could give wrong answers. Nothing is lost: a store can be rebuilt from the log.

#include <string_view>

namespace throughline::store {

// Logs `message` and ends the process with exit code 70 (EX_SOFTWARE), without running destructors that might write.
[[noreturn]] void Fatal(std::string_view message);

}  // namespace throughline::store
