// `throughline topics`: creates and checks the services' topics on a Kafka cluster.

#include "libs/log/kafka/topics/topics.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nlohmann/json.hpp"

#include "libs/log/kafka/topics/brokers.h"
#include "services/throughline/cli/values.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/commands/operations/cluster.h"
#include "services/throughline/output/table.h"

namespace throughline::tool {
namespace {

constexpr absl::Duration kBrokersTimeout = absl::Seconds(20);

struct TopicsOptions : ClusterOptions {
  log::TopicPlan plan;
  int32_t partitions = 0;
};

absl::Status Create(Tool& tool, TopicsOptions& options) {
  const auto cluster = ReadCluster(options);
  if (!cluster.ok()) return cluster.status();
  const auto made = log::CreateTopics(*cluster, options.plan);
  if (!made.ok()) return FromKafka(made.status());
  for (const std::string& name : *made) {
    tool.Done("topic", name);
    tool.Print(tool.json() ? nlohmann::ordered_json({{"topic", name}, {"made", true}}).dump() + "\n"
                           : absl::StrCat("Made ", Clean(name), "\n"));
  }
  if (made->empty()) tool.Note("All topics exist already; `throughline topics check` says whether they are right.");
  return absl::OkStatus();
}

// What a finding is about, whether the services refuse to work with it, what is wrong and how to mend it.
void PrintFinding(Tool& tool, const std::string& about, bool refused, const std::string& what,
                  const std::string& mend) {
  const auto [word, style] = refused ? std::pair("refused", Style::kAlarm) : std::pair("risk", Style::kDim);
  tool.Print(absl::StrCat(Paint(tool.terminal(), style, word), "  ", Clean(about), ": ", Clean(what),
                          "\n         fix it with: ", Clean(mend), "\n"));
}

// Returns how many are refused.
int64_t PrintBrokers(Tool& tool, const std::vector<log::BrokerFinding>& findings) {
  for (const log::BrokerFinding& finding : findings) {
    if (tool.json()) {
      tool.Print(nlohmann::ordered_json({{"brokers", finding.brokers},
                                         {"setting", finding.setting},
                                         {"refused", finding.refused},
                                         {"finding", finding.what},
                                         {"mend", finding.mend}})
                     .dump() +
                 "\n");
      continue;
    }
    PrintFinding(
        tool, absl::StrCat(finding.brokers.size() == 1 ? "broker " : "brokers ", absl::StrJoin(finding.brokers, ", ")),
        finding.refused, finding.what, finding.mend);
  }
  return std::count_if(findings.begin(), findings.end(), [](const auto& finding) { return finding.refused; });
}

absl::Status Check(Tool& tool, TopicsOptions& options) {
  const auto cluster = ReadCluster(options);
  if (!cluster.ok()) return cluster.status();
  const auto findings = log::CheckTopics(*cluster, {.partitions = options.partitions, .events = true});
  if (!findings.ok()) return FromKafka(findings.status());
  const auto brokers = log::CheckBrokers(*cluster, kBrokersTimeout);
  if (!brokers.ok()) return FromKafka(brokers.status());
  for (const log::TopicFinding& finding : *findings) {
    if (tool.json()) {
      tool.Print(nlohmann::ordered_json({{"topic", finding.topic},
                                         {"refused", finding.refused},
                                         {"finding", finding.what},
                                         {"mend", finding.mend}})
                     .dump() +
                 "\n");
      continue;
    }
    PrintFinding(tool, finding.topic, finding.refused, finding.what, finding.mend);
  }
  const auto refused = PrintBrokers(tool, *brokers) +
                       std::count_if(findings->begin(), findings->end(), [](const auto& f) { return f.refused; });
  if (refused > 0) {
    tool.set_exit_code(kFailed);
  } else {
    tool.Note("The topics are as the services need them.");
    if (brokers->empty()) tool.Note("The brokers are set for safety and for a quick failover.");
    tool.Note(
        "Access rights were not checked: grant Write on the logs to the services alone, and Write on no "
        "TransactionalId to them; a foreign transaction stops every replica (libs/log/README.md, \"Gaps\").");
  }
  return absl::OkStatus();
}

}  // namespace

void AddTopics(CLI::App& app, Tool& tool) {
  CLI::App& group = Group(app, "topics", "The topics on a Kafka cluster: create, check");
  CLI::App& create = Command(
      group, "create", "Creates missing topics: per service its log, and one with events for other teams.",
      "throughline topics create --brokers kafka-1:9092\n"
      "throughline topics create --brokers localhost:9092 --replication 1\n"
      "throughline topics create --brokers kafka-1:9093 --config /etc/throughline/kafka.properties --partitions 48");
  auto plan = std::make_shared<TopicsOptions>();
  AddCluster(create, *plan, true);
  create
      .add_option("--partitions", plan->plan.partitions,
                  "Partitions per topic. They can never be changed, because a stream's partition depends on the number")
      ->capture_default_str()
      ->check(WholeNumber(1, 10'000));
  create.add_option("--replication", plan->plan.replication, "On how many brokers each record is kept")
      ->capture_default_str()
      ->check(WholeNumber(1, 100));
  create
      .add_option("--min-insync", plan->plan.min_insync,
                  "How many brokers must have a record before it is acknowledged (default: a majority)")
      ->check(WholeNumber(1, 100));
  tool.Does(create, [&tool, plan] { return Create(tool, *plan); });

  CLI::App& check = Command(group, "check",
                            "Reports what is wrong with the topics and with the brokers' settings, and how to fix it.",
                            "throughline topics check --brokers kafka-1:9092 --partitions 12");
  auto expected = std::make_shared<TopicsOptions>();
  AddCluster(check, *expected, true);
  check.add_option("--partitions", expected->partitions, "How many each topic of the log should have (default: any)")
      ->check(WholeNumber(1, 10'000));
  tool.Does(check, [&tool, expected] { return Check(tool, *expected); });
}

}  // namespace throughline::tool
