#include "libs/log/kafka/reaper.h"

#include <pthread.h>
#include <utility>

namespace throughline::log::kafka {

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
    std::vector<Client> clients;  // ended after the lock is let go
    absl::MutexLock lock(&mu_);
    while (clients_.empty() && !stopping_) arrived_.Wait(&mu_);
    if (clients_.empty()) return;
    std::swap(clients, clients_);
  }
}

}  // namespace throughline::log::kafka
