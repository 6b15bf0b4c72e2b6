#pragma once

// Owners of librdkafka's handles. Of its C API: the C++ one throws, and lacks functions that we need.

#include <librdkafka/rdkafka.h>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace throughline::log::kafka {

template <auto destroy>
struct Destroy {
  template <typename T>
  void operator()(T* handle) const {
    destroy(handle);
  }
};
inline void DestroyClient(rd_kafka_t* client) {
  // A member of a group closes its consumer before, to leave the group.
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

using Conf = std::unique_ptr<rd_kafka_conf_t, Destroy<rd_kafka_conf_destroy>>;
using Client = std::unique_ptr<rd_kafka_t, Destroy<DestroyClient>>;  // its end joins threads, which can take a second
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;
using Message = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Destroy<rd_kafka_topic_destroy>>;
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t, Destroy<rd_kafka_topic_partition_list_destroy>>;
using Error = std::unique_ptr<rd_kafka_error_t, Destroy<rd_kafka_error_destroy>>;

// INVALID_ARGUMENT: the settings contradict each other, or name a file that cannot be read.
absl::StatusOr<Client> NewClient(rd_kafka_type_t type, Conf conf);

// "Broker: Not enough in-sync replicas (NOT_ENOUGH_REPLICAS)"
std::string ErrorText(rd_kafka_resp_err_t error);

// In whole milliseconds, at least 1 and at most an hour.
int Milliseconds(absl::Duration duration);

// Destroys clients on a thread of its own ("log-reaper"), because that can take a second. Any thread; the destructor
// waits until all clients are destroyed.
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
