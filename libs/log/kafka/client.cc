#include "libs/log/kafka/client.h"

#include <algorithm>
#include <pthread.h>
#include <utility>

#include "absl/strings/str_cat.h"

namespace throughline::log::kafka {

absl::StatusOr<Client> NewClient(rd_kafka_type_t type, Conf conf) {
  char text[512] = "";
  rd_kafka_t* made = rd_kafka_new(type, conf.get(), text, sizeof text);
  if (made == nullptr) return absl::InvalidArgumentError(absl::StrCat("Kafka's client cannot be made: ", text));
  static_cast<void>(conf.release());  // the client has it now
  return Client(made);
}

std::string ErrorText(rd_kafka_resp_err_t error) {
  return absl::StrCat(rd_kafka_err2str(error), " (", rd_kafka_err2name(error), ")");
}

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(std::clamp<int64_t>(absl::ToInt64Milliseconds(duration), 1, 3'600'000));
}

Reaper::Reaper() : thread_([this] { Run(); }) { pthread_setname_np(thread_.native_handle(), "log-reaper"); }

Reaper::~Reaper() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    arrived_.Signal();
  }
  thread_.join();
}

void Reaper::Take(Client client) {
  absl::MutexLock lock(&mu_);
  clients_.push_back(std::move(client));
  arrived_.Signal();
}

void Reaper::Run() {
  while (true) {
    std::vector<Client> clients;  // destroyed after the lock is released
    absl::MutexLock lock(&mu_);
    while (clients_.empty() && !stopping_) arrived_.Wait(&mu_);
    if (clients_.empty()) return;
    std::swap(clients, clients_);
  }
}

}  // namespace throughline::log::kafka
