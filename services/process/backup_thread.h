#pragma once

// Takes backups of a process's stores now and then, while it runs, and keeps the newest of them. Replicas of a service
// may share a directory; then they take turns.
//
// Add, Begin and End: one thread. Ends with the object; a backup that is being taken is finished first.

#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include "libs/log/event_log.h"
#include "libs/runtime/host.h"
#include "libs/server/end_signal.h"

namespace throughline::process {

struct BackupPlan {
  std::string directory = {};  // empty: none are taken
  absl::Duration every = absl::Hours(1);
  int keep = 3;  // of each service
};

class BackupThread {
 public:
  BackupThread(BackupPlan plan, std::string replica) : plan_(std::move(plan)), replica_(std::move(replica)) {}
  ~BackupThread();

  // Both must outlive the object.
  void Add(log::Topic topic, runtime::Host& host, prometheus::Registry& registry);
  void Begin();
  // Takes no further backup, and does not wait for one that is being taken.
  void End() { over_.Notify(); }

 private:
  struct Job {
    std::string service;
    runtime::Host& host;
    prometheus::Gauge& last;
    prometheus::Counter& failures;
    absl::Time due;
  };
  void Run();
  // The next is due a while after the newest, whoever took that: this process, itself before it was started again, or
  // another replica.
  void LookForOthers(Job& job);
  void Take(Job& job);

  const BackupPlan plan_;
  const std::string replica_;
  std::vector<Job> jobs_;
  server::EndSignal over_;
  std::thread thread_;
};

}  // namespace throughline::process
