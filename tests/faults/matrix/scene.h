#pragma once

// The common setup of most rows: a suite on the row's cluster, a ledger, and a client that knows all replicas.
//
//   Scene scene(context, outcome);
//   if (!scene.Begin({.replicas = 2})) return;
//   Load load(scene.ledger(), scene.client(), {.seed = context.seed()});
//   ...
//   Examine(context, scene.suite(), scene.ledger(), outcome);

#include <memory>

#include "tests/faults/matrix/examine.h"
#include "tests/faults/matrix/ledger.h"
#include "tests/faults/matrix/load.h"
#include "tests/faults/matrix/row.h"
#include "tests/support/failover.h"
#include "tests/support/kafka/kafka_suite.h"

namespace throughline::faults {

class Scene {
 public:
  // Both must outlive it.
  Scene(const Context& context, Outcome& outcome) : context_(context), outcome_(outcome) {}

  // Uses the row's shared cluster with `nodes` unless the options name brokers. False: the outcome says why.
  bool Begin(int nodes, testing::KafkaSuite::Options options = {}, Ledger::Mix mix = Ledger::Mix());

  testing::KafkaSuite& suite() { return suite_; }
  Ledger& ledger() { return *ledger_; }
  const testing::Failover& client() { return *client_; }
  testing::KafkaProcess& kafka() { return *kafka_; }

  // A random replica of these services, from the row's seed.
  template <typename Random>
  testing::Replica Any(Random& random) {
    const auto all = suite_.replicas();
    return all[random() % all.size()];
  }

 private:
  const Context& context_;
  Outcome& outcome_;
  testing::KafkaProcess* kafka_ = nullptr;
  testing::KafkaSuite suite_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<testing::Failover> client_;
};

}  // namespace throughline::faults
