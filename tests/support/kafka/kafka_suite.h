#pragma once

// The suite as in production: every replica of every service is a process, on a Kafka cluster, with a topic prefix of
// its own and one credentials file for all.
//
//   KafkaSuite suite;
//   ASSERT_TRUE(suite.Start({.brokers = kafka.bootstrap(), .replicas = 2}).ok());
//   suite.Kill({log::Topic::kIntake, 0});                       // kill -9
//   ASSERT_TRUE(suite.Restart({log::Topic::kIntake, 0}).ok());  // on the same port and data
//   Failover ana(suite, "ana");                                 // failover.h: a client that knows all replicas
//
// Start, Add and Restart of different replicas may run at the same time; calls for one replica are made by one thread.
// Functions that only return information: any thread.

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
    int replicas = 2;  // per service
    std::vector<log::Topic> services = {std::begin(log::kTopics), std::end(log::kTopics)};
    int partitions = 12;
    int replication = 1;
    std::string prefix = {};              // of its topics; empty: a unique one
    std::string directory = {};           // for data; created if missing, and kept; empty: a temporary one
    std::vector<std::string> flags = {};  // for every process, after those set here
    std::function<std::vector<std::string>(log::Topic service)> flags_of = {};  // for one service's, after `flags`
    // The brokers for one replica, for instance a TcpProxy; empty: `brokers`.
    std::function<std::string(const Replica&)> brokers_of = {};
    // A program and its first arguments, instead of the service's own; empty: the service's own. Called at every start.
    std::function<std::vector<std::string>(const Replica&)> program_of = {};
  };

  KafkaSuite() = default;
  KafkaSuite(const KafkaSuite&) = delete;
  KafkaSuite& operator=(const KafkaSuite&) = delete;
  ~KafkaSuite();

  // Creates the topics and credentials, starts every replica, and waits until all are ready.
  absl::Status Start(Options options);

  // Starts one more replica of a service, without data: it folds from the first offset. Returns it. Not concurrent with
  // calls about other replicas.
  absl::StatusOr<Replica> Add(log::Topic service, const std::vector<std::string>& environment = {});
  // UNAVAILABLE, with the last lines of its log: it ended before it was ready.
  absl::Status Restart(const Replica& replica, const std::vector<std::string>& environment = {});
  // All stopped ones, at the same time.
  absl::Status RestartAll();
  // Starts a replica that must refuse to run: waits until it ends, or for `patience`, and returns its log. The process
  // has ended afterwards. ALREADY_EXISTS: it became ready. `brokers`: those of another cluster; empty: its own.
  absl::StatusOr<std::string> RestartInVain(const Replica& replica, absl::Duration patience,
                                            const std::string& brokers = "");

  void Kill(const Replica& replica);            // SIGKILL, and waits
  int Terminate(const Replica& replica);        // SIGTERM, and waits; its exit code
  std::vector<std::string> TerminateAll();      // at the same time; returns the exit codes other than 0, as text
  int AwaitEnd(const Replica& replica);         // waits until it ends by itself, for instance at a kill point
  void Pause(const Replica& replica) const;     // SIGSTOP
  void Continue(const Replica& replica) const;  // SIGCONT

  // All replicas ever started; and those of one service.
  std::vector<Replica> replicas() const;
  std::vector<Replica> replicas(log::Topic service) const;
  bool running(const Replica& replica) const;

  std::string address(const Replica& replica) const;
  // A metric of the replica, summed over its label sets; -1: it is missing, or nothing answers.
  double Number(const Replica& replica, const std::string& metric) const;
  // Resident memory in bytes; 0: it does not run.
  int64_t ResidentBytes(const Replica& replica) const;
  // Whether its health service says SERVING.
  bool Serving(const Replica& replica) const;
  std::string data(const Replica& replica) const;
  std::string store(const Replica& replica) const;  // the directory of its RocksDB
  std::string said(const Replica& replica) const;   // its whole log
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
