#pragma once

// The topics on a Kafka cluster: made as Throughline needs them, and checked, at every start of a service and by
// `throughline topics check`.
//
// The log's topics (`throughline.<service>.log`) are kept for ever, uncompacted: they are the truth. The topics for
// other teams (`throughline.<service>.events`) hold nothing that the log does not, and keep as long as the cluster's
// defaults say, or as long as their readers want. Two small ones hold notes about the log (notes.h).
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

// The largest record that Kafka must take: the log's limit and what its protocol adds.
inline constexpr size_t kKafkaRecordOverhead = 64 << 10;

struct TopicPlan {
  int32_t partitions = 12;  // of each topic; more can never be added, because streams would change their partition
  int replication = 3;
  int min_insync = 0;  // 0: a majority of the replicas
  absl::Duration timeout = absl::Seconds(20);
};

// Makes the topics that are missing, the log's, those for events and those for notes, waits until their leaders answer,
// and leaves the others alone. The names of those that it made. UNAVAILABLE: no broker answers. FAILED_PRECONDITION,
// PERMISSION_DENIED: the cluster refuses.
absl::StatusOr<std::vector<std::string>> CreateTopics(const KafkaCluster& cluster, const TopicPlan& plan);

struct TopicFinding {
  std::string topic;
  bool refused = true;  // the log does not open with it; false: a risk that the operator may want
  std::string what;
  std::string mend;  // a command
};

struct TopicExpectation {
  std::vector<Topic> topics = {std::begin(kTopics), std::end(kTopics)};
  int32_t partitions = 0;  // 0: any number
  size_t max_record_bytes = size_t{1} << 20;
  bool events = false;  // also that the topics for events are there
  absl::Duration timeout = absl::Seconds(20);
};

// What is wrong; empty: nothing. UNAVAILABLE: no broker answers.
absl::StatusOr<std::vector<TopicFinding>> CheckTopics(const KafkaCluster& cluster, const TopicExpectation& expected);

namespace kafka {

// One topic as the cluster describes it.
struct TopicFacts {
  std::string name;
  int32_t partitions = 0;                          // 0: there is no such topic
  int replication = 0;                             // the least of its partitions
  std::map<std::string, std::string> config = {};  // empty: this client may not read it
};

absl::StatusOr<std::vector<TopicFacts>> ReadTopics(rd_kafka_t* client, const std::vector<std::string>& names,
                                                   bool with_config, absl::Duration timeout);

// Of `<prefix>.reactions` and `<prefix>.gaps`. Pure, as JudgeTopic.
std::vector<TopicFinding> JudgeReactionsTopic(const TopicFacts& facts, const std::string& brokers);
std::vector<TopicFinding> JudgeGapsTopic(const TopicFacts& facts, const std::string& brokers);

// Pure. `brokers` as they are to stand in commands.
std::vector<TopicFinding> JudgeTopic(const TopicFacts& facts, const TopicExpectation& expected,
                                     const std::string& brokers);

// FAILED_PRECONDITION, with a line and a command for each finding that is refused. Warns of the others.
absl::Status RefuseFindings(const std::vector<TopicFinding>& findings);

}  // namespace kafka
}  // namespace throughline::log
