#pragma once

// Ends librdkafka's clients on a thread of its own: that takes up to a second, and whoever is done with one has no time
// to wait. Any thread; the destructor waits until all have ended.

#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "libs/log/kafka/client.h"

namespace throughline::log::kafka {

class Reaper {
 public:
  Reaper();
  ~Reaper();
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

  void Take(Client client);

 private:
  void Run();

  absl::Mutex mu_;
  absl::CondVar arrived_;
  std::vector<Client> clients_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace throughline::log::kafka
