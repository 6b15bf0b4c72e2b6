// The command-line tool of Throughline: the suite in one process, and every command of its services.

#include "CLI/CLI.hpp"
#include "absl/synchronization/mutex.h"

#include "services/throughline/cli/tool.h"
#include "services/throughline/commands/commands.h"

int main(int argc, char** argv) {
  namespace tool = throughline::tool;
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // see services/process/run.cc
  CLI::App app("Follows an order, and the customer's case about it, from start to finish.", "throughline");
  tool::Tool shared(app);
  tool::AddUp(app, shared);
  tool::AddClientCommands(app, shared);
  tool::AddVerify(app, shared);
  tool::AddLog(app, shared);
  tool::AddTopics(app, shared);
  tool::AddBackup(app, shared);
  tool::AddRebuild(app, shared);
  tool::AddDoctor(app, shared);
  tool::AddBench(app, shared);
  return shared.Run(argc, argv);
}
