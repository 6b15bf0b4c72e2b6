#pragma once

// A broken store stops the process: going on could answer wrongly, and everything in a store can be rebuilt.

#include <string_view>

namespace throughline::store {

// Logs `message` and ends the process with exit code 70 (EX_SOFTWARE), without running destructors that might write.
[[noreturn]] void Fatal(std::string_view message);

}  // namespace throughline::store
