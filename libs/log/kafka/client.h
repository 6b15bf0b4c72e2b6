#pragma once

// librdkafka's C handles, owned. The C API and not the C++ one, because it throws nothing and hides nothing.

#include <librdkafka/rdkafka.h>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
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
  // A consumer that is to leave its group is closed before.
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

using Conf = std::unique_ptr<rd_kafka_conf_t, Destroy<rd_kafka_conf_destroy>>;
using Client = std::unique_ptr<rd_kafka_t, Destroy<DestroyClient>>;  // ends its threads, which can take a second
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;
using Message = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Destroy<rd_kafka_topic_destroy>>;
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t, Destroy<rd_kafka_topic_partition_list_destroy>>;
using Error = std::unique_ptr<rd_kafka_error_t, Destroy<rd_kafka_error_destroy>>;

// INVALID_ARGUMENT: settings that contradict each other, or files that they name and that cannot be read.
absl::StatusOr<Client> NewClient(rd_kafka_type_t type, Conf conf);

// "Broker: Not enough in-sync replicas (NOT_ENOUGH_REPLICAS)"
std::string ErrorText(rd_kafka_resp_err_t error);

// In whole milliseconds, at least 1 and at most an hour.
int Milliseconds(absl::Duration duration);

}  // namespace throughline::log::kafka
