#include "libs/log/kafka/topics/topics.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "spdlog/spdlog.h"

#include "libs/log/kafka/client.h"
#include "libs/log/kafka/topics/describe.h"

namespace throughline::log {
namespace kafka {
namespace {

using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroy<rd_kafka_NewTopic_destroy>>;

absl::StatusOr<TopicFacts> ReadMetadata(rd_kafka_t* client, const std::string& name, absl::Duration timeout) {
  const TopicHandle topic(rd_kafka_topic_new(client, name.c_str(), nullptr));
  const rd_kafka_metadata_t* raw = nullptr;
  if (auto error = rd_kafka_metadata(client, 0, topic.get(), &raw, Milliseconds(timeout)); error != 0)
    return NoAnswer(error);
  const Metadata metadata(raw);
  TopicFacts facts{.name = name};
  if (metadata->topic_cnt != 1) return facts;
  const rd_kafka_metadata_topic_t& found = metadata->topics[0];
  switch (found.err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
      break;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return facts;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return absl::PermissionDeniedError(absl::StrCat("this client may not describe the topic ", name));
    default:
      return absl::UnavailableError(absl::StrCat("topic ", name, " cannot be described: ", ErrorText(found.err)));
  }
  facts.partitions = found.partition_cnt;
  facts.replication = found.partition_cnt == 0 ? 0 : std::numeric_limits<int>::max();
  for (int i = 0; i < found.partition_cnt; ++i)
    facts.replication = std::min(facts.replication, found.partitions[i].replica_cnt);
  return facts;
}

absl::Status ReadConfigs(rd_kafka_t* client, std::vector<TopicFacts>& topics, absl::Duration timeout) {
  std::vector<std::string> names;
  for (const TopicFacts& facts : topics) {
    if (facts.partitions > 0) names.push_back(facts.name);
  }
  auto configs = DescribeConfigs(client, RD_KAFKA_RESOURCE_TOPIC, names, timeout);
  if (!configs.ok()) return configs.status();
  for (TopicFacts& facts : topics) facts.config = std::move((*configs)[facts.name]);
  return absl::OkStatus();
}

std::string ForLog(absl::string_view config) { return absl::StrCat("the log needs ", config); }

std::string MendConfig(const TopicFacts& facts, const std::string& brokers, absl::string_view config) {
  return absl::StrCat("kafka-configs.sh --bootstrap-server ", brokers, " --alter --entity-type topics --entity-name ",
                      facts.name, " --add-config ", config);
}

std::optional<std::string> ValueOf(const TopicFacts& facts, const std::string& name) {
  auto found = facts.config.find(name);
  if (found == facts.config.end()) return std::nullopt;
  return found->second;
}

// No finding if the configuration cannot be read.
void Demand(const TopicFacts& facts, const std::string& brokers, const std::string& name, const std::string& wanted,
            const std::string& why, std::vector<TopicFinding>& findings) {
  const auto is = ValueOf(facts, name);
  if (!is || *is == wanted) return;
  const std::string config = absl::StrCat(name, "=", wanted);
  findings.push_back({facts.name, true, absl::StrCat(name, " is ", *is, ": ", why, ", ", ForLog(config)),
                      MendConfig(facts, brokers, config)});
}

TopicFinding UnreadableConfig(const TopicFacts& facts) {
  return {facts.name, false, "its configuration cannot be read, so that retention is not checked",
          "allow DescribeConfigs on the topic"};
}

// The common part for the topics of notes.
std::vector<TopicFinding> JudgeNotesTopic(const TopicFacts& facts, const std::string& brokers) {
  if (facts.partitions == 0) {
    return {
        {facts.name, true, "there is no such topic", absl::StrCat("throughline topics create --brokers ", brokers)}};
  }
  std::vector<TopicFinding> findings;
  if (facts.partitions != 1) {
    findings.push_back({facts.name, true,
                        absl::StrCat("it has ", facts.partitions, " partitions, and only the first is read"),
                        "stop the services, delete it, and make it anew with `throughline topics create`"});
  }
  if (facts.config.empty()) findings.push_back(UnreadableConfig(facts));
  Demand(facts, brokers, "unclean.leader.election.enable", "false",
         "a broker that lacks acknowledged records can become leader", findings);
  return findings;
}

}  // namespace

absl::StatusOr<std::vector<TopicFacts>> ReadTopics(rd_kafka_t* client, const std::vector<std::string>& names,
                                                   bool with_config, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  std::vector<TopicFacts> topics;
  for (const std::string& name : names) {
    absl::StatusOr<TopicFacts> facts = ReadMetadata(client, name, deadline - absl::Now());
    if (!facts.ok()) return facts.status();
    topics.push_back(*std::move(facts));
  }
  if (with_config) {
    if (absl::Status status = ReadConfigs(client, topics, deadline - absl::Now()); !status.ok()) return status;
  }
  return topics;
}

absl::Status RefuseFindings(const std::vector<TopicFinding>& findings) {
  std::vector<std::string> lines;
  std::map<std::string, std::vector<std::string>> risks;  // the topics of each
  for (const TopicFinding& finding : findings) {
    if (finding.refused) {
      lines.push_back(absl::StrCat(finding.topic, ": ", finding.what, ". Correct it with: ", finding.mend));
    } else {
      risks[finding.what].push_back(finding.topic);
    }
  }
  for (const auto& [what, topics] : risks) spdlog::warn("{}: {}", absl::StrJoin(topics, ", "), what);
  if (lines.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrJoin(lines, "\n"));
}

std::vector<TopicFinding> JudgeReactionsTopic(const TopicFacts& facts, const std::string& brokers) {
  std::vector<TopicFinding> findings = JudgeNotesTopic(facts, brokers);
  Demand(facts, brokers, "cleanup.policy", "compact", "it grows without limit, or loses checkpoints", findings);
  return findings;
}

std::vector<TopicFinding> JudgeGapsTopic(const TopicFacts& facts, const std::string& brokers) {
  std::vector<TopicFinding> findings = JudgeNotesTopic(facts, brokers);
  for (const auto& [name, wanted] :
       {std::pair("cleanup.policy", "delete"), std::pair("retention.ms", "-1"), std::pair("retention.bytes", "-1")}) {
    Demand(facts, brokers, name, wanted, "accepted gaps are lost", findings);
  }
  return findings;
}

std::vector<TopicFinding> JudgeTopic(const TopicFacts& facts, const TopicExpectation& expected,
                                     const std::string& brokers) {
  const std::string create = absl::StrCat("throughline topics create --brokers ", brokers);
  if (facts.partitions == 0) return {{facts.name, true, "there is no such topic", create}};

  std::vector<TopicFinding> findings;
  if (expected.partitions != 0 && facts.partitions != expected.partitions) {
    findings.push_back(
        {facts.name, true,
         absl::StrCat("it has ", facts.partitions, " partitions and not ", expected.partitions,
                      "; a stream's partition follows from their number, so that it can never change"),
         absl::StrCat("throughline topics check --brokers ", brokers, " --partitions ", facts.partitions)});
  }
  auto mend = [&](absl::string_view config) { return MendConfig(facts, brokers, config); };
  auto value = [&](const std::string& name) { return ValueOf(facts, name); };
  auto demand = [&](const std::string& name, const std::string& wanted, const std::string& why) {
    Demand(facts, brokers, name, wanted, why, findings);
  };
  if (facts.config.empty()) {
    findings.push_back(UnreadableConfig(facts));
    return findings;
  }
  demand("cleanup.policy", "delete", "compaction removes commits");
  demand("retention.ms", "-1", "old commits are deleted");
  demand("retention.bytes", "-1", "old commits are deleted");
  demand("unclean.leader.election.enable", "false", "a broker that lacks acknowledged records can become leader");

  int64_t bytes = 0;
  const int64_t wanted = static_cast<int64_t>(expected.max_record_bytes + kKafkaRecordOverhead);
  if (absl::SimpleAtoi(value("max.message.bytes").value_or(""), &bytes) && bytes < wanted) {
    findings.push_back({facts.name, true,
                        absl::StrCat("max.message.bytes is ", bytes, ": a commit of ", expected.max_record_bytes,
                                     " bytes would be refused, ", ForLog(absl::StrCat("at least ", wanted))),
                        mend(absl::StrCat("max.message.bytes=", std::max<int64_t>(wanted, 2 << 20)))});
  }
  int insync = 0;
  if (absl::SimpleAtoi(value("min.insync.replicas").value_or(""), &insync)) {
    if (insync > facts.replication) {
      findings.push_back({facts.name, true,
                          absl::StrCat("min.insync.replicas is ", insync, " with ", facts.replication,
                                       " replicas: nothing can ever be acknowledged"),
                          mend(absl::StrCat("min.insync.replicas=", facts.replication / 2 + 1))});
    } else if (insync < 2 && facts.replication >= 2) {
      findings.push_back({facts.name, facts.replication >= 3,
                          absl::StrCat("min.insync.replicas is ", insync, " with ", facts.replication,
                                       " replicas: what one broker alone acknowledged is lost with it"),
                          mend("min.insync.replicas=2")});
    }
  }
  if (facts.replication == 1) {
    findings.push_back({facts.name, false, "it has one replica: what its broker loses is lost",
                        "kafka-reassign-partitions.sh, with more brokers"});
  }
  return findings;
}

namespace {

enum class Kind { kLog, kEvents, kReactions, kGaps };

absl::StatusOr<NewTopic> PlanTopic(const std::string& name, const TopicPlan& plan, Kind kind) {
  char text[256] = "";
  const bool notes = kind == Kind::kReactions || kind == Kind::kGaps;
  NewTopic topic(rd_kafka_NewTopic_new(name.c_str(), notes ? 1 : plan.partitions, plan.replication, text, sizeof text));
  if (topic == nullptr) return absl::InvalidArgumentError(absl::StrCat(name, ": ", text));
  const int insync = plan.min_insync > 0 ? plan.min_insync : plan.replication / 2 + 1;
  KafkaSettings config = {{"cleanup.policy", kind == Kind::kReactions ? "compact" : "delete"},
                          {"min.insync.replicas", std::to_string(insync)},
                          {"unclean.leader.election.enable", "false"},
                          {"max.message.bytes", std::to_string(2 << 20)}};
  if (kind == Kind::kLog || kind == Kind::kGaps) {
    config.emplace_back("retention.ms", "-1");
    config.emplace_back("retention.bytes", "-1");
  }
  // Kafka compacts closed segments only: keep the open one small.
  if (kind == Kind::kReactions) {
    config.emplace_back("segment.ms", "3600000");
    config.emplace_back("segment.bytes", std::to_string(16 << 20));
  }
  for (const auto& [key, value] : config) rd_kafka_NewTopic_set_config(topic.get(), key.c_str(), value.c_str());
  return topic;
}

absl::Status Refusal(const std::string& topic, rd_kafka_resp_err_t error, const char* text) {
  const std::string what = absl::StrCat("topic ", topic, " cannot be made: ", text == nullptr ? "" : text, " (",
                                        rd_kafka_err2name(error), ")");
  const bool denied =
      error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || error == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
  if (denied) return absl::PermissionDeniedError(what);
  return absl::FailedPreconditionError(what);
}

// Sends the request and reads the results.
absl::Status Create(rd_kafka_t* client, const std::vector<NewTopic>& owned, std::vector<std::string>& made,
                    absl::Duration timeout) {
  std::vector<rd_kafka_NewTopic_t*> topics;
  for (const NewTopic& topic : owned) topics.push_back(topic.get());
  const Queue queue(rd_kafka_queue_new(client));
  const AdminOptions options = OptionsFor(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout);
  char text[256];
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), Milliseconds(timeout), text, sizeof text);
  rd_kafka_CreateTopics(client, topics.data(), topics.size(), options.get(), queue.get());
  const Event event(rd_kafka_queue_poll(queue.get(), Milliseconds(timeout)));
  if (event == nullptr) return NoAnswer(RD_KAFKA_RESP_ERR__TIMED_OUT);
  if (auto error = rd_kafka_event_error(event.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) return NoAnswer(error);
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  absl::Status status;
  for (size_t i = 0; i < count; ++i) {
    const auto error = rd_kafka_topic_result_error(results[i]);
    const std::string name = rd_kafka_topic_result_name(results[i]);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      made.push_back(name);
    } else if (error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS && status.ok()) {
      status = Refusal(name, error, rd_kafka_topic_result_error_string(results[i]));
    }
  }
  return status;
}

// Whether all topics (at least one) are known, and each partition has a leader that answers.
bool AllLed(rd_kafka_t* client, const std::vector<TopicFacts>& topics, absl::Duration timeout) {
  const Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
  for (const TopicFacts& topic : topics) {
    if (topic.partitions == 0) return false;
    for (int32_t i = 0; i < topic.partitions; ++i)
      rd_kafka_topic_partition_list_add(list.get(), topic.name.c_str(), i)->offset = RD_KAFKA_OFFSET_END;
  }
  if (rd_kafka_offsets_for_times(client, list.get(), Milliseconds(timeout)) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  return std::all_of(list->elems, list->elems + list->cnt,
                     [](const auto& element) { return element.err == RD_KAFKA_RESP_ERR_NO_ERROR; });
}

}  // namespace
}  // namespace kafka

absl::StatusOr<std::vector<std::string>> CreateTopics(const KafkaCluster& cluster, const TopicPlan& plan) {
  const absl::Time deadline = absl::Now() + plan.timeout;
  absl::StatusOr<kafka::Client> client = kafka::NewQueryClient(cluster);
  if (!client.ok()) return client.status();
  std::vector<std::string> names;
  std::vector<kafka::Kind> kinds;
  const auto want = [&](std::string name, kafka::Kind kind) {
    names.push_back(std::move(name));
    kinds.push_back(kind);
  };
  for (Topic topic : kTopics) want(KafkaTopicName(cluster, topic), kafka::Kind::kLog);
  for (Topic topic : kTopics) want(KafkaEventsTopicName(cluster, topic), kafka::Kind::kEvents);
  want(KafkaReactionsTopicName(cluster), kafka::Kind::kReactions);
  want(KafkaGapsTopicName(cluster), kafka::Kind::kGaps);
  auto before = kafka::ReadTopics(client->get(), names, /*with_config=*/false, deadline - absl::Now());
  if (!before.ok()) return before.status();

  std::vector<kafka::NewTopic> missing;
  std::vector<std::string> awaited;  // including those that another process creates meanwhile
  for (size_t i = 0; i < names.size(); ++i) {
    if ((*before)[i].partitions > 0) continue;
    auto topic = kafka::PlanTopic(names[i], plan, kinds[i]);
    if (!topic.ok()) return topic.status();
    missing.push_back(*std::move(topic));
    awaited.push_back(names[i]);
  }
  std::vector<std::string> made;
  if (missing.empty()) return made;
  if (absl::Status status = kafka::Create(client->get(), missing, made, deadline - absl::Now()); !status.ok())
    return status;
  // The controller knows them now; the other brokers a moment later.
  while (true) {
    auto after = kafka::ReadTopics(client->get(), awaited, /*with_config=*/false, deadline - absl::Now());
    if (!after.ok()) return after.status();
    if (kafka::AllLed(client->get(), *after, deadline - absl::Now())) return made;
    if (absl::Now() > deadline) return absl::UnavailableError("the new topics are not known to all brokers yet");
    absl::SleepFor(absl::Milliseconds(50));
  }
}

absl::StatusOr<std::vector<TopicFinding>> CheckTopics(const KafkaCluster& cluster, const TopicExpectation& expected) {
  absl::StatusOr<kafka::Client> client = kafka::NewQueryClient(cluster);
  if (!client.ok()) return client.status();
  std::vector<std::string> names;
  for (Topic topic : expected.topics) names.push_back(KafkaTopicName(cluster, topic));
  const size_t logs = names.size();
  if (expected.events) {
    for (Topic topic : expected.topics) names.push_back(KafkaEventsTopicName(cluster, topic));
  }
  const size_t services = names.size();
  names.push_back(KafkaReactionsTopicName(cluster));
  names.push_back(KafkaGapsTopicName(cluster));
  auto facts = kafka::ReadTopics(client->get(), names, /*with_config=*/true, expected.timeout);
  if (!facts.ok()) return facts.status();
  std::vector<TopicFinding> findings = kafka::JudgeReactionsTopic((*facts)[services], cluster.brokers);
  for (TopicFinding& finding : kafka::JudgeGapsTopic((*facts)[services + 1], cluster.brokers))
    findings.push_back(std::move(finding));
  for (size_t i = 0; i < services; ++i) {
    // The topics for events only have to exist: their retention is up to their readers.
    if (i >= logs && (*facts)[i].partitions > 0) continue;
    for (TopicFinding& finding : kafka::JudgeTopic((*facts)[i], expected, cluster.brokers))
      findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace throughline::log
