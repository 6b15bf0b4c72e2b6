#pragma once

// Runs answers, waiting reads and watches, so that none of them holds up the thread that folds. A port: a thread of its
// own in a process; in a simulation, a task runs at once, so that the simulation is repeatable.

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
  // How many tasks have not begun.
  virtual size_t waiting() const = 0;
};

// Runs a task at once, on the thread that adds it.
class InlineExecutor : public Executor {
 public:
  void Run(Task task) override { task(); }
  size_t waiting() const override { return 0; }
};

class ThreadExecutor : public Executor {
 public:
  // `name`: of the thread, at most 15 characters. It has the same priority as the others: a thread of lower priority
  // can be stopped for long while it holds locks that the fold needs.
  explicit ThreadExecutor(const std::string& name);
  ~ThreadExecutor() override { Drain(); }

  void Run(Task task) override;
  size_t waiting() const override;
  // Runs the tasks that are there, and ends the thread. Later tasks run at once, on the thread that adds them. May be
  // called more than once, but not from a task.
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
