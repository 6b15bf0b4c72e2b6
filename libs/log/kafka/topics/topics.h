#pragma once

// Creates the topics on a Kafka cluster, and checks them, at each start of a service and in `throughline topics check`.
//
// The topics of the log (`throughline.<service>.log`) have unlimited retention and no compaction: they are the source
// of truth. The topics for other teams (`throughline.<service>.events`) can be made again from the log, and have the
// retention of the cluster's defaults, or what their readers want. Two small topics hold notes about the log (notes.h).
//
// Any thread; the functions block for up to the timeout.

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/log/event_log.h"
#include "libs/log/kafka/settings.h"

namespace throughline::log {

// What Kafka's protocol adds to a record, at most.
inline constexpr size_t kKafkaRecordOverhead = 64 << 10;

struct TopicPlan {
  int32_t partitions = 12;  // of each topic; can never change, because streams would change their partition
  int replication = 3;
  int min_insync = 0;  // 0: a majority of the replicas
  absl::Duration timeout = absl::Seconds(20);
};

// Creates the missing topics, for the log, events and notes, and waits until their leaders answer. Does not change
// existing ones. Returns the names of the new topics. UNAVAILABLE: no broker answers. FAILED_PRECONDITION,
// PERMISSION_DENIED: the cluster refuses.
absl::StatusOr<std::vector<std::string>> CreateTopics(const KafkaCluster& cluster, const TopicPlan& plan);

struct TopicFinding {
  std::string topic;
  bool refused = true;  // the log does not open with it; false: a risk that the operator may accept
  std::string what;
  std::string mend;  // the command that corrects it
};

struct TopicExpectation {
  std::vector<Topic> topics = {std::begin(kTopics), std::end(kTopics)};
  int32_t partitions = 0;  // 0: any number
  size_t max_record_bytes = size_t{1} << 20;
  bool events = false;  // also check that the topics for events exist
  absl::Duration timeout = absl::Seconds(20);
};

// UNAVAILABLE: no broker answers.
absl::StatusOr<std::vector<TopicFinding>> CheckTopics(const KafkaCluster& cluster, const TopicExpectation& expected);

namespace kafka {

// One topic as the cluster describes it.
struct TopicFacts {
  std::string name;
  int32_t partitions = 0;                          // 0: there is no such topic
  int replication = 0;                             // the minimum over its partitions
  std::map<std::string, std::string> config = {};  // empty: not readable by this client
};

absl::StatusOr<std::vector<TopicFacts>> ReadTopics(rd_kafka_t* client, const std::vector<std::string>& names,
                                                   bool with_config, absl::Duration timeout);

// For `<prefix>.reactions` and `<prefix>.gaps`. Pure.
std::vector<TopicFinding> JudgeReactionsTopic(const TopicFacts& facts, const std::string& brokers);
std::vector<TopicFinding> JudgeGapsTopic(const TopicFacts& facts, const std::string& brokers);

// `brokers`: for the commands in the findings. Pure.
std::vector<TopicFinding> JudgeTopic(const TopicFacts& facts, const TopicExpectation& expected,
                                     const std::string& brokers);

// FAILED_PRECONDITION, with a line and a command for each refused finding. Logs the others as warnings.
absl::Status RefuseFindings(const std::vector<TopicFinding>& findings);

}  // namespace kafka
}  // namespace throughline::log
