#pragma once

// The files with passwords, keys and certificates that a cluster's settings name. When they change, each client of ours
// is replaced by one that connects with what they hold now, so that a secret is rotated without a restart.
//
// What has changed counts once the brokers accept it, which a thread ("log-secrets") tries with a client of its own:
// while a new password is not known to the brokers, or a certificate waits for its key, the clients stay as they are.

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/log/kafka/client.h"
#include "libs/log/kafka/settings.h"

namespace throughline::log::kafka {

// The files that the settings name: those of `name.file`, and of TLS. Without repetitions.
std::vector<std::string> SecretFiles(const KafkaSettings& settings);

// Any thread.
class Secrets {
 public:
  // Watches nothing: for what ends soon.
  Secrets() : Secrets(KafkaCluster()) {}
  explicit Secrets(KafkaCluster cluster, absl::Duration every = absl::Seconds(1));
  ~Secrets();
  Secrets(const Secrets&) = delete;
  Secrets& operator=(const Secrets&) = delete;

  // Grows when the brokers have accepted a change.
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

 private:
  void Run();
  // Whether a client with what the files hold now reaches the brokers.
  absl::Status Try() const;

  const KafkaCluster cluster_;
  const std::vector<std::string> files_;
  const absl::Duration every_;
  std::atomic<uint64_t> generation_{0};
  absl::Mutex mu_;
  absl::CondVar stopped_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // none without files
};

// How one user of a client makes it, and when it needs a new one. One thread. The secrets must outlive it.
class Renewal {
 public:
  using MakeClient = std::function<absl::StatusOr<Client>()>;

  Renewal(const Secrets& secrets, MakeClient make) : secrets_(&secrets), make_(std::move(make)) {}

  absl::StatusOr<Client> Make();
  // A client to use instead of the present one, if the secrets have changed since that was made. None can be made: one
  // line of log, and the next call a second later tries again.
  std::optional<Client> Next();

 private:
  const Secrets* secrets_;
  MakeClient make_;
  uint64_t made_with_ = 0;
  absl::Time try_again_ = absl::InfinitePast();
};

}  // namespace throughline::log::kafka
