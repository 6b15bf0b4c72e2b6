#include "services/throughline/up.h"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <thread>
#include <unistd.h>

#include "absl/synchronization/mutex.h"
#include <fmt/format.h>

#include "libs/server/signals.h"

namespace throughline {
namespace {

void Say(const std::string& line) {
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

void Greet(const Suite& suite, const UpOptions& options) {
  const std::string& data = options.suite.data;
  Say(fmt::format("throughline: {}", suite.endpoint()));
  if (suite.metrics_port() >= 0) {
    Say(
        fmt::format("metrics: {}:{} (/intake/metrics, /ownership/metrics, /outage-notice/metrics, "
                    "/supplier-tracking/metrics)",
                    options.suite.host, suite.metrics_port()));
  }
  Say(fmt::format("data: {}", data));
  Say(fmt::format("credentials: {}/credentials/<name>.token{}", data,
                  suite.made_first_credentials() ? " (made now; `throughline token list` shows who they are)" : ""));
  Say(fmt::format("try: throughline --data {} --as ana queue", data));
}

// Why the suite cannot go on, handed from whichever thread finds out to the one that stops it.
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

}  // namespace

int RunUp(UpOptions options) {
  server::StopSignals signals;  // before any thread
  // It finds lock inversions in the tests; here it would cost every lock a look at a global graph.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  if (absl::Status status = server::SetUpLogging(options.log); !status.ok()) {
    std::fprintf(stderr, "throughline up: %s\n", std::string(status.message()).c_str());
    return 2;
  }
  Failure failure;
  options.suite.on_failure = [&failure](const absl::Status& status) {
    failure.Set(status);
    kill(getpid(), SIGTERM);
  };
  absl::StatusOr<std::unique_ptr<Suite>> started = Suite::Start(options.suite);
  if (!started.ok()) {
    std::fprintf(stderr, "throughline up: %s\n", std::string(started.status().message()).c_str());
    return 1;
  }
  Suite& suite = **started;
  Greet(suite, options);

  std::atomic<bool> stopping{false};
  std::thread health([&] {
    bool was_ready = false;
    absl::Mutex mutex;
    while (!stopping.load()) {
      const bool ready = suite.UpdateHealth();
      if (ready && !was_ready) Say("ready");
      was_ready = was_ready || ready;
      absl::MutexLock lock(&mutex);
      mutex.AwaitWithTimeout(absl::Condition(
                                 +[](std::atomic<bool>* stop) { return stop->load(); }, &stopping),
                             was_ready ? absl::Milliseconds(200) : absl::Milliseconds(5));
    }
  });
  signals.Wait();
  stopping.store(true);
  health.join();
  suite.Stop(options.grace);
  if (absl::Status status = failure.Get(); !status.ok()) {
    std::fprintf(stderr, "throughline up: stopped: %s\n", std::string(status.message()).c_str());
    return 70;
  }
  return 0;
}

}  // namespace throughline
