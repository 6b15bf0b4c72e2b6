#pragma once

// The version of the program: the project's, and the commit that was built. Any thread.

#include <string>

namespace throughline::command_line {

// `throughline 0.1.0 (e20f95f12345)`; `(e20f95f12345-changed)` if what was built differs from the commit; without the
// commit if it is unknown.
std::string Version(const std::string& program);

// Written by the build (commit.cmake). kCommit is empty if the commit is unknown.
extern const char kVersion[];
extern const char kCommit[];

}  // namespace throughline::command_line
