// `throughline log level`: changes the level of a running process's log lines.

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "libs/server/operations/logging.h"
#include "libs/server/operations/signals.h"
#include "services/process/running_on.h"
#include "services/throughline/cli/values.h"
#include "services/throughline/commands/commands.h"

namespace throughline::tool {

void AddLogLevel(CLI::App& group, Tool& tool) {
  CLI::App& command = Command(
      group, "level",
      "Changes, until it ends, the least severe level of the lines that a process on this machine writes to its own "
      "log: the one that runs on the data directory, or --pid. By a signal: it needs no credential, and works when the "
      "process answers no calls.",
      "throughline --data /var/lib/throughline/up log level debug\nthroughline log level warning --pid 4711");
  struct Given {
    std::string level;
    int pid = 0;
  };
  auto given = std::make_shared<Given>();
  command.add_option("level", given->level, "debug, info, warning or error")
      ->required()
      ->check(OneOf({"debug", "info", "warning", "error"}));
  command.add_option("--pid", given->pid, "The process (default: the one on the data directory)")
      ->check(WholeNumber(1, 1 << 30));
  tool.Does(command, [&tool, given]() -> absl::Status {
    int pid = given->pid;
    if (pid == 0 && !absl::SimpleAtoi(process::RunningOn(tool.data()), &pid)) {
      return absl::NotFoundError(
          absl::StrCat("no process runs on ", tool.data(), ": name its data directory with --data, or it with --pid"));
    }
    if (absl::Status sent = server::SendLogLevel(pid, *server::LogLevelOf(given->level)); !sent.ok()) return sent;
    tool.Note(absl::StrCat("Process ", pid, " logs from ", given->level, " on."));
    return absl::OkStatus();
  });
}

}  // namespace throughline::tool
