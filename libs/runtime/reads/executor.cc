#include "libs/runtime/reads/executor.h"

#include <pthread.h>
#include <utility>

namespace throughline::runtime {

ThreadExecutor::ThreadExecutor(const std::string& name)
    : thread_([this, name] {
        pthread_setname_np(pthread_self(), name.c_str());
        Work();
      }) {}

void ThreadExecutor::Run(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (!ended_) {
      tasks_.push_back(std::move(task));
      changed_.notify_one();
      return;
    }
  }
  task();
}

size_t ThreadExecutor::waiting() const {
  const std::lock_guard lock(mutex_);
  return tasks_.size();
}

void ThreadExecutor::Drain() {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void ThreadExecutor::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return draining_ || !tasks_.empty(); });
    if (tasks_.empty()) break;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // destroys what it holds without the lock
    lock.lock();
  }
  ended_ = true;
}

}  // namespace throughline::runtime
