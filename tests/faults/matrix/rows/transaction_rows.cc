// Row 31: another program writes to the log in transactions. Each leaves an offset without a record. Every replica that
// folds the topic stops there and reports it, until an operator has accepted that gap.

#include <algorithm>

#include "absl/strings/match.h"

#include "libs/log/kafka/topics/gaps.h"
#include "tests/faults/matrix/foreign.h"
#include "tests/faults/matrix/scene.h"

namespace throughline::faults {
namespace {

using testing::Replica;

constexpr int kCouldNotGoOn = 70;
constexpr log::Topic kReadByMost = log::Topic::kSupplierTracking;  // outage-notice alone does not fold it
constexpr char kReason[] = "an import job wrote here";

testing::Finished Tool(Scene& scene, std::vector<std::string> words) {
  std::vector<std::string> command = {testing::Program("throughline")};
  command.insert(command.end(), words.begin(), words.end());
  for (const std::string& word :
       {std::string("--brokers"), scene.suite().options().brokers, std::string("--prefix"), scene.suite().prefix()})
    command.push_back(word);
  return testing::Run(command);
}

testing::Finished Accept(Scene& scene, const log::Gap& gap) {
  return Tool(scene, {"log", "accept-gap", log::GapText(gap), "--reason", kReason});
}

// The last gap in the replica's log, with the command that accepts it.
absl::StatusOr<log::Gap> NamedIn(const std::string& said) {
  constexpr absl::string_view kCommand = "throughline log accept-gap ";
  const size_t at = said.rfind(kCommand.data());
  if (at == std::string::npos) return absl::NotFoundError("it names no gap: " + said.substr(said.size() / 2));
  const size_t begin = at + kCommand.size();
  return log::ParseGap(said.substr(begin, said.find(' ', begin) - begin));
}

// Runs one transaction; checks that every replica that folds the topic ends and names the same gap.
absl::StatusOr<log::Gap> Disturb(Scene& scene, const log::Partition& partition, bool commit, Outcome& outcome) {
  const std::string& brokers = scene.suite().options().brokers;
  const ForeignRecord record{partition, "import", "what another program writes"};
  if (absl::Status status = ProduceInTransaction(brokers, scene.suite().prefix(), record, commit); !status.ok())
    return status;
  std::optional<log::Gap> all;
  for (const Replica& replica : scene.suite().replicas()) {
    const bool folds = partition.topic != kReadByMost || replica.service != log::Topic::kOutageNotice;
    if (!folds) {
      if (!scene.suite().Serving(replica)) outcome.Problem(NameOf(replica) + ", which does not read it, stopped, too");
      continue;
    }
    if (const int code = scene.suite().AwaitEnd(replica); code != kCouldNotGoOn)
      outcome.Problem(absl::StrCat(NameOf(replica), " ended with ", code));
    const absl::StatusOr<log::Gap> gap = NamedIn(scene.suite().said(replica));
    if (!gap.ok()) return gap.status();
    if (all && *all != *gap) outcome.Problem(NameOf(replica) + " names another gap: " + log::GapText(*gap));
    all = *gap;
  }
  if (all->partition != partition || all->from != all->to)
    outcome.Problem("the gap that is named is not the transaction's: " + log::GapText(*all));
  return *all;
}

// A restart does not help, nor does accepting another gap; accepting this one does.
bool Mend(Scene& scene, const log::Gap& gap, Outcome& outcome) {
  const Replica intake{log::Topic::kIntake, 0};
  const auto again = scene.suite().RestartInVain(intake, absl::Seconds(12));
  if (!outcome.Holds(again.status(), "starting again without an accepted gap")) return false;
  if (!absl::StrContains(*again, log::GapText(gap))) outcome.Problem("started again, it does not name the gap");
  log::Gap wrong = gap;
  --wrong.from;
  --wrong.to;
  if (Accept(scene, wrong).exit_code == 0)
    outcome.Problem(log::GapText(wrong) + ", where a record stands, is accepted");
  const testing::Finished accepted = Accept(scene, gap);
  if (accepted.exit_code != 0) {
    outcome.Problem("accepting " + log::GapText(gap) + ": " + accepted.out + accepted.err);
    return false;
  }
  return outcome.Holds(scene.suite().RestartAll(), "starting behind the accepted gap");
}

void RunForeignTransactions(const Context& context, Outcome& outcome) {
  Scene scene(context, outcome);
  if (!scene.Begin(1)) return;
  const auto& options = scene.suite().options();
  std::mt19937_64 random(context.seed());
  Load load(scene.ledger(), scene.client(), {.seed = context.seed()});
  std::vector<log::Gap> gaps;
  for (const auto& [topic, commit] : {std::pair(log::Topic::kIntake, true), std::pair(kReadByMost, false)}) {
    load.AwaitAcknowledged(scene.ledger().acknowledged() + context.settings.commands / 4);
    const log::Partition partition{topic, static_cast<int32_t>(random() % static_cast<uint64_t>(options.partitions))};
    const auto gap = Disturb(scene, partition, commit, outcome);
    if (!outcome.Holds(gap.status(), "a foreign transaction")) return;
    if (!Mend(scene, *gap, outcome)) return;
    gaps.push_back(*gap);
    outcome.Note(absl::StrCat(log::GapText(*gap), " named by all who read it, accepted"));
    if (!load.AwaitAcknowledged(scene.ledger().acknowledged() + context.settings.commands / 8))
      outcome.Problem("nothing moves behind an accepted gap");
  }
  if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load.Stop();
  outcome.injected = "a foreign transaction committed in intake's topic, one aborted in supplier-tracking's";
  const auto kept = log::ReadGaps({options.brokers, scene.suite().prefix()}, absl::Seconds(20));
  if (!outcome.Holds(kept.status(), "reading the accepted gaps")) return;
  for (const log::Gap& gap : gaps) {
    if (std::none_of(kept->begin(), kept->end(),
                     [&](const log::AcceptedGap& a) { return a.gap == gap && absl::StrContains(a.how, kReason); }))
      outcome.Problem(log::GapText(gap) + " is not kept with its reason");
  }
  if (kept->size() != gaps.size()) outcome.Problem(absl::StrCat(kept->size(), " gaps are kept"));
  const testing::Finished verified = Tool(scene, {"verify"});
  const std::string told = verified.out + verified.err;
  if (verified.exit_code != 0) outcome.Problem("throughline verify: " + told);
  for (log::Topic topic : {log::Topic::kIntake, kReadByMost}) {
    if (!absl::StrContains(told, log::TopicName(topic) + ": 1 offset(s) in accepted gaps"))
      outcome.Problem("throughline verify does not count the gap of " + log::TopicName(topic) + ": " + told);
  }
  Examination examination;
  examination.gaps = gaps;
  Examine(context, scene.suite(), scene.ledger(), outcome, examination);
}

}  // namespace

std::vector<Row> TransactionRows() { return {{31, "foreign transactional producer", 1, RunForeignTransactions}}; }

}  // namespace throughline::faults
