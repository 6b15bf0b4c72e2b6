#include "libs/log/kafka/secrets.h"

#include <algorithm>
#include <pthread.h>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "spdlog/spdlog.h"

#include "libs/files/reloaded.h"
#include "libs/log/kafka/topics/describe.h"

namespace throughline::log::kafka {
namespace {

constexpr absl::string_view kTlsFiles[] = {"ssl.ca.location", "ssl.certificate.location", "ssl.crl.location",
                                           "ssl.key.location", "ssl.keystore.location"};
constexpr absl::Duration kTryFor = absl::Seconds(5);

}  // namespace

std::vector<std::string> SecretFiles(const KafkaSettings& settings) {
  std::vector<std::string> files;
  for (const auto& [name, value] : settings) {
    const bool file = absl::EndsWith(name, ".file") || (absl::c_linear_search(kTlsFiles, name) && value != "probe");
    if (file && !absl::c_linear_search(files, value)) files.push_back(value);
  }
  return files;
}

Secrets::Secrets(KafkaCluster cluster, absl::Duration every)
    : cluster_(std::move(cluster)), files_(SecretFiles(cluster_.settings)), every_(every) {
  if (files_.empty()) return;
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "log-secrets");
}

Secrets::~Secrets() {
  if (!thread_.joinable()) return;
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    stopped_.Signal();
  }
  thread_.join();
}

void Secrets::Run() {
  std::string in_force = files::VersionOf(files_);
  std::string refused;
  while (true) {
    {
      absl::MutexLock lock(&mu_);
      if (!stopping_) stopped_.WaitWithTimeout(&mu_, every_);
      if (stopping_) return;
    }
    std::string version = files::VersionOf(files_);  // before reading, so that a change in between is seen next time
    if (version == in_force) continue;
    const absl::Status tried = Try();
    if (tried.ok()) {
      in_force = std::move(version);
      spdlog::info("kafka: {} changed, and the brokers accept it: all connections are made anew",
                   absl::StrJoin(files_, ", "));
      generation_.fetch_add(1, std::memory_order_release);
    } else if (version != refused) {  // one line for each change; the attempts go on
      spdlog::error("kafka: {} changed, and no connection can be made with it: {}. Connections stay as they were",
                    absl::StrJoin(files_, ", "), std::string(tried.message()));
      refused = std::move(version);
    }
  }
}

absl::Status Secrets::Try() const {
  const absl::StatusOr<Client> client = NewQueryClient(cluster_);
  if (!client.ok()) return client.status();
  const rd_kafka_metadata_t* found = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(client->get(), /*all_topics=*/0, nullptr, &found, Milliseconds(kTryFor));
  const Metadata metadata(found);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? absl::OkStatus() : NoAnswer(error);
}

absl::StatusOr<Client> Renewal::Make() {
  made_with_ = secrets_->generation();
  return make_();
}

std::optional<Client> Renewal::Next() {
  if (secrets_->generation() == made_with_ || absl::Now() < try_again_) return std::nullopt;
  const uint64_t before = made_with_;
  absl::StatusOr<Client> client = Make();
  if (client.ok()) return *std::move(client);
  made_with_ = before;
  try_again_ = absl::Now() + absl::Seconds(1);
  spdlog::error("kafka: the secrets changed, and no new client can be made: {}",
                std::string(client.status().message()));
  return std::nullopt;
}

}  // namespace throughline::log::kafka
