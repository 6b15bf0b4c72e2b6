#pragma once

// The audit of reads: who read what customers said, when, and of which cases. One JSON object per line, in a file of
// its own, so that it outlives the log lines and other people may keep it than those who read the log:
//
//   {"at":"2024-05-01T12:00:00.123Z","by":"ana","roles":["rep"],"rpc":"throughline.intake.v1.IntakeService/GetCase",
//    "cases":["01J9…"],"order":"","customer":"","trace":"…"}
//
// A line is written before the answer leaves, and synced within a second: it survives the end of the process, and all
// but the last second survives a power loss. A file that is full gets the time in its name, and only the newest `keep`
// are kept. Who moves the file away gets a new one.
//
// Any thread. Record writes to the page cache under a lock. Has a thread ("read-audit"), which syncs.

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "prometheus/registry.h"

#include "libs/server/operations/end_signal.h"
#include "libs/server/operations/metrics.h"

namespace throughline::server {

struct ReadAuditOptions {
  std::string directory;  // created if missing, for this user only
  size_t file_bytes = size_t{64} << 20;
  int keep = 50;          // full files; more are deleted, the oldest first
  bool required = false;  // a read that cannot be recorded is refused
};

// One answer.
struct Reading {
  absl::Time at;
  std::string_view by;
  std::vector<std::string_view> roles;
  std::string_view rpc;
  std::vector<std::string> cases;
  std::string_view order;     // that was asked about, if any
  std::string_view customer;  // likewise
  std::string_view trace;
};

class ReadAudit {
 public:
  // `registry` must outlive the audit. An error: the file cannot be written.
  static absl::StatusOr<std::unique_ptr<ReadAudit>> Open(ReadAuditOptions options, prometheus::Registry& registry);
  ~ReadAudit();

  // UNAVAILABLE AUDIT_UNAVAILABLE: it cannot be recorded, and that is required. Otherwise a failure is counted, and
  // logged when it begins.
  absl::Status Record(const Reading& reading) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  ReadAudit(ReadAuditOptions options, prometheus::Registry& registry);
  // errno; 0: done.
  int Write(const std::string& line) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  int OpenFile() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void CloseFile() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  int TurnOver() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void SyncLoop();
  void SyncOnce() ABSL_LOCKS_EXCLUDED(mu_);

  const ReadAuditOptions options_;
  const std::string path_;
  ReadAuditProbe probe_;
  absl::Mutex mu_;
  int fd_ ABSL_GUARDED_BY(mu_) = -1;
  size_t size_ ABSL_GUARDED_BY(mu_) = 0;
  bool unsynced_ ABSL_GUARDED_BY(mu_) = false;
  bool failing_ ABSL_GUARDED_BY(mu_) = false;
  EndSignal stop_;
  std::thread thread_;
};

// `<directory>/reads.jsonl`.
std::string ReadAuditPath(const std::string& directory);
// All files of an audit, the oldest first.
std::vector<std::string> ReadAuditFiles(const std::string& directory);

}  // namespace throughline::server
