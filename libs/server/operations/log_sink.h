#pragma once

// Writes log lines to a descriptor without ever blocking. A line is written before the call returns if the reader keeps
// up. Otherwise it waits in a bounded queue, which a thread ("log") empties. Lines that do not fit are dropped and
// counted, and the count is logged when there is room. Internal to this library. Any thread.

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "spdlog/formatter.h"
#include "spdlog/sinks/sink.h"

#include "libs/server/operations/outlet.h"

namespace throughline::server {

class LogSink final : public spdlog::sinks::sink {
 public:
  static constexpr size_t kMaxQueuedBytes = 1 << 20;

  // `dropped` is incremented, and must outlive the sink.
  LogSink(int fd, std::unique_ptr<spdlog::formatter> formatter, std::atomic<uint64_t>& dropped);
  // Writes the queue, as long as it is being read.
  ~LogSink() override;

  void log(const spdlog::details::log_msg& message) override ABSL_LOCKS_EXCLUDED(mu_);
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  void Put(std::string line) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Writes from the queue until it is empty or the descriptor is full.
  void Pump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void TellDropped() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::string Format(const spdlog::details::log_msg& message) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return ending_ || !queue_.empty(); }

  std::atomic<uint64_t>& dropped_;
  absl::Mutex mu_;
  Outlet outlet_;  // its AwaitRoom needs no lock
  std::unique_ptr<spdlog::formatter> formatter_ ABSL_GUARDED_BY(mu_);
  std::deque<std::string> queue_ ABSL_GUARDED_BY(mu_);  // the first may be the rest of a line
  size_t queued_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t untold_ ABSL_GUARDED_BY(mu_) = 0;  // dropped, and not logged yet
  bool ending_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace throughline::server
