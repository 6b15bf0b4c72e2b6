#pragma once

// Three replicas of some services on one simulated log, in virtual time, with faults: crashes that lose the newest
// writes of a store or all of them, restarts, pauses, network partitions, clock jumps, log partitions assigned to
// another replica, to two or to none, records by foreign producers and zombies, and the log's own faults. One seed
// decides all.
//
// One thread.

#include "libs/log/simulated/random.h"
#include "libs/log/simulated/simulated_log.h"
#include "libs/runtime/testing/replica.h"
#include "tests/simulation/store.h"

namespace throughline::simulation {

using Define = std::function<std::unique_ptr<runtime::Definition>()>;

// One service on one node. `replica` is null while the node is down.
struct Service {
  Define define;
  Store store;
  std::unique_ptr<log::EventLog> log;
  std::unique_ptr<log::PartitionAssignment> assignment;
  std::unique_ptr<runtime::testing::Replica> replica;
};

struct Node {
  int id = 0;
  runtime::ManualClock clock{absl::UnixEpoch()};
  absl::Duration skew;
  absl::Time paused_until = absl::InfinitePast();
  int life = 0;  // counts starts; callbacks of an earlier life are ignored
  std::deque<Service> services;
  bool up() const { return services.front().replica != nullptr; }
};

class World {
 public:
  static constexpr int kNodes = 3;

  World(uint64_t seed, std::vector<Define> services, bool trace);
  ~World();

  // Advances the virtual time.
  void Run(absl::Duration time);
  // Ends all faults: all nodes are up with the right time, and every partition is assigned to one.
  void Settle();
  // A replica that has never been before folds the whole log; what it then has stored.
  std::map<std::string, std::string, std::less<>> Rebuild(size_t service);

  Node& node(size_t i) { return *nodes_[i]; }
  size_t services() const { return defines_.size(); }
  log::SimulatedLog& log() { return log_; }
  log::Random& random() { return random_; }
  // The true time.
  absl::Time now() const;
  bool IsPaused(const Node& node) const { return node.paused_until > log_.now(); }
  void After(absl::Duration delay, std::function<void()> event) { log_.After(delay, std::move(event)); }
  void Trace(const std::function<std::string()>& text) const;
  void Violation(std::string text);
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  void Start(Node& node);
  void Crash(Node& node);
  void StepAll();
  void StepService(Node& node, Service& service);
  void SetClock(Node& node) const;
  void Tick();
  void Harm();
  void MoveAssignments();
  void WriteStrange();
  size_t Pick(size_t bound) { return static_cast<size_t>(random_.Below(bound)); }

  log::Random random_;
  const std::vector<Define> defines_;
  const bool trace_;
  const int32_t partitions_;
  log::SimulatedLog log_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::string> violations_;
  bool settled_ = false;
};

}  // namespace throughline::simulation
