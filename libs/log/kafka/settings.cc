#include "libs/log/kafka/settings.h"

#include <cstdlib>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "spdlog/spdlog.h"

namespace throughline::log {
namespace {

constexpr char kOptionInstead[] = "it follows from an option of Throughline's own";
constexpr char kDurable[] = "an acknowledged record must be durable, in order and written once";
constexpr char kWhole[] = "every record must be read, from the position that the service remembers";
constexpr char kDutyGroup[] = "groups are Throughline's own";

struct Reserved {
  const char* name;
  const char* reason;
};
constexpr Reserved kReserved[] = {
    {"bootstrap.servers", kOptionInstead},
    {"metadata.broker.list", kOptionInstead},
    {"message.timeout.ms", kOptionInstead},
    {"delivery.timeout.ms", kOptionInstead},
    {"message.max.bytes", kOptionInstead},
    {"linger.ms", kOptionInstead},
    {"queue.buffering.max.ms", kOptionInstead},
    {"queue.buffering.max.messages", kOptionInstead},
    {"queue.buffering.max.kbytes", kOptionInstead},
    {"acks", kDurable},
    {"request.required.acks", kDurable},
    {"enable.idempotence", kDurable},
    {"enable.gapless.guarantee", kDurable},
    {"max.in.flight", kDurable},
    {"max.in.flight.requests.per.connection", kDurable},
    {"retries", kDurable},
    {"message.send.max.retries", kDurable},
    {"queuing.strategy", kDurable},
    {"transactional.id", kDurable},
    {"delivery.report.only.error", kDurable},
    {"partitioner", "the partition follows from the stream, by murmur2"},
    {"auto.offset.reset", kWhole},
    {"isolation.level", kWhole},
    {"check.crcs", kWhole},
    {"enable.partition.eof", kWhole},
    {"offset.store.method", kWhole},
    {"topic.blacklist", kWhole},
    {"enable.auto.commit", kDutyGroup},
    {"auto.commit.enable", kDutyGroup},
    {"auto.commit.interval.ms", kDutyGroup},
    {"enable.auto.offset.store", kDutyGroup},
    {"group.id", kDutyGroup},
    {"group.instance.id", kDutyGroup},
    {"group.protocol.type", kDutyGroup},
    {"partition.assignment.strategy", kDutyGroup},
    {"max.poll.interval.ms", kDutyGroup},
    {"allow.auto.create.topics", "topics are made by `throughline topics create`"},
    {"enabled_events", "it is librdkafka's own business"},
    {"log.queue", "it is librdkafka's own business"},
    {"test.mock.num.brokers", "a pretended cluster keeps nothing"},
    {"plugin.library.paths", "no foreign code is loaded into the service"},
};

void LogLine(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  // Each setting of the cluster goes to clients of all roles, and librdkafka remarks on those that a role does not use.
  if (absl::string_view(facility) == "CONFWARN" && absl::StrContains(text, "will be ignored")) return;
  const char* name = client == nullptr ? "rdkafka" : rd_kafka_name(client);
  const auto severity = level <= 3 ? spdlog::level::warn : level <= 5 ? spdlog::level::info : spdlog::level::debug;
  spdlog::log(severity, "kafka {} {}: {}", name, facility, text);
}

absl::Status SetAll(rd_kafka_conf_t* conf, const KafkaSettings& settings) {
  for (const auto& [name, value] : settings) {
    if (absl::Status status = kafka::Set(conf, name, value); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// What suits all, and what suits one role. The cluster's settings may change these.
KafkaSettings Defaults(kafka::Role role) {
  KafkaSettings settings = {
      {"client.id", "throughline"},
      {"socket.nagle.disable", "true"},
      {"socket.keepalive.enable", "true"},
      {"socket.timeout.ms", "10000"},
      {"socket.connection.setup.timeout.ms", "5000"},
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "1000"},
      {"topic.metadata.refresh.fast.interval.ms", "100"},
      {"retry.backoff.ms", "50"},
      {"log.connection.close", "false"},
  };
  switch (role) {
    case kafka::Role::kProducer:
      settings.emplace_back("request.timeout.ms", "5000");
      break;
    case kafka::Role::kReader:
      // At most so much is fetched ahead of the fold, whatever the number of partitions. Once it is there, librdkafka
      // 2.0.2 looks again only after a second, so it must last that long: with less, a fold waits while it catches up.
      settings.emplace_back("queued.max.messages.kbytes", "65536");
      settings.emplace_back("fetch.max.bytes", "16777216");
      settings.emplace_back("fetch.error.backoff.ms", "100");
      break;
    case kafka::Role::kMember:
      settings.emplace_back("session.timeout.ms", "10000");
      settings.emplace_back("heartbeat.interval.ms", "500");
      break;
    case kafka::Role::kQuery:
      break;
  }
  return settings;
}

KafkaSettings Demands(kafka::Role role) {
  switch (role) {
    case kafka::Role::kProducer:
      return {{"acks", "all"}, {"enable.idempotence", "true"}};
    case kafka::Role::kReader:
      return {{"enable.auto.commit", "false"},       {"enable.auto.offset.store", "false"},
              {"auto.offset.reset", "error"},        {"isolation.level", "read_uncommitted"},
              {"enable.partition.eof", "true"},      {"check.crcs", "true"},
              {"allow.auto.create.topics", "false"}, {"max.poll.interval.ms", "86400000"}};
    case kafka::Role::kMember:
      return {{"enable.auto.commit", "false"},
              {"enable.auto.offset.store", "false"},
              {"partition.assignment.strategy", "range"},
              {"allow.auto.create.topics", "false"},
              {"max.poll.interval.ms", "86400000"}};
    case kafka::Role::kQuery:
      return {{"isolation.level", "read_uncommitted"}, {"allow.auto.create.topics", "false"}};
  }
  return {};
}

bool IsSecret(absl::string_view name) {
  return absl::StrContains(name, "password") || absl::StrContains(name, "secret") ||
         absl::StrContains(name, "key.pem") || name == "sasl.oauthbearer.config";
}

// The value of `${NAME}` in the environment, any other as it is.
absl::StatusOr<std::string> Resolve(const std::string& value) {
  if (!absl::StartsWith(value, "${") || !absl::EndsWith(value, "}")) return value;
  const std::string name = value.substr(2, value.size() - 3);
  const char* found = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nothing of ours changes it
  if (found == nullptr) return absl::InvalidArgumentError(absl::StrCat("the variable ", name, " is not set"));
  return std::string(found);
}

std::string WithPrefix(const KafkaCluster& cluster, const std::string& name) {
  constexpr absl::string_view kDefault = "throughline.";
  if (absl::StartsWith(name, kDefault)) return absl::StrCat(cluster.topic_prefix, ".", name.substr(kDefault.size()));
  return absl::StrCat(cluster.topic_prefix, ".", name);
}

}  // namespace

absl::StatusOr<KafkaSettings> ReadKafkaSettings(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read the Kafka settings in ", path));
  KafkaSettings settings;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const std::string text(absl::StripAsciiWhitespace(line));
    if (text.empty() || text[0] == '#') continue;
    const size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos)
      return absl::InvalidArgumentError(absl::StrCat(path, " line ", number, ": expected name=value"));
    std::string name(absl::StripTrailingAsciiWhitespace(text.substr(0, equals)));
    auto value = Resolve(std::string(absl::StripLeadingAsciiWhitespace(text.substr(equals + 1))));
    if (!value.ok())
      return absl::InvalidArgumentError(
          absl::StrCat(path, " line ", number, ", ", name, ": ", value.status().message()));
    settings.emplace_back(std::move(name), *std::move(value));
  }
  if (absl::Status status = CheckKafkaSettings(settings); !status.ok())
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", status.message()));
  return settings;
}

absl::Status CheckKafkaSettings(const KafkaSettings& settings) {
  for (const auto& [name, value] : settings) {
    if (absl::StartsWith(name, "sasl.mechanism") && value == "OAUTHBEARER") {
      return absl::InvalidArgumentError(
          absl::StrCat(name,
                       " cannot be OAUTHBEARER: this librdkafka is built without a source of tokens; use SCRAM, "
                       "PLAIN, GSSAPI or client certificates"));
    }
    for (const Reserved& reserved : kReserved) {
      if (name == reserved.name) {
        return absl::InvalidArgumentError(
            absl::StrCat("the Kafka setting ", name, " cannot be changed: ", reserved.reason, "; leave it out"));
      }
    }
  }
  return SetAll(kafka::Conf(rd_kafka_conf_new()).get(), settings);
}

std::string ShownKafkaSetting(const std::string& name, const std::string& value) {
  return IsSecret(name) ? "***" : value;
}

std::string KafkaTopicName(const KafkaCluster& cluster, Topic topic) { return WithPrefix(cluster, TopicName(topic)); }

std::string KafkaEventsTopicName(const KafkaCluster& cluster, Topic topic) {
  const absl::string_view service(ServiceName(topic).data(), ServiceName(topic).size());
  return absl::StrCat(cluster.topic_prefix, ".", service, ".events");
}

std::string KafkaReactionsTopicName(const KafkaCluster& cluster) {
  return absl::StrCat(cluster.topic_prefix, ".reactions");
}

std::string KafkaGapsTopicName(const KafkaCluster& cluster) { return absl::StrCat(cluster.topic_prefix, ".gaps"); }

std::string KafkaGroupName(const KafkaCluster& cluster, const std::string& group) { return WithPrefix(cluster, group); }

namespace kafka {

absl::Status Set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  char text[512] = "";
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof text) == RD_KAFKA_CONF_OK)
    return absl::OkStatus();
  // librdkafka repeats the value in some texts, which must not happen to a password.
  return absl::InvalidArgumentError(
      absl::StrCat("the Kafka setting ", name, " is refused: ", IsSecret(name) ? "see librdkafka's manual" : text));
}

absl::StatusOr<Conf> MakeConf(const KafkaCluster& cluster, Role role) {
  if (absl::Status status = CheckKafkaSettings(cluster.settings); !status.ok()) return status;
  if (cluster.brokers.empty()) return absl::InvalidArgumentError("no Kafka brokers are named, such as host:9092");
  Conf conf(rd_kafka_conf_new());
  rd_kafka_conf_set_log_cb(conf.get(), LogLine);
  for (const KafkaSettings& settings :
       {Defaults(role), cluster.settings, Demands(role), KafkaSettings{{"bootstrap.servers", cluster.brokers}}}) {
    if (absl::Status status = SetAll(conf.get(), settings); !status.ok()) return status;
  }
  return conf;
}

}  // namespace kafka
}  // namespace throughline::log
