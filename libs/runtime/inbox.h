#pragma once

// Tasks from other threads for an engine, which runs them on its thread in the order in which they came. Any thread
// pushes; one thread takes and waits.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace throughline::runtime {

class Inbox {
 public:
  using Task = std::function<void()>;

  // False, and the task is dropped, once closed.
  bool Push(Task task) {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    tasks_.push_back(std::move(task));
    changed_.notify_one();
    return true;
  }

  // There may be something to do besides tasks.
  void Wake() {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    changed_.notify_one();
  }

  // Everything there is, at once; possibly nothing.
  std::vector<Task> Take() {
    const std::lock_guard lock(mutex_);
    woken_ = false;
    return std::exchange(tasks_, {});
  }

  // Returns when there is a task, or after Wake or Close, or at the latest after `timeout`. Uses the steady clock, here
  // and below. absl's timeouts use the wall clock: the engine would stand still when that is set back.
  void Wait(absl::Duration timeout) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, absl::ToChronoNanoseconds(timeout), [this] { return woken_ || HasTask(); });
  }

  // Returns when there is a task, or after Close, or at the latest after `timeout`; Wake does not end it.
  void WaitForTask(absl::Duration timeout) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, absl::ToChronoNanoseconds(timeout), [this] { return HasTask(); });
  }

  void Close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_one();
  }

 private:
  bool HasTask() const { return closed_ || !tasks_.empty(); }

  // Of all below.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Task> tasks_;
  bool woken_ = false;
  bool closed_ = false;
};

}  // namespace throughline::runtime
