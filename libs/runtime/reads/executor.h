#pragma once

// Where answers, waiting reads and watches run: not on the thread that folds, which hands a task over and goes on. A
// port: on a thread of its own in a process, at once in a simulation, so that this repeats itself.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace throughline::runtime {

class Executor {
 public:
  using Task = std::function<void()>;

  virtual ~Executor() = default;
  // Runs tasks one at a time, in the order in which they came. Any thread.
  virtual void Run(Task task) = 0;
  // That have not begun.
  virtual size_t waiting() const = 0;
};

// At once, on the thread that asks.
class InlineExecutor : public Executor {
 public:
  void Run(Task task) override { task(); }
  size_t waiting() const override { return 0; }
};

class ThreadExecutor : public Executor {
 public:
  // `name`: of the thread, at most 15 characters. Its priority is that of all: one that gives way is stopped for long
  // while it holds locks that the fold takes.
  explicit ThreadExecutor(const std::string& name);
  ~ThreadExecutor() override { Drain(); }

  void Run(Task task) override;
  size_t waiting() const override;
  // Runs all that is there, and ends the thread. What comes later runs at once, on the thread that asks. Once or more;
  // not from a task.
  void Drain();

 private:
  void Work();

  mutable std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  bool draining_ = false;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace throughline::runtime
