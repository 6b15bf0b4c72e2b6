#pragma once

// The version of the program: the project's, and the commit found when CMake was configured. Any thread.

#include <string>

namespace throughline::command_line {

// `throughline 0.1.0 (e20f95f12345)`; without the commit if it is unknown.
std::string Version(const std::string& program);

}  // namespace throughline::command_line
