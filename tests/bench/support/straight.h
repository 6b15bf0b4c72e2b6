#pragma once

// Data that a suite starts on, made without one: commits straight into a log, which is then folded by all services.

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

#include "libs/log/embedded/embedded_log.h"

namespace throughline::bench {

// The log of a data directory.
std::unique_ptr<log::EmbeddedLog> OpenLog(const std::string& data);

// Appends to a log, and runs ahead of it by a bounded number of records. One thread.
class LogWriter {
 public:
  // The log must outlive it.
  explicit LogWriter(log::EventLog& log) : log_(log) {}
  // Waits until all is durable.
  ~LogWriter() { Await(0); }

  void Append(log::Topic topic, const std::string& stream, std::string commit);

 private:
  void Await(int64_t most);

  log::EventLog& log_;
  absl::Mutex mutex_;
  int64_t unanswered_ ABSL_GUARDED_BY(mutex_) = 0;
};

// The stores of all services in the data directory, which has none. What the services make of commits on their own is
// not done for these: it is in the log as well, or not needed. They go on at its end.
void FoldStores(log::EmbeddedLog& log, const std::string& data);

// A history, to be written again and again under other names.
class RepeatedHistory {
 public:
  // What stands in the log of a stopped suite on streams whose ids hold one of the names.
  RepeatedHistory(const std::string& data, std::vector<std::string> names);

  // How many events its commits hold.
  int64_t events() const { return events_; }
  // Writes it with `names` in place of those that it was made with, each as long as before.
  void Write(LogWriter& writer, const std::vector<std::string>& names) const;

 private:
  struct Commit {
    log::Topic topic;
    std::string bytes;
  };
  const std::vector<std::string> names_;
  std::vector<Commit> commits_;  // those of a stream in their order
  int64_t events_ = 0;
};

}  // namespace throughline::bench
