#pragma once

// The log on Apache Kafka:
//
//   auto log = KafkaLog::Open({.cluster = {.brokers = "kafka-1:9092,kafka-2:9092"}, .topics = {Topic::kIntake}});
//
// Appends go through one idempotent producer with acks=all, pipelined and batched; a subscription is a consumer with
// manual assignment; ends are asked from the leaders. What cannot be kept is refused when it opens: topics that forget,
// settings that weaken durability. See README.md for what is promised and what is not.
//
// When brokers are away, appends are answered UNAVAILABLE after `append_timeout`, memory stays within the limits, and
// everything goes on by itself when they are back.
//
// Any thread. Callbacks come on threads of the log's own.

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

class KafkaLog : public EventLog {
 public:
  struct Options {
    KafkaCluster cluster = {};
    std::vector<Topic> topics = {std::begin(kTopics), std::end(kTopics)};  // those that this service reads or writes
    int32_t partitions = 0;                                                // that each must have; 0: any number

    // What may be appended and not answered; beyond, RESOURCE_EXHAUSTED at once.
    size_t max_in_flight_records = 100'000;
    size_t max_in_flight_bytes = size_t{64} << 20;
    size_t max_record_bytes = size_t{1} << 20;  // key and value

    absl::Duration linger = absl::ZeroDuration();  // how long an append waits for others to share its request
    absl::Duration append_timeout = absl::Seconds(10);
    absl::Duration query_timeout = absl::Seconds(5);  // of QueryEnds, and of reading duty's positions
    absl::Duration open_timeout = absl::Seconds(20);
    absl::Duration close_timeout = absl::Seconds(2);  // for what is in flight when the log is closed

    // Whether topics that could forget are refused. Not for who only reads, nor on librdkafka's mock cluster, which
    // cannot describe its topics.
    bool check_topics = true;

    std::vector<Gap> also_accepted = {};  // besides the gaps that are kept on the cluster; for who looks at one
  };

  struct State {
    size_t in_flight_records = 0;
    size_t in_flight_bytes = 0;
    uint64_t producers_made = 0;   // more than one: librdkafka's producer broke and was replaced
    uint64_t appends_unknown = 0;  // answered UNAVAILABLE
  };

  // UNAVAILABLE: no broker answers. FAILED_PRECONDITION: a topic is missing, forgets, or is otherwise not as it must
  // be; says which, why, and the command that mends it. INVALID_ARGUMENT: a setting of librdkafka's is refused.
  static absl::StatusOr<std::unique_ptr<KafkaLog>> Open(Options options);

  // Waits for what is in flight for up to `close_timeout`, and answers the rest UNAVAILABLE. Subscriptions and duties
  // must be gone.
  ~KafkaLog() override = default;

  // Membership of the consumer group of a service, `throughline.<service>`, by which partitions of these topics are
  // shared out. The group's name begins with the cluster's prefix. The log must outlive it. INVALID_ARGUMENT:
  // librdkafka refuses a setting, or no service has the group. FAILED_PRECONDITION: up to where the service has reacted
  // is lost; says what to do. UNAVAILABLE: no broker answers.
  virtual absl::StatusOr<std::unique_ptr<PartitionAssignment>> AssignPartitions(std::string group,
                                                                                std::vector<Topic> topics) = 0;

  // For metrics.
  virtual State state() const = 0;
};

}  // namespace throughline::log
