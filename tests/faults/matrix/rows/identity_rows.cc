// Row 19: the log is another one, or was damaged. Each time, services refuse to continue and say why.

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

#include "tests/faults/matrix/foreign.h"
#include "tests/faults/matrix/scene.h"

namespace throughline::faults {
namespace {

using testing::KafkaSuite;
using testing::Replica;

constexpr Replica kIntake{log::Topic::kIntake, 0};

// The replica is not ready, and its log has one of these messages.
void ExpectRefusal(KafkaSuite& suite, const Replica& replica, const std::string& what,
                   const std::vector<std::string>& reasons, Outcome& outcome, const std::string& brokers = "") {
  const absl::StatusOr<std::string> said = suite.RestartInVain(replica, absl::Seconds(12), brokers);
  if (!outcome.Holds(said.status(), what)) return;
  for (const std::string& reason : reasons) {
    if (absl::StrContains(*said, reason)) return outcome.Note(absl::StrCat(what, ": refused, \"", reason, "\""));
  }
  outcome.Problem(absl::StrCat(what, ": it is not ready and does not say why (", absl::StrJoin(reasons, " | "),
                               "): ", said->size() < 600 ? *said : said->substr(said->size() - 600)));
}

void RunAnotherLog(const Context& context, Outcome& outcome) {
  Scene scene(context, outcome);
  if (!scene.Begin(1)) return;
  KafkaSuite& suite = scene.suite();
  const std::string brokers = suite.options().brokers;
  {
    Load load(scene.ledger(), scene.client(), {.seed = context.seed()});
    if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  }
  Examine(context, suite, scene.ledger(), outcome);
  outcome.injected = "another cluster, other partition count, truncated, deleted, deleted and made anew";

  {
    testing::KafkaProcess other;
    if (outcome.Holds(other.Up({.nodes = 1}), "starting another cluster")) {
      const testing::Finished made = testing::Run({testing::Program("throughline"), "topics", "create", "--brokers",
                                                   other.bootstrap(), "--prefix", suite.prefix(), "--partitions",
                                                   std::to_string(suite.options().partitions), "--replication", "1"});
      if (made.exit_code != 0) outcome.Problem("topics on the other cluster: " + made.err);
      ExpectRefusal(suite, kIntake, "another cluster", {"another log", "not the one", "cluster"}, outcome,
                    other.bootstrap());
    }
  }
  // The beginning of a partition is gone: a replica that has folded it continues, a new one cannot start.
  Audit audit(brokers, suite.prefix(), suite.options().partitions);
  outcome.Holds(audit.Read(), "reading the topics");
  const auto ends = audit.ends();
  outcome.Holds(Truncate(brokers, suite.prefix(), {{log::Topic::kIntake, 0}, ends[0].offset / 2}), "truncating");
  const absl::StatusOr<Replica> fresh = suite.Add(log::Topic::kIntake);
  if (fresh.ok()) outcome.Problem("a new replica became ready on half of a log");
  const Replica last = suite.replicas(log::Topic::kIntake).back();
  suite.Kill(last);
  ExpectRefusal(suite, last, "truncated, for a new replica", {"truncated", "outside the log", "begins at", "is gone"},
                outcome);
  if (outcome.Holds(suite.Restart(kIntake), "a replica that had folded what was truncated")) suite.Kill(kIntake);
  outcome.Holds(Truncate(brokers, suite.prefix(), {{log::Topic::kIntake, 0}, -1}), "truncating all");
  ExpectRefusal(suite, kIntake, "truncated to its end",
                {"truncated", "outside the log", "begins at", "is gone", "folded last"}, outcome);
  outcome.Holds(SetPartitions(brokers, LogTopic(suite.prefix(), log::Topic::kIntake), suite.options().partitions + 1),
                "adding a partition");
  ExpectRefusal(suite, kIntake, "other partition count", {"partition"}, outcome);
  outcome.Holds(DeleteTopics(brokers, {LogTopic(suite.prefix(), log::Topic::kIntake)}), "deleting the topic");
  ExpectRefusal(suite, kIntake, "deleted", {"there is no such topic"}, outcome);
  const testing::Finished made =
      testing::Run({testing::Program("throughline"), "topics", "create", "--brokers", brokers, "--prefix",
                    suite.prefix(), "--partitions", std::to_string(suite.options().partitions), "--replication", "1"});
  if (made.exit_code != 0) outcome.Problem("making it anew: " + made.err);
  ExpectRefusal(suite, kIntake, "deleted and made anew, empty",
                {"not the one that was folded", "folded last", "outside the log", "truncated", "another log"}, outcome);
}

}  // namespace

std::vector<Row> IdentityRows() { return {{19, "topic deleted, truncated, other cluster or count", 1, RunAnotherLog}}; }

}  // namespace throughline::faults
