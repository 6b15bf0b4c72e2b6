#include "libs/log/kafka/topics/brokers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/log/kafka/client.h"
#include "libs/log/kafka/topics/describe.h"

namespace throughline::log {
namespace kafka {
namespace {

enum class Must { kBe, kBeAtMost, kBeAtLeast };

struct Rule {
  const char* name;
  Must must;
  const char* bound;        // what is still harmless
  const char* recommended;  // as in deploy/kafka/broker.properties
  bool dynamic;             // can be changed without a restart
  const char* why;
};

// Only what harms: a value between `bound` and `recommended` is the operator's choice.
constexpr Rule kRules[] = {
    {"unclean.leader.election.enable", Must::kBe, "false", "false", true,
     "a broker that lacks acknowledged records can become leader, of the topic with the services' checkpoints for "
     "instance"},
    {"auto.create.topics.enable", Must::kBe, "false", "false", false,
     "a topic that was deleted by mistake comes back empty"},
    {"offsets.retention.minutes", Must::kBeAtLeast, "10080", "5256000", false,
     "a service that is stopped for longer loses the checkpoints in its group"},
    {"broker.session.timeout.ms", Must::kBeAtMost, "5000", "2500", false,
     "a broker that was killed or hangs stays leader for so long, and its partitions acknowledge nothing"},
    {"broker.heartbeat.interval.ms", Must::kBeAtMost, "1000", "500", false,
     "few lost heartbeats take a broker for dead, and a restarted one waits longer for its work"},
    {"controller.quorum.fetch.timeout.ms", Must::kBeAtMost, "2000", "1500", false,
     "a dead controller is replaced only after that, and dead leaders after it"},
    {"replica.lag.time.max.ms", Must::kBeAtMost, "15000", "10000", false,
     "a follower that does not keep up holds up every acknowledgement for so long"},
    {"replica.socket.timeout.ms", Must::kBeAtMost, "15000", "10000", false,
     "a follower waits for a leader that hangs for so long"},
    {"replica.fetch.backoff.ms", Must::kBeAtMost, "1000", "100", false,
     "after each change of leader, followers hold up acknowledgements for so long"},
    {"controlled.shutdown.enable", Must::kBe, "true", "true", false,
     "a restart looks like a crash, since the partitions are not handed over first"},
    {"auto.leader.rebalance.enable", Must::kBe, "true", "true", false,
     "after restarts few brokers lead all partitions, until somebody changes that"},
    {"leader.imbalance.check.interval.seconds", Must::kBeAtMost, "600", "60", false,
     "after restarts few brokers lead all partitions for so long"},
    {"group.initial.rebalance.delay.ms", Must::kBeAtMost, "3000", "0", false,
     "reactions and timers begin so much later after a start"},
};

// With three brokers or more.
constexpr Rule kReplicated[] = {
    {"default.replication.factor", Must::kBeAtLeast, "2", "3", false,
     "a topic made with defaults is lost with its broker"},
    {"min.insync.replicas", Must::kBeAtLeast, "2", "2", true,
     "checkpoints, and all else without a setting of its own, are lost with the broker that alone acknowledged them"},
    {"offsets.topic.replication.factor", Must::kBeAtLeast, "2", "3", false,
     "the services' checkpoints are lost with their broker"},
};

bool Holds(const Rule& rule, const std::string& value) {
  if (rule.must == Must::kBe) return value == rule.bound;
  int64_t is = 0, bound = 0;
  if (!absl::SimpleAtoi(value, &is) || !absl::SimpleAtoi(rule.bound, &bound)) return true;  // not known to be harmful
  return rule.must == Must::kBeAtMost ? is <= bound : is >= bound;
}

std::string Mend(const std::string& setting, const std::string& value, bool dynamic, const std::string& bootstrap) {
  const std::string line = absl::StrCat(setting, "=", value);
  if (dynamic) {
    return absl::StrCat("kafka-configs.sh --bootstrap-server ", bootstrap,
                        " --alter --entity-type brokers --entity-default --add-config ", line);
  }
  return absl::StrCat(line, " in the server.properties of each, and a restart, one node at a time");
}

using Values = std::map<std::string, std::vector<int32_t>>;  // the brokers with each value

Values ValuesOf(const std::vector<BrokerFacts>& brokers, const std::string& name) {
  Values values;
  for (const BrokerFacts& broker : brokers) {
    const auto found = broker.config.find(name);
    if (found != broker.config.end()) values[found->second].push_back(broker.id);
  }
  return values;
}

void Apply(const Rule& rule, const std::vector<BrokerFacts>& brokers, const std::string& bootstrap,
           std::vector<BrokerFinding>& findings) {
  for (auto& [value, ids] : ValuesOf(brokers, rule.name)) {
    if (Holds(rule, value)) continue;
    findings.push_back({ids, rule.name, false, absl::StrCat(rule.name, " is ", value, ": ", rule.why),
                        Mend(rule.name, rule.recommended, rule.dynamic, bootstrap)});
  }
}

std::optional<int64_t> NumberOf(const BrokerFacts& broker, const std::string& name) {
  int64_t number = 0;
  const auto found = broker.config.find(name);
  if (found == broker.config.end() || !absl::SimpleAtoi(found->second, &number)) return std::nullopt;
  return number;
}

// A session that is not a few heartbeats long: brokers are given up without a fault.
void ApplySession(const BrokerFacts& broker, std::vector<BrokerFinding>& findings) {
  const auto session = NumberOf(broker, "broker.session.timeout.ms");
  const auto heartbeat = NumberOf(broker, "broker.heartbeat.interval.ms");
  if (!session || !heartbeat || *session >= 3 * *heartbeat) return;
  findings.push_back({{broker.id},
                      "broker.session.timeout.ms",
                      true,
                      absl::StrCat("broker.session.timeout.ms is ", *session, " with a heartbeat every ", *heartbeat,
                                   " ms: a late heartbeat takes a broker for dead"),
                      Mend("broker.heartbeat.interval.ms", absl::StrCat(*session / 5), false, "")});
}

// A member whose session a broker does not take cannot join its group: no reaction, no timer runs.
void ApplyGroup(const BrokerFacts& broker, int64_t session, std::vector<BrokerFinding>& findings) {
  const auto refuse = [&](const std::string& name, int64_t is, const char* than) {
    findings.push_back({{broker.id},
                        name,
                        true,
                        absl::StrCat(name, " is ", is, ", ", than, " the services' session.timeout.ms (", session,
                                     "): they cannot join their groups, and no reaction runs"),
                        absl::StrCat(Mend(name, absl::StrCat(session), false, ""),
                                     "; or another session.timeout.ms for the services")});
  };
  const auto least = NumberOf(broker, "group.min.session.timeout.ms");
  const auto most = NumberOf(broker, "group.max.session.timeout.ms");
  if (least && *least > session) refuse("group.min.session.timeout.ms", *least, "more than");
  if (most && *most < session) refuse("group.max.session.timeout.ms", *most, "less than");
}

}  // namespace

std::vector<BrokerFinding> JudgeBrokers(const std::vector<BrokerFacts>& brokers, absl::Duration session,
                                        const std::string& bootstrap) {
  std::vector<BrokerFinding> findings;
  BrokerFinding unreadable{.refused = false,
                           .what = "their configuration cannot be read, so that it is not checked",
                           .mend = "allow DescribeConfigs on the cluster"};
  BrokerFinding away{.refused = false,
                     .what =
                         "it does not answer: the partitions that it has a copy of have one less, and its settings "
                         "are not checked",
                     .mend = "start it again, or replace it (deploy/runbooks/lost-broker.md)"};
  for (const BrokerFacts& broker : brokers) {
    if (!broker.answers) {
      away.brokers.push_back(broker.id);
      continue;
    }
    if (broker.config.empty()) unreadable.brokers.push_back(broker.id);
    ApplySession(broker, findings);
    ApplyGroup(broker, absl::ToInt64Milliseconds(session), findings);
  }
  for (const Rule& rule : kRules) Apply(rule, brokers, bootstrap, findings);
  if (brokers.size() >= 3) {
    for (const Rule& rule : kReplicated) Apply(rule, brokers, bootstrap, findings);
  }
  if (!away.brokers.empty()) findings.push_back(std::move(away));
  if (!unreadable.brokers.empty()) findings.push_back(std::move(unreadable));
  return findings;
}

}  // namespace kafka

absl::StatusOr<std::vector<BrokerFinding>> CheckBrokers(const KafkaCluster& cluster, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  absl::StatusOr<kafka::Conf> member = kafka::MakeConf(cluster, kafka::Role::kMember);
  if (!member.ok()) return member.status();
  char text[32] = "";
  size_t size = sizeof text;
  int64_t session = 0;
  if (rd_kafka_conf_get(member->get(), "session.timeout.ms", text, &size) != RD_KAFKA_CONF_OK ||
      !absl::SimpleAtoi(text, &session)) {
    return absl::InternalError("librdkafka has no session.timeout.ms");
  }
  absl::StatusOr<kafka::Client> client = kafka::NewQueryClient(cluster);
  if (!client.ok()) return client.status();
  absl::StatusOr<std::vector<int32_t>> ids = kafka::BrokerIds(client->get(), deadline - absl::Now());
  if (!ids.ok()) return ids.status();
  // Each describes itself, and one that is away must not take the time of the others.
  const absl::Duration each = (deadline - absl::Now()) / static_cast<int64_t>(ids->size() + 1);
  std::vector<kafka::BrokerFacts> brokers;
  absl::Status last;
  for (const int32_t id : *ids) {
    auto config = kafka::DescribeConfigs(client->get(), RD_KAFKA_RESOURCE_BROKER, {std::to_string(id)}, each);
    if (config.ok()) {
      brokers.push_back({id, std::move((*config)[std::to_string(id)])});
    } else {
      brokers.push_back({id, {}, false});
      last = config.status();
    }
  }
  if (std::none_of(brokers.begin(), brokers.end(), [](const auto& broker) { return broker.answers; })) return last;
  return kafka::JudgeBrokers(brokers, absl::Milliseconds(session), cluster.brokers);
}

}  // namespace throughline::log
