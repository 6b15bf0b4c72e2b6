#include "libs/log/kafka/settings.h"

#include <cstdlib>
#include <fstream>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "spdlog/spdlog.h"

#include "libs/files/whole_file.h"

namespace throughline::log {
namespace {

constexpr char kFile[] = ".file";
constexpr char kOptionInstead[] = "it is set by an option of Throughline";
constexpr char kDurable[] = "an acknowledged record must be durable, in order and written once";
constexpr char kWhole[] = "every record must be read, from the service's stored position on";
constexpr char kOurGroup[] = "Throughline manages its consumer groups itself";

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
    {"partitioner", "a stream's partition is computed by murmur2"},
    {"auto.offset.reset", kWhole},
    {"isolation.level", kWhole},
    {"check.crcs", kWhole},
    {"enable.partition.eof", kWhole},
    {"offset.store.method", kWhole},
    {"topic.blacklist", kWhole},
    {"enable.auto.commit", kOurGroup},
    {"auto.commit.enable", kOurGroup},
    {"auto.commit.interval.ms", kOurGroup},
    {"enable.auto.offset.store", kOurGroup},
    {"group.id", kOurGroup},
    {"group.instance.id", kOurGroup},
    {"group.protocol.type", kOurGroup},
    {"partition.assignment.strategy", kOurGroup},
    {"max.poll.interval.ms", kOurGroup},
    {"allow.auto.create.topics", "topics are made by `throughline topics create`"},
    {"enabled_events", "it is for librdkafka's internal use"},
    {"log.queue", "it is for librdkafka's internal use"},
    {"test.mock.num.brokers", "a mock cluster stores nothing"},
    {"plugin.library.paths", "no foreign code is loaded into the service"},
};

void LogLine(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  // All clients get all settings of the cluster, and librdkafka warns of those that a role does not use.
  if (absl::string_view(facility) == "CONFWARN" && absl::StrContains(text, "will be ignored")) return;
  const char* name = client == nullptr ? "rdkafka" : rd_kafka_name(client);
  const auto severity = level <= 3 ? spdlog::level::warn : level <= 5 ? spdlog::level::info : spdlog::level::debug;
  spdlog::log(severity, "kafka {} {}: {}", name, facility, text);
}

// `name.file` is `name` with what the file holds now.
absl::Status SetAll(rd_kafka_conf_t* conf, const KafkaSettings& settings) {
  for (const auto& [name, value] : settings) {
    absl::string_view real = name;
    if (!absl::ConsumeSuffix(&real, kFile)) {
      if (absl::Status status = kafka::Set(conf, name, value); !status.ok()) return status;
      continue;
    }
    const std::optional<std::string> content = files::ReadFile(value);
    if (!content)
      return absl::InvalidArgumentError(
          absl::StrCat(name, ": the file ", value, " cannot be read: name one that this user may read"));
    absl::Status status = kafka::Set(conf, std::string(real), std::string(absl::StripAsciiWhitespace(*content)));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Defaults for all roles and for one role, chosen for a quick failover together with the brokers' settings in
// deploy/kafka/broker.properties. The cluster's settings may override them. README.md has the same table.
KafkaSettings Defaults(kafka::Role role) {
  KafkaSettings settings = {
      {"client.id", "throughline"},
      {"socket.nagle.disable", "true"},
      {"socket.keepalive.enable", "true"},
      // A broker that hangs keeps its connections: what was asked of it is given up after this time, and the connection
      // with it. More than a broker's session, so that it is no longer leader then. librdkafka's default is 60000.
      {"socket.timeout.ms", "5000"},
      // A host that is gone does not refuse a connection. TCP, TLS and SASL together take less.
      {"socket.connection.setup.timeout.ms", "3000"},
      // A restarted broker is used again within a second; more often would load a broker that recovers.
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "1000"},
      // While a partition has no leader, or another one than was thought, ask this often for the new one.
      {"topic.metadata.refresh.fast.interval.ms", "100"},
      // A broker that hangs fails no request until the timeout: that it is no longer leader is learned from this. One
      // small request per client; the default is five minutes.
      {"topic.metadata.refresh.interval.ms", "2000"},
      // A request that another leader refused is sent to the new one after this time.
      {"retry.backoff.ms", "50"},
      {"log.connection.close", "false"},
  };
  switch (role) {
    case kafka::Role::kProducer:
      // How long a leader waits for its followers, and we for the leader. More than a broker's session, since a
      // follower that died holds up the leader until then; a retry has no second effect.
      settings.emplace_back("request.timeout.ms", "4000");
      break;
    case kafka::Role::kReader:
      // The limit of records fetched ahead of the fold, for all partitions together. When it is reached,
      // librdkafka 2.0.2 pauses for a second, so it must last that long: with less, a fold that catches up has to wait.
      settings.emplace_back("queued.max.messages.kbytes", "65536");
      settings.emplace_back("fetch.max.bytes", "16777216");
      // After a fetch failed, for instance because the leader has moved. The default is 500.
      settings.emplace_back("fetch.error.backoff.ms", "50");
      break;
    case kafka::Role::kMember:
      // A killed replica's reactions and timers go on elsewhere after this time; brokers take no less than 6000 unless
      // they are told to. Twelve heartbeats may be late before that.
      settings.emplace_back("session.timeout.ms", "6000");
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
  if (absl::EndsWith(name, kFile)) return false;  // the name of a secret's file is not a secret
  return absl::StrContains(name, "password") || absl::StrContains(name, "secret") ||
         absl::StrContains(name, "key.pem") || name == "sasl.oauthbearer.config";
}

// Replaces `${NAME}` by the environment variable; returns any other value as it is.
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
    const std::string name(absl::StripTrailingAsciiWhitespace(text.substr(0, equals)));
    auto value = Resolve(std::string(absl::StripLeadingAsciiWhitespace(text.substr(equals + 1))));
    if (!value.ok())
      return absl::InvalidArgumentError(
          absl::StrCat(path, " line ", number, ", ", name, ": ", value.status().message()));
    settings.emplace_back(name, *std::move(value));
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
      if (absl::StripSuffix(name, kFile) == reserved.name) {
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
  // Some of librdkafka's texts repeat the value, which may be a password.
  return absl::InvalidArgumentError(
      absl::StrCat("the Kafka setting ", name, " is refused: ", IsSecret(name) ? "see librdkafka's manual" : text));
}

absl::StatusOr<Conf> MakeConf(const KafkaCluster& cluster, Role role) {
  if (absl::Status status = CheckKafkaSettings(cluster.settings); !status.ok()) return status;
  if (cluster.brokers.empty())
    return absl::InvalidArgumentError("no Kafka brokers are given: name them, such as host:9092");
  Conf conf(rd_kafka_conf_new());
  rd_kafka_conf_set_log_cb(conf.get(), LogLine);
  for (const KafkaSettings& settings :
       {Defaults(role), cluster.settings, Demands(role), KafkaSettings{{"bootstrap.servers", cluster.brokers}}}) {
    if (absl::Status status = SetAll(conf.get(), settings); !status.ok()) return status;
  }
  return conf;
}

absl::StatusOr<Client> NewQueryClient(const KafkaCluster& cluster) {
  absl::StatusOr<Conf> conf = MakeConf(cluster, Role::kQuery);
  if (!conf.ok()) return conf.status();
  return NewClient(RD_KAFKA_CONSUMER, *std::move(conf));
}

absl::StatusOr<Client> NewReaderClient(const KafkaCluster& cluster) {
  absl::StatusOr<Conf> conf = MakeConf(cluster, Role::kReader);
  if (!conf.ok()) return conf.status();
  // Manual assignment needs the name of a group. The reader never joins it and commits nothing.
  absl::Status status = Set(conf->get(), "group.id", KafkaGroupName(cluster, "reader"));
  if (!status.ok()) return status;
  return NewClient(RD_KAFKA_CONSUMER, *std::move(conf));
}

}  // namespace kafka
}  // namespace throughline::log
