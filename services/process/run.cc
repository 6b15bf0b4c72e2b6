#include "services/process/run.h"

#include <csignal>
#include <pthread.h>
#include <thread>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include <spdlog/spdlog.h>

#include "libs/server/operations/end_signal.h"
#include "libs/server/operations/outlet.h"
#include "libs/server/operations/signals.h"
#include "services/process/service_manager.h"

namespace throughline::process {
namespace {

// Why the process cannot continue: set by the thread that finds out, read by the one that stops the process.
class Failure {
 public:
  void Set(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    if (status_.ok()) status_ = status;
  }
  absl::Status Get() const {
    absl::MutexLock lock(&mutex_);
    return status_;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

void Complain(const RunOptions& options, const std::string& what) {
  server::WriteLine(STDERR_FILENO, options.program + ": " + what);
}

// A store that is restored from a backup may take longer to copy than the service manager waits for a start.
absl::StatusOr<Running*> StartAndTell(const StartProcess& start, const OnFailure& on_failure, ServiceManager& manager) {
  const server::HealthCheck opens{false, "starting: opens the log and the stores"};
  server::EndSignal started;
  std::thread telling([&] {
    pthread_setname_np(pthread_self(), "starting");
    do {
      manager.Tell({{true, "live"}, opens, opens}, std::chrono::steady_clock::now());
    } while (!started.WaitFor(absl::Seconds(1)));
  });
  absl::StatusOr<Running*> process = start(on_failure);
  started.Notify();
  telling.join();
  return process;
}

void KeepHealthUpToDate(Running& process, ServiceManager& manager, const server::EndSignal& stopping) {
  pthread_setname_np(pthread_self(), "health");
  bool was_ready = false;
  do {
    const bool ready = process.UpdateHealth();
    if (ready && !was_ready) Say("ready");
    manager.Tell(process.health(), std::chrono::steady_clock::now());
    was_ready = was_ready || ready;
    if (process.WantsRestart()) {
      kill(getpid(), server::StopSignals::kRestart);
      return;
    }
  } while (!stopping.WaitFor(was_ready ? absl::Milliseconds(200) : absl::Milliseconds(5)));
}

}  // namespace

void Say(const std::string& line) { server::WriteLine(STDOUT_FILENO, line); }

int RunUntilStopped(const RunOptions& options, const StartProcess& start) {
  server::StopSignals signals;  // before any thread: they inherit the signal mask
  // The detector is for tests; in production every lock would access a global graph.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  if (absl::Status status = server::SetUpLogging(options.log); !status.ok()) {
    Complain(options, std::string(status.message()));
    return 2;
  }
  ServiceManager manager;
  Failure failure;
  for (bool again = true; again;) {
    const auto fail = [&failure](const absl::Status& status) {
      failure.Set(status);
      kill(getpid(), SIGTERM);
    };
    absl::StatusOr<Running*> started = StartAndTell(start, fail, manager);
    if (!started.ok()) {
      Complain(options, std::string(started.status().message()));
      return 1;
    }
    Running& process = **started;
    server::EndSignal stopping;
    std::thread health([&] { KeepHealthUpToDate(process, manager, stopping); });
    again = signals.Wait() == server::StopSignals::kRestart;
    if (absl::Status status = failure.Get(); !status.ok()) process.Fail(status);
    stopping.Notify();
    health.join();
    if (again) {
      spdlog::info("begins again, with a store that was rebuilt");
    } else {
      manager.Stopping(failure.Get().ok() ? "draining" : absl::StrCat("stopped: ", failure.Get().message()));
    }
    process.Stop(options.grace);
    if (absl::Status status = failure.Get(); !status.ok()) {
      Complain(options, "stopped: " + std::string(status.message()));
      return 70;
    }
  }
  return 0;
}

}  // namespace throughline::process
