#pragma once

// What other threads hand to an engine: tasks, run on its thread in the order in which they came. Any thread pushes.

#include <functional>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace throughline::runtime {

class Inbox {
 public:
  using Task = std::function<void()>;

  // False, and the task is dropped, once closed.
  bool Push(Task task) {
    absl::MutexLock lock(&mutex_);
    if (closed_) return false;
    tasks_.push_back(std::move(task));
    return true;
  }

  // There may be something to do besides tasks.
  void Wake() {
    absl::MutexLock lock(&mutex_);
    woken_ = true;
  }

  // Everything there is, at once; possibly nothing.
  std::vector<Task> Take() {
    absl::MutexLock lock(&mutex_);
    woken_ = false;
    return std::exchange(tasks_, {});
  }

  // Returns when there is a task, or after Wake or Close, or at the latest after `timeout`.
  void Wait(absl::Duration timeout) {
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(this, &Inbox::Ready), timeout);
  }

  // Returns when there is a task, or after Close, or at the latest after `timeout`; Wake does not end it.
  void WaitForTask(absl::Duration timeout) {
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(this, &Inbox::HasTask), timeout);
  }

  void Close() {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }

 private:
  bool Ready() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return woken_ || HasTask(); }
  bool HasTask() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return closed_ || !tasks_.empty(); }

  absl::Mutex mutex_;
  std::vector<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace throughline::runtime
