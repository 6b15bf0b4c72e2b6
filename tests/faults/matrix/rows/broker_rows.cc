// Rows 6 to 9: brokers that die: the leader, all at once, one after the other, or too many to acknowledge anything.

#include <algorithm>
#include <thread>

#include "absl/time/clock.h"

#include "tests/faults/matrix/scene.h"

namespace throughline::faults {
namespace {

using testing::KafkaProcess;
using testing::Replica;

std::string IntakeTopic(Scene& scene) { return scene.suite().prefix() + ".intake.log"; }

// However a row ends, the next one finds three nodes.
struct AllNodesUp {
  KafkaProcess& kafka;
  ~AllNodesUp() {
    const absl::Status ignored = kafka.Start({1, 2, 3});
    (void)ignored;
  }
};

void RunLeaderKilled(const Context& context, Outcome& outcome) {
  const int times = context.FullOrShort(3, 1);
  Scene scene(context, outcome);
  if (!scene.Begin(3)) return;
  const AllNodesUp after{scene.kafka()};
  Load load(scene.ledger(), scene.client(), {.seed = context.seed(), .patience = absl::Seconds(10)});
  const int64_t share = context.settings.commands / (times + 1);
  for (int round = 0; round < times; ++round) {
    load.AwaitAcknowledged(scene.ledger().acknowledged() + share / 2);
    load.ForgetGaps();
    const auto leader = scene.kafka().Leader(IntakeTopic(scene), 0);
    if (!outcome.Holds(leader.status(), "asking for the leader")) return;
    if (!outcome.Holds(scene.kafka().Stop({*leader}, KafkaProcess::How::kKill), "killing the leader")) return;
    if (!load.AwaitAcknowledged(scene.ledger().acknowledged() + share / 2))
      outcome.Problem("acknowledgements do not go on without the leader");
    load.NoteGap(absl::StrCat("node ", *leader, " killed"), absl::Seconds(4), outcome);
    if (!outcome.Holds(scene.kafka().Start({*leader}), "starting it again")) return;
  }
  if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load.NoteHedges(outcome);
  load.Stop();
  outcome.injected = absl::StrCat(times, " x kill -9 of the leader of three");
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

// A replica without brokers says so itself.
void AskWithoutBrokers(Scene& scene, Outcome& outcome) {
  std::mt19937_64 random(1);
  Ledger::Entry& entry = *scene.ledger().Make(random);
  const absl::Time begun = absl::Now();
  const absl::Status told =
      scene.client().TryOnce({testing::ServiceFor(*entry.request), 0}, *entry.request, *entry.response);
  scene.ledger().Note(entry, told);
  outcome.Note(absl::StrCat("a replica says after ", absl::FormatDuration(absl::Now() - begun), ": ", told.ToString()));
  if (!absl::IsUnavailable(told)) outcome.Problem("without brokers a replica does not say UNAVAILABLE");
}

void RunAllDown(const Context& context, Outcome& outcome) {
  const absl::Duration away = context.FullOrShort(absl::Seconds(60), absl::Seconds(10));
  constexpr int64_t kMostGrowth = int64_t{160} << 20;
  Scene scene(context, outcome);
  testing::KafkaSuite::Options options;
  options.flags = {"--kafka-append-timeout", "2s"};  // services answer before clients give up
  if (!scene.Begin(1, options)) return;
  Load load(scene.ledger(), scene.client(), {.seed = context.seed(), .senders = 32});
  load.AwaitAcknowledged(context.settings.commands / 3);
  std::map<Replica, int64_t> before;
  for (const Replica& replica : scene.suite().replicas()) before[replica] = scene.suite().ResidentBytes(replica);
  if (!outcome.Holds(scene.kafka().Stop({1}, KafkaProcess::How::kCleanly), "stopping Kafka")) return;
  const absl::Time stopped = absl::Now();
  const int64_t unknown_before = scene.ledger().totals().unknown;
  AskWithoutBrokers(scene, outcome);
  int64_t most = 0;
  while (absl::Now() < stopped + away) {
    for (const auto& [replica, bytes] : before) most = std::max(most, scene.suite().ResidentBytes(replica) - bytes);
    absl::SleepFor(absl::Milliseconds(500));
  }
  const int64_t told = scene.ledger().totals().unknown - unknown_before;
  const absl::Time back = absl::Now();
  if (!outcome.Holds(scene.kafka().Start({1}), "starting Kafka")) return;
  const int64_t acknowledged = scene.ledger().acknowledged();
  if (!load.AwaitAcknowledged(acknowledged + 1)) outcome.Problem("does not recover by itself");
  outcome.Note(absl::StrCat("acknowledges again ", absl::FormatDuration(absl::Now() - back), " after the start"));
  outcome.Note(absl::StrCat("commands told UNAVAILABLE or unknown meanwhile ", told, ", memory grew by at most ",
                            most >> 20, " MB"));
  if (told == 0) outcome.Problem("nobody was told that it is unavailable");
  if (most > kMostGrowth) outcome.Problem(absl::StrCat("memory grew by ", most >> 20, " MB"));
  if (!load.AwaitSent(std::max(context.settings.commands, scene.ledger().sent() + context.settings.commands / 10)))
    outcome.Problem("nothing moves any more");
  load.Stop();
  for (const Ledger::Entry& entry : scene.ledger().entries()) {
    if (entry.first_sent > stopped + absl::Milliseconds(200) && entry.answer == Ledger::Answer::kAcknowledged &&
        entry.answered < back)
      outcome.Problem(entry.id + " was acknowledged without a broker");
  }
  for (const Replica& replica : scene.suite().replicas()) {
    if (scene.suite().ResidentBytes(replica) == 0) outcome.Problem(NameOf(replica) + " ended");
  }
  outcome.injected = absl::StrCat("all brokers down for ", absl::FormatDuration(away));
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

void RunRollingRestart(const Context& context, Outcome& outcome) {
  Scene scene(context, outcome);
  if (!scene.Begin(3)) return;
  const AllNodesUp after{scene.kafka()};
  Load load(scene.ledger(), scene.client(), {.seed = context.seed(), .patience = absl::Seconds(10)});
  for (int node = 1; node <= 3; ++node) {
    load.AwaitAcknowledged(scene.ledger().acknowledged() + context.settings.commands / 8);
    if (node == 1) load.ForgetGaps();
    if (!outcome.Holds(scene.kafka().Stop({node}, KafkaProcess::How::kCleanly), "stopping a node")) return;
    load.AwaitAcknowledged(scene.ledger().acknowledged() + context.settings.commands / 8);
    load.NoteGap(absl::StrCat("node ", node, " stopped"), absl::Seconds(1), outcome);
    if (!outcome.Holds(scene.kafka().Start({node}), "starting it again")) return;
    load.NoteGap(absl::StrCat("node ", node, " started"), absl::Seconds(1), outcome);
  }
  if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load.NoteGap("until the end", absl::Seconds(1), outcome);
  load.NoteHedges(outcome);
  load.Stop();
  outcome.injected = "TERM and restart of each of three brokers";
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

void RunTooFewInSync(const Context& context, Outcome& outcome) {
  const absl::Duration away = context.FullOrShort(absl::Seconds(30), absl::Seconds(8));
  Scene scene(context, outcome);
  if (!scene.Begin(3)) return;
  const AllNodesUp after{scene.kafka()};
  Load load(scene.ledger(), scene.client(), {.seed = context.seed(), .senders = 32});
  load.AwaitAcknowledged(context.settings.commands / 2);
  if (!outcome.Holds(scene.kafka().Stop({2, 3}, KafkaProcess::How::kKill), "killing two")) return;
  const absl::Time begun = absl::Now();
  absl::SleepFor(away);
  const absl::Time over = absl::Now();
  if (!outcome.Holds(scene.kafka().Start({2, 3}), "starting them again")) return;
  if (!load.AwaitSent(std::max(context.settings.commands, scene.ledger().sent() + context.settings.commands / 10)))
    outcome.Problem("nothing moves any more");
  const int64_t acknowledged = scene.ledger().acknowledged();
  if (!load.AwaitAcknowledged(acknowledged + 1)) outcome.Problem("does not recover by itself");
  load.Stop();
  int64_t meanwhile = 0, never = 0;
  for (const Ledger::Entry& entry : scene.ledger().entries()) {
    if (entry.first_sent < begun + absl::Milliseconds(200) || entry.first_sent > over) continue;
    ++meanwhile;
    if (entry.answer == Ledger::Answer::kAcknowledged && entry.answered < over) ++never;
  }
  outcome.Note(absl::StrCat(meanwhile, " commands meanwhile, none of them acknowledged"));
  if (meanwhile == 0) outcome.Problem("no command was sent meanwhile");
  if (never > 0) outcome.Problem(absl::StrCat(never, " were acknowledged by one replica of three"));
  outcome.injected = absl::StrCat("two of three brokers killed, for ", absl::FormatDuration(away));
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

}  // namespace

std::vector<Row> BrokerRows() {
  return {{6, "Kafka leader killed, three nodes", 3, RunLeaderKilled},
          {7, "all brokers down", 1, RunAllDown},
          {8, "rolling broker restart", 3, RunRollingRestart},
          {9, "in-sync replicas below minimum", 3, RunTooFewInSync}};
}

}  // namespace throughline::faults
