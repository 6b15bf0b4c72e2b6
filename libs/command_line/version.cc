#include "libs/command_line/version.h"

namespace throughline::command_line {

std::string Version(const std::string& program) {
  const std::string commit = THROUGHLINE_COMMIT;
  return program + " " + THROUGHLINE_VERSION + (commit.empty() ? "" : " (" + commit + ")");
}

}  // namespace throughline::command_line
