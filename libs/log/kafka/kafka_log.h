#pragma once

// The log on Apache Kafka:
//
//   auto log = KafkaLog::Open({.cluster = {.brokers = "kafka-1:9092,kafka-2:9092"}, .topics = {Topic::kIntake}});
//
// Appends go through one idempotent producer with acks=all, pipelined and batched. A subscription is a consumer with
// manual assignment. Ends are queried from the partition leaders. Open refuses topics with limited retention and
// settings that weaken durability. README.md lists the guarantees.
//
// While brokers are down, appends are answered UNAVAILABLE after `append_timeout`, and memory stays within the limits.
// The log recovers by itself.
//
// Any thread. Callbacks run on threads of the log.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/log/event_log.h"
#include "libs/log/kafka/settings.h"
#include "libs/log/kafka/topics/gaps.h"
#include "libs/log/partition_assignment.h"

namespace throughline::log {

namespace kafka {
class Secrets;
}

class KafkaLog : public EventLog {
 public:
  struct Options {
    KafkaCluster cluster = {};
    std::vector<Topic> topics = {std::begin(kTopics), std::end(kTopics)};  // those that this service reads or writes
    int32_t partitions = 0;                                                // of each topic; 0: any number

    // Limits of unanswered appends. Further ones are refused with RESOURCE_EXHAUSTED.
    size_t max_in_flight_records = 100'000;
    size_t max_in_flight_bytes = size_t{64} << 20;
    size_t max_record_bytes = size_t{1} << 20;  // key and value

    absl::Duration linger = absl::ZeroDuration();  // how long an append waits for others to share its request
    absl::Duration append_timeout = absl::Seconds(10);
    absl::Duration query_timeout = absl::Seconds(5);  // of QueryEnds, and of reading checkpoints
    absl::Duration open_timeout = absl::Seconds(20);
    absl::Duration close_timeout = absl::Seconds(2);  // for the appends in flight when the log is closed

    // Whether topics with wrong settings are refused. Off for tools that only read, and on librdkafka's mock cluster,
    // which cannot describe topics.
    bool check_topics = true;

    std::vector<Gap> also_accepted = {};  // in addition to the accepted gaps on the cluster; to examine one
  };

  struct State {
    size_t in_flight_records = 0;
    size_t in_flight_bytes = 0;
    uint64_t producers_made = 0;   // more than one: librdkafka's producer broke and was replaced
    uint64_t appends_unknown = 0;  // answered UNAVAILABLE
  };

  // UNAVAILABLE: no broker answers. FAILED_PRECONDITION: a topic is missing or has wrong settings; names the topic, the
  // reason and the command that corrects it. INVALID_ARGUMENT: librdkafka refuses a setting.
  static absl::StatusOr<std::unique_ptr<KafkaLog>> Open(Options options);

  // Waits up to `close_timeout` for the appends in flight, and answers the rest with UNAVAILABLE. Subscriptions and
  // assignments must be destroyed before.
  ~KafkaLog() override = default;

  // Joins the consumer group of a service, `throughline.<service>` with the cluster's prefix, which distributes the
  // partitions of these topics. The log must outlive the assignment. INVALID_ARGUMENT: librdkafka refuses a setting, or
  // no service has this group. FAILED_PRECONDITION: the service's checkpoints are lost; says what to do. UNAVAILABLE:
  // no broker answers.
  virtual absl::StatusOr<std::unique_ptr<PartitionAssignment>> AssignPartitions(std::string group,
                                                                                std::vector<Topic> topics) = 0;

  // What watches the files of the cluster's secrets, for other clients of the process. May outlive the log.
  virtual std::shared_ptr<const kafka::Secrets> secrets() const = 0;

  // For metrics.
  virtual State state() const = 0;
};

}  // namespace throughline::log
