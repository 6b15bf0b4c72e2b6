// Row 33: the embedded log is lost, and restored from a backup that was taken under load.

#include <algorithm>
#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <nlohmann/json.hpp>

#include "libs/log/embedded/reader.h"
#include "services/process/process.h"
#include "tests/faults/matrix/examine.h"
#include "tests/faults/matrix/load.h"
#include "tests/faults/matrix/row.h"
#include "tests/support/failover.h"
#include "tests/support/suite_process.h"

namespace throughline::faults {
namespace {

using testing::Failover;
using testing::Finished;
using testing::SuiteProcess;

constexpr int kPartitions = 12;

// All services share one address.
std::map<testing::Replica, client::Options> At(const SuiteProcess& suite, absl::Duration timeout) {
  client::Options options = suite.OptionsFor(kPerson);
  options.timeout = timeout;
  std::map<testing::Replica, client::Options> replicas;
  for (log::Topic topic : log::kTopics) replicas[{topic, 0}] = options;
  return replicas;
}

// Every record in the log of the data directory, even while a suite runs on it.
absl::StatusOr<std::unique_ptr<Audit>> ReadLog(const std::string& data) {
  const auto reader = log::EmbeddedReader::Open(process::LogPath(data));
  if (!reader.ok()) return reader.status();
  auto audit = std::make_unique<Audit>("", "", kPartitions);
  for (log::Topic topic : log::kTopics) {
    for (int32_t index = 0; index < kPartitions; ++index) {
      const absl::Status read = (*reader)->Read({{topic, index}, 0}, [&](const log::Record& record) {
        audit->Add(record);
        return true;
      });
      if (!read.ok()) return read;
    }
  }
  return audit;
}

absl::StatusOr<Finished> Tool(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), testing::Program("throughline"));
  Finished finished = testing::Run(arguments);
  if (finished.exit_code == 0) return finished;
  return absl::InternalError(absl::StrCat("exit code ", finished.exit_code, ": ", finished.err, finished.out));
}

// Every command acknowledged before `begun` has one effect in the restored log.
void HoldBackup(const Audit& audit, const Ledger& ledger, absl::Time begun, Outcome& outcome) {
  int64_t before = 0, after = 0, kept = 0;
  for (const Ledger::Entry& entry : ledger.entries()) {
    if (entry.answer != Ledger::Answer::kAcknowledged) continue;
    const int effects = audit.effects(kPerson, entry.id);
    if (effects > 1) ++outcome.doubled;
    if (entry.answered >= begun) {
      ++after;
      kept += effects > 0;
      continue;
    }
    ++before;
    if (effects == 1) continue;
    ++outcome.lost;
    outcome.Problem(absl::StrCat(entry.id, " was acknowledged before the backup, and has ", effects, " effects in it"));
  }
  for (const std::string& problem : audit.problems()) outcome.Problem("the backup: " + problem);
  if (before == 0 || after == kept)
    outcome.Problem("nothing was acknowledged before the backup, or nothing was lost after it");
  outcome.Note(absl::StrCat(before, " commands were acknowledged before the backup and are in it; of ", after,
                            " after it, ", kept, " are"));
}

// Sends commands that were acknowledged or unknown again, in their first order, so that each finds what it refers to.
// All must be answered as the first time.
void SendAgain(const Failover& client, Ledger& ledger, Outcome& outcome) {
  int complaints = 0;
  for (Ledger::Entry& entry : ledger.entries()) {
    const std::string subject = entry.subject;
    const Ledger::Answer answer = entry.answer;
    const absl::Status status = client.CallInto(*entry.request, *entry.response);
    ledger.Note(entry, status);
    const bool same = answer == Ledger::Answer::kNone || (answer == entry.answer && subject == entry.subject);
    if ((!same || testing::OutcomeUnknown(status)) && complaints++ < 5) {
      outcome.Problem(absl::StrCat(entry.id, " is answered otherwise: ", status.ToString()));
    }
  }
}

// Waits until each delayed order has its case: lost reactions are made again.
absl::StatusOr<std::unique_ptr<Audit>> AwaitReactions(const std::string& data, const Ledger& ledger) {
  const absl::Time patience = absl::Now() + absl::Seconds(60);
  const std::vector<std::string> delayed = ledger.delayed_orders();
  while (true) {
    auto audit = ReadLog(data);
    if (!audit.ok()) return audit;
    const auto missing = std::count_if(delayed.begin(), delayed.end(), [&](const std::string& order) {
      const auto risk = (*audit)->risks().find(order);
      return risk == (*audit)->risks().end() || risk->second == 0;
    });
    if (missing == 0) return audit;
    if (absl::Now() > patience) return absl::DataLossError(absl::StrCat(missing, " delayed orders have no case"));
  }
}

void RunLostLog(const Context& context, Outcome& outcome) {
  const std::string lost = context.directory() + "/data", restored = context.directory() + "/restored",
                    backups = context.directory() + "/backups";
  std::filesystem::create_directories(context.directory());
  Ledger ledger(context.directory() + "/ledger.txt", "c", Ledger::Mix());
  absl::Time begun;
  std::string backup;
  {
    SuiteProcess suite(lost);
    if (!outcome.Holds(suite.Start({"--log-level", "error"}), "starting the suite")) return;
    const Failover client(At(suite, absl::Seconds(5)), {});
    Load load(ledger, client, {.seed = context.seed()});
    if (!load.AwaitSent(context.settings.commands / 2)) return outcome.Problem("the load stands still");
    begun = absl::Now();
    const auto took = Tool({"--data", lost, "--json", "backup", "take", "--to", backups});
    if (!outcome.Holds(took.status(), "taking a backup")) return;
    const absl::Duration duration = absl::Now() - begun;
    backup = nlohmann::json::parse(took->out)["path"].get<std::string>();
    outcome.Note(absl::StrCat("taken and verified in ", absl::FormatDuration(duration), " under load"));
    if (!load.AwaitSent(std::max(context.settings.commands, ledger.sent() + 100))) {
      return outcome.Problem("the load stands still");
    }
    suite.Kill();
    load.Stop();
    std::filesystem::remove_all(lost);
  }
  outcome.injected = "kill -9 under load, and the data directory is removed; a backup of the midst is restored";
  if (!outcome.Holds(Tool({"--data", restored, "restore", "--from", backup}).status(), "restoring")) return;
  const auto in_backup = ReadLog(restored);
  if (!outcome.Holds(in_backup.status(), "reading the restored log")) return;
  HoldBackup(**in_backup, ledger, begun, outcome);

  SuiteProcess suite(restored);
  const absl::Time starts = absl::Now();
  if (!outcome.Holds(suite.Start({"--log-level", "error"}), "starting on the restored log")) return;
  outcome.Note(absl::StrCat("ready ", absl::FormatDuration(absl::Now() - starts), " after its start, with ",
                            (*in_backup)->accepted(), " commits to fold"));
  const Failover client(At(suite, absl::Seconds(10)), {});
  SendAgain(client, ledger, outcome);
  SettleWith(client, ledger, context.seed(), outcome);
  const auto audit = AwaitReactions(restored, ledger);
  if (!outcome.Holds(audit.status(), "reading the log")) return;
  HoldAgainst(**audit, ledger, outcome);
  if (const int code = suite.Terminate(); code != 0) outcome.Problem(absl::StrCat("it ended with ", code));
  outcome.Holds(Tool({"--data", restored, "verify"}).status(), "verify");
}

}  // namespace

std::vector<Row> BackupRows() { return {{33, "embedded log lost", 0, RunLostLog}}; }

}  // namespace throughline::faults
