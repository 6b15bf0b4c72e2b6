#pragma once

// Which version this is: the project's, and the commit that CMake found when it was configured. Any thread.

#include <string>

namespace throughline::command_line {

// `throughline 0.1.0 (e20f95f12345)`; without the commit where it was not known.
std::string Version(const std::string& program);

}  // namespace throughline::command_line
