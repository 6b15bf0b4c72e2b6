#pragma once

// A replica's view of the simulated log, and its subscriptions. Made by simulated_log.cc only. One thread.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/log/simulated/simulated_log.h"

namespace throughline::log {

class SimulatedSubscription : public Subscription {
 public:
  SimulatedSubscription(SimulatedHandle& handle, std::vector<Position> from, std::function<void()> wake);
  ~SimulatedSubscription() override;

  absl::StatusOr<std::vector<RecordPtr>> Poll(size_t max_records) override;

 private:
  friend class SimulatedHandle;
  std::shared_ptr<SimulatedHandle*> handle_;  // points to null once the handle is destroyed
  std::vector<Position> next_;
  std::function<void()> wake_;
  absl::Status failure_;
  bool hungry_ = false;
  size_t turn_ = 0;
};

class SimulatedHandle : public EventLog {
 public:
  SimulatedHandle(SimulatedLog& log, int replica);
  // Answers the pending appends with UNAVAILABLE, unless it was killed.
  ~SimulatedHandle() override;

  void Append(Partition partition, std::string key, std::string value, Appended done) override;
  absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(std::vector<Position> from,
                                                          std::function<void()> wake) override;
  void QueryEnds(std::vector<Partition> partitions, Ends done) override;
  absl::StatusOr<Identity> Describe() override;
  // Runs the clock. `deadline` is in the simulation's time.
  size_t Flush(absl::Time deadline) override;

  void Kill();
  void Wake(Partition partition);

 private:
  friend class SimulatedSubscription;
  using Self = std::shared_ptr<SimulatedHandle*>;

  static void Answer(const Self& self, uint64_t id, absl::StatusOr<int64_t> offset);
  void AnswerAfter(absl::Duration delay, uint64_t id, absl::Status status);
  void Send(Partition partition, std::string key, std::string value, uint64_t id);

  SimulatedLog& log_;
  const int replica_;
  bool killed_ = false;
  const Self self_ = std::make_shared<SimulatedHandle*>(this);  // points to null once it is killed or destroyed
  uint64_t last_id_ = 0;
  std::map<uint64_t, Appended> pending_;
  std::map<Partition, absl::Time> last_write_;
  std::map<Partition, absl::Time> last_answer_;
  std::vector<SimulatedSubscription*> subscriptions_;
};

}  // namespace throughline::log
