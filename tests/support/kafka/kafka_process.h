#pragma once

// A real Kafka for tests, through scripts/kafka.
//
// Tests that only need a broker use the shared one: that of THROUGHLINE_KAFKA (scripts/test starts one for all test
// programs), or one that this process starts on the first call. Its topics are shared: use names of your own.
//
//   const absl::StatusOr<std::string> kafka = SharedKafka();
//   SKIP_WITHOUT_KAFKA(kafka.status());
//
// Tests that stop, kill or pause brokers start a cluster of their own. It ends with the object, and also when this
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
    // One per node, or none: ports of this machine. A second listener of the node advertises its port to clients; a
    // TcpProxy there forwards to the port in proxied_ports().
    std::vector<int> advertised_ports = {};
    // A folder with server.pem (key and certificate) and ca.pem (the authorities of clients): each node gets a further
    // listener with TLS, client certificates and SCRAM-SHA-512. A node reads the files when it starts.
    std::string secure = {};
  };
  enum class How { kCleanly, kKill };

  KafkaProcess() = default;
  KafkaProcess(const KafkaProcess&) = delete;
  KafkaProcess& operator=(const KafkaProcess&) = delete;
  ~KafkaProcess() { Down(); }

  // Returns when every node is ready. UNAVAILABLE: there is no Kafka on this machine (nothing is installed or fetched
  // here). INTERNAL: there is one, and it does not work.
  absl::Status Up(const Options& options);
  // Stops it at once and deletes its data.
  void Down();

  const std::string& bootstrap() const { return bootstrap_; }  // host:port,...
  const std::string& secured() const { return secured_; }      // the same of Options::secure
  const std::vector<int>& proxied_ports() const { return proxied_ports_; }

  // Nodes are numbered from 1; several are stopped or started together. INTERNAL: with the output of scripts/kafka.
  absl::Status Stop(const std::vector<int>& nodes, How how);
  // Returns when they are ready. Without `wait`, when they are launched: fewer than two of three never become ready.
  absl::Status Start(const std::vector<int>& nodes, bool wait = true);
  absl::Status Pause(const std::vector<int>& nodes);  // SIGSTOP
  absl::Status Resume(const std::vector<int>& nodes);
  // A user of the secure listener: makes it, or gives it another password.
  absl::Status SetUser(const std::string& name, const std::string& password) const;
  absl::StatusOr<int> Leader(const std::string& topic, int partition) const;

 private:
  absl::StatusOr<std::string> Script(const std::string& verb, const std::vector<std::string>& arguments,
                                     const std::string& input = "") const;
  absl::Status Nodes(const std::string& verb, const std::vector<int>& nodes, const std::string& option = "") const;

  pid_t owner_ = -1;
  std::string directory_;
  std::string bootstrap_;
  std::string secured_;
  std::vector<int> proxied_ports_;
};

// The bootstrap servers of a single node that no test may disturb; the same at every call. Errors as KafkaProcess::Up.
absl::StatusOr<std::string> SharedKafka();

// Whether a test without Kafka fails instead of being skipped: in CI, or with THROUGHLINE_KAFKA_REQUIRED=1.
bool KafkaRequired();

// How to get Kafka; shown with skipped tests.
std::string HowToGetKafka(const absl::Status& status);

// Use it in a test or in SetUp. A missing Kafka skips the test; a failing one fails it.
#define SKIP_WITHOUT_KAFKA(status)                                                                             \
  if (const absl::Status kafka_status = (status); kafka_status.ok()) {                                         \
  } else if (::throughline::testing::KafkaRequired() || kafka_status.code() != absl::StatusCode::kUnavailable) \
    FAIL() << ::throughline::testing::HowToGetKafka(kafka_status);                                             \
  else                                                                                                         \
    GTEST_SKIP() << ::throughline::testing::HowToGetKafka(kafka_status)

}  // namespace throughline::testing
