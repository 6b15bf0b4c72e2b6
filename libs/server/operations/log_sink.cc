#include "libs/server/operations/log_sink.h"

#include <csignal>
#include <pthread.h>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spdlog/details/log_msg.h"

namespace throughline::server {
namespace {

// Between checks of `ending_`. At the end, also the time that the reader has for the next piece.
constexpr absl::Duration kLogPatience = absl::Milliseconds(100);

}  // namespace

LogSink::LogSink(int fd, std::unique_ptr<spdlog::formatter> formatter, std::atomic<uint64_t>& dropped)
    : dropped_(dropped), outlet_(fd), formatter_(std::move(formatter)), thread_([this] { Run(); }) {}

LogSink::~LogSink() {
  {
    absl::MutexLock lock(&mu_);
    ending_ = true;
  }
  thread_.join();
}

void LogSink::log(const spdlog::details::log_msg& message) {
  absl::MutexLock lock(&mu_);
  Put(Format(message));
}

void LogSink::set_formatter(std::unique_ptr<spdlog::formatter> formatter) {
  absl::MutexLock lock(&mu_);
  formatter_ = std::move(formatter);
}

void LogSink::Run() {
  pthread_setname_np(pthread_self(), "log");
  // It is made before the program decides about signals: they are for other threads.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  while (true) {
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(this, &LogSink::HasWork));
      if (queue_.empty()) return;
    }
    const bool room = outlet_.AwaitRoom(kLogPatience);
    absl::MutexLock lock(&mu_);
    if (room) Pump();
    if (!room && ending_) {
      dropped_ += queue_.size();
      return;
    }
  }
}

void LogSink::Put(std::string line) {
  if (queued_bytes_ + line.size() > kMaxQueuedBytes) {
    ++dropped_;
    ++untold_;
    return;
  }
  queued_bytes_ += line.size();
  queue_.push_back(std::move(line));
  if (queue_.size() == 1) Pump();  // otherwise the thread waits for the reader
}

void LogSink::Pump() {
  while (!queue_.empty()) {
    std::string& first = queue_.front();
    const absl::StatusOr<size_t> written = outlet_.Write(first);
    if (!written.ok()) ++dropped_;
    const size_t done = written.ok() ? *written : first.size();
    queued_bytes_ -= done;
    if (done < first.size()) {
      first.erase(0, done);
      return;
    }
    queue_.pop_front();
    if (queue_.empty() && untold_ > 0) TellDropped();
  }
}

void LogSink::TellDropped() {
  const std::string text =
      absl::StrCat(std::exchange(untold_, 0), " log lines were dropped: they were not read in time");
  std::string line = Format(spdlog::details::log_msg("", spdlog::level::warn, text));
  queued_bytes_ += line.size();
  queue_.push_back(std::move(line));
}

std::string LogSink::Format(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  formatter_->format(message, line);
  return {line.data(), line.size()};
}

}  // namespace throughline::server
