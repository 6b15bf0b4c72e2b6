#include "libs/command_line/version.h"

namespace throughline::command_line {

std::string Version(const std::string& program) {
  const std::string commit = kCommit;
  return program + " " + kVersion + (commit.empty() ? "" : " (" + commit + ")");
}

}  // namespace throughline::command_line
