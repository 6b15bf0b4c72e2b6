#pragma once

// The suite as it runs in production: every replica of every service a process of its own, on a Kafka cluster, under a
// topic prefix of its own, with one file of credentials for all.
//
//   KafkaSuite suite;
//   ASSERT_TRUE(suite.Start({.brokers = kafka.bootstrap(), .replicas = 2}).ok());
//   suite.Kill({log::Topic::kIntake, 0});                       // kill -9
//   ASSERT_TRUE(suite.Restart({log::Topic::kIntake, 0}).ok());  // on the same port and data
//   Failover ana(suite, "ana");                                 // failover.h: a client that knows all replicas
//
// Start, Add and Restart of different replicas may run at the same time; calls for one replica are made by one thread.
// What only tells where things are may be called from any thread.

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/client/client.h"
#include "libs/log/event_log.h"
#include "tests/support/process.h"

namespace throughline::testing {

// Counted from 0 within its service.
struct Replica {
  log::Topic service;
  int number;
  auto operator<=>(const Replica&) const = default;
};

// "intake-0"
std::string NameOf(const Replica& replica);

class KafkaSuite {
 public:
  struct Options {
    std::string brokers;
    int replicas = 2;  // of each service
    std::vector<log::Topic> services = {std::begin(log::kTopics), std::end(log::kTopics)};
    int partitions = 12;
    int replication = 1;
    std::string prefix = {};              // of its topics; empty: one that nobody else has
    std::string directory = {};           // for data, made if missing and left behind; empty: a temporary one
    std::vector<std::string> flags = {};  // for every process, after those given here
    // For one replica instead of `brokers`, for instance through a TcpProxy; empty: `brokers`.
    std::function<std::string(const Replica&)> brokers_of = {};
    // A program and its first arguments, in place of the service's own; empty: that. Asked at every start.
    std::function<std::vector<std::string>(const Replica&)> program_of = {};
  };

  KafkaSuite() = default;
  KafkaSuite(const KafkaSuite&) = delete;
  KafkaSuite& operator=(const KafkaSuite&) = delete;
  ~KafkaSuite();

  // Makes the topics and the credentials, then starts every replica, and waits until all are ready.
  absl::Status Start(Options options);

  // One more replica of a service, without data: it folds from the first offset. Its number. Not while others are asked
  // for.
  absl::StatusOr<Replica> Add(log::Topic service, const std::vector<std::string>& environment = {});
  // UNAVAILABLE, with the last lines that it said, if it ends before it is ready.
  absl::Status Restart(const Replica& replica, const std::vector<std::string>& environment = {});
  // All that do not run, at the same time.
  absl::Status RestartAll();
  // As a process that is expected to refuse: waits for its end or `patience` and answers what it said on its log. The
  // process is gone afterwards. ALREADY_EXISTS: it said that it is ready. `brokers`: of another cluster; empty: its
  // own.
  absl::StatusOr<std::string> RestartInVain(const Replica& replica, absl::Duration patience,
                                            const std::string& brokers = "");

  void Kill(const Replica& replica);            // SIGKILL, and waits
  int Terminate(const Replica& replica);        // SIGTERM, and waits; its exit code
  std::vector<std::string> TerminateAll();      // at the same time; complaints about those that did not end with 0
  int AwaitEnd(const Replica& replica);         // until it has ended by itself, for instance at a kill point
  void Pause(const Replica& replica) const;     // SIGSTOP
  void Continue(const Replica& replica) const;  // SIGCONT

  // All that were ever started, service by service; and of one service.
  std::vector<Replica> replicas() const;
  std::vector<Replica> replicas(log::Topic service) const;
  bool running(const Replica& replica) const;

  std::string address(const Replica& replica) const;
  // A number as on the replica's /metrics, all label sets added up; -1 if it is not there or nobody answers.
  double Number(const Replica& replica, const std::string& metric) const;
  // Resident memory in bytes, 0 if it does not run.
  int64_t ResidentBytes(const Replica& replica) const;
  // Whether the health service says SERVING.
  bool Serving(const Replica& replica) const;
  std::string data(const Replica& replica) const;
  std::string store(const Replica& replica) const;  // the folder of its RocksDB
  std::string said(const Replica& replica) const;   // all of its log
  std::string token(const std::string& name) const;
  client::Options OptionsFor(const Replica& replica, const std::string& person) const;
  const Options& options() const { return options_; }
  const std::string& prefix() const { return options_.prefix; }

 private:
  struct Place {
    int port = 0;
    int metrics_port = 0;
    Process process;
  };
  Place& At(const Replica& replica) const;
  Replica NewPlace(log::Topic service);
  std::vector<std::string> CommandFor(const Replica& replica, std::string brokers = "") const;

  Options options_;
  bool temporary_ = false;
  std::array<std::vector<std::unique_ptr<Place>>, std::size(log::kTopics)> places_;
};

}  // namespace throughline::testing
