#pragma once

// A real Kafka for tests, through scripts/kafka.
//
// Tests that only need a broker take the shared one: that of THROUGHLINE_KAFKA (scripts/test starts one for all test
// programs), or one that this process starts at the first call. Its topics are everybody's: choose names of your own.
//
//   const absl::StatusOr<std::string> kafka = SharedKafka();
//   SKIP_WITHOUT_KAFKA(kafka.status());
//
// Tests that stop, kill or pause brokers start their own cluster, which is gone when the object is, and also when this
// process is killed:
//
//   KafkaProcess kafka;
//   SKIP_WITHOUT_KAFKA(kafka.Up({.nodes = 3}));
//   ASSERT_TRUE(kafka.Stop({2}, KafkaProcess::How::kKill).ok());
//   ASSERT_TRUE(kafka.Start({2}).ok());
//
// One thread, except SharedKafka, which any thread may call.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "tests/support/process.h"

namespace throughline::testing {

class KafkaProcess {
 public:
  struct Options {
    int nodes = 1;  // or 3
    // One per node, or none: ports of this machine that a second listener of the node tells its clients to come to. A
    // TcpProxy there forwards to the port in proxied_ports().
    std::vector<int> advertised_ports = {};
  };
  enum class How { kCleanly, kKill };

  KafkaProcess() = default;
  KafkaProcess(const KafkaProcess&) = delete;
  KafkaProcess& operator=(const KafkaProcess&) = delete;
  ~KafkaProcess() { Down(); }

  // Returns when every node is ready. UNAVAILABLE if there is no Kafka on this machine: nothing is installed or fetched
  // here; INTERNAL if there is, and it does not work.
  absl::Status Up(const Options& options);
  // At once, and the data goes too.
  void Down();

  const std::string& bootstrap() const { return bootstrap_; }  // host:port,...
  const std::vector<int>& proxied_ports() const { return proxied_ports_; }

  // Nodes are numbered from 1; several are stopped or started together. INTERNAL with what scripts/kafka said.
  absl::Status Stop(const std::vector<int>& nodes, How how);
  // Returns when they are ready; unless `wait`, when they are launched: less than two of three are never ready.
  absl::Status Start(const std::vector<int>& nodes, bool wait = true);
  absl::Status Pause(const std::vector<int>& nodes);  // SIGSTOP
  absl::Status Resume(const std::vector<int>& nodes);
  absl::StatusOr<int> Leader(const std::string& topic, int partition) const;

 private:
  absl::StatusOr<std::string> Script(const std::string& verb, const std::vector<std::string>& arguments) const;
  absl::Status Nodes(const std::string& verb, const std::vector<int>& nodes, const std::string& option = "") const;

  pid_t owner_ = -1;
  std::string directory_;
  std::string bootstrap_;
  std::vector<int> proxied_ports_;
};

// The bootstrap servers of a single node that no test may disturb. The same answer at every call. Errors as those of
// KafkaProcess::Up.
absl::StatusOr<std::string> SharedKafka();

// Whether a test without Kafka fails instead of being skipped: in CI, or with THROUGHLINE_KAFKA_REQUIRED=1.
bool KafkaRequired();

// How to get it, for whoever reads of a skipped test.
std::string HowToGetKafka(const absl::Status& status);

// In the body of a test or in SetUp. Only a Kafka that cannot be had is a reason to skip; one that fails is a failure.
#define SKIP_WITHOUT_KAFKA(status)                                                                             \
  if (const absl::Status kafka_status = (status); kafka_status.ok()) {                                         \
  } else if (::throughline::testing::KafkaRequired() || kafka_status.code() != absl::StatusCode::kUnavailable) \
    FAIL() << ::throughline::testing::HowToGetKafka(kafka_status);                                             \
  else                                                                                                         \
    GTEST_SKIP() << ::throughline::testing::HowToGetKafka(kafka_status)

}  // namespace throughline::testing
