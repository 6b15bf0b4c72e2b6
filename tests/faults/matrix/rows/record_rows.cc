// Rows 17 and 18: records that are not commits, and commits of a newer version.

#include "absl/strings/match.h"
#include "absl/time/clock.h"

#include "libs/crypto/sha256.h"
#include "libs/log/partitioner.h"
#include "libs/runtime/fold/tables.h"
#include "libs/store/rocks/rocks_key_value.h"
#include "services/throughline/layouts.h"
#include "tests/faults/matrix/foreign.h"
#include "tests/faults/matrix/newer.h"
#include "tests/faults/matrix/scene.h"
#include "tests/faults/matrix/stores.h"
#include "throughline/intake/v1/commands.pb.h"

namespace throughline::faults {
namespace {

using testing::Replica;

ForeignRecord Poison(std::mt19937_64& random, int32_t partitions, const std::string& some_commit) {
  const auto bytes = [&random](size_t most) {
    std::string text(random() % most, '\0');
    for (char& c : text) c = static_cast<char>(random());
    return text;
  };
  ForeignRecord record;
  record.partition = {log::kTopics[random() % std::size(log::kTopics)],
                      static_cast<int32_t>(random() % static_cast<uint64_t>(partitions))};
  record.key = bytes(40);
  record.value = bytes(2000);
  switch (random() % 6) {
    case 0:
      record.key.reset();
      break;
    case 1:
      record.value.reset();  // a tombstone
      break;
    case 2:
      record.value = "";
      break;
    case 3:
      record.value = some_commit.substr(0, some_commit.size() / 2);  // a torn commit
      break;
    case 4:
      record.value = some_commit;  // a commit under another stream's key
      record.key = "case/NOBODY";
      break;
    default:
      break;
  }
  return record;
}

void RunPoison(const Context& context, Outcome& outcome) {
  const int count = context.FullOrShort(500, 100);
  Scene scene(context, outcome);
  if (!scene.Begin(1)) return;
  std::mt19937_64 random(context.seed());
  Load load(scene.ledger(), scene.client(), {.seed = context.seed()});
  load.AwaitAcknowledged(context.settings.commands / 10);
  Audit before(scene.suite().options().brokers, scene.suite().prefix(), scene.suite().options().partitions);
  if (!outcome.Holds(before.Read(), "reading the topics")) return;
  const std::string commit = before.records().front().value;
  std::map<std::string, int> expected;  // values that must be quarantined
  for (int i = 0; i < 10; ++i) {
    std::vector<ForeignRecord> poison;
    for (int j = 0; j < count / 10; ++j) {
      poison.push_back(Poison(random, scene.suite().options().partitions, commit));
      ++expected[poison.back().value.value_or("")];
    }
    if (!outcome.Holds(Produce(scene.suite().options().brokers, scene.suite().prefix(), poison), "poisoning")) return;
    load.AwaitAcknowledged(scene.ledger().acknowledged() + context.settings.commands / 20);
  }
  if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load.Stop();
  outcome.injected =
      absl::StrCat(count, " records of random bytes, torn and misplaced commits, nulls, by a foreign producer");
  const Replica intake{log::Topic::kIntake, 0};
  const double counted = scene.suite().Number(intake, "throughline_records_quarantined_total");
  outcome.Note(absl::StrCat("intake folds all topics and counts ", counted, " quarantined"));
  if (counted != count) outcome.Problem(absl::StrCat("counted ", counted, " instead of ", count));
  Examine(context, scene.suite(), scene.ledger(), outcome);
  store::RocksKeyValue::Options options;
  options.path = scene.suite().store(intake);
  options.layout = LayoutOf(log::Topic::kIntake);
  auto store = store::RocksKeyValue::OpenToRead(options);
  if (!outcome.Holds(store.status(), "opening intake's store")) return;
  runtime::kQuarantinedRows.Scan(**store, "", [&](std::string_view, const auto&, const auto& row) {
    --expected[row.value()];
    return true;
  });
  for (const auto& [value, missing] : expected) {
    if (missing != 0) return outcome.Problem("the quarantine does not hold the bytes that were written");
  }
}

// Consecutive commits of a kind of stream that only a newer version knows.
std::vector<ForeignRecord> FromTheFuture(const log::Partition& partition, const std::string& stream, int count) {
  std::vector<ForeignRecord> records;
  for (int i = 1; i <= count; ++i) {
    throughline::log::v1::Commit commit;
    commit.set_stream(stream);
    commit.set_version(static_cast<uint64_t>(i));
    if (i > 1) commit.set_follows(crypto::Sha256(*records.back().value));
    commit.set_command_id(absl::StrCat("future-", i));
    commit.mutable_actor()->set_id("newer");
    commit.set_schema_version(1);
    FillNewerEvent(*commit.add_events());
    records.push_back({partition, stream, commit.SerializeAsString()});
  }
  return records;
}

void RunNewerEvent(const Context& context, Outcome& outcome) {
  Scene scene(context, outcome);
  // No orders: cases opened by delays could follow the newer event in the log.
  if (!scene.Begin(1, {}, {.interactions = 35, .work_notes = 20, .orders = 0, .delays = 0, .doomed = 0})) return;
  const auto& options = scene.suite().options();
  std::unique_ptr<Load> load =
      std::make_unique<Load>(scene.ledger(), scene.client(), Load::Options{.seed = context.seed()});
  load->AwaitAcknowledged(context.settings.commands * 8 / 10);
  for (const Replica& replica : scene.suite().replicas()) {
    if (!scene.suite().Serving(replica)) outcome.Problem(NameOf(replica) + " does not say that it is serving");
  }
  const std::string stream = std::string(kNewerKind) + "/1";
  const log::Partition stopped{log::Topic::kIntake, log::PartitionFor(stream, options.partitions)};
  constexpr int kNewer = 3;
  if (!outcome.Holds(Produce(options.brokers, scene.suite().prefix(), FromTheFuture(stopped, stream, kNewer)),
                     "writing newer events"))
    return;
  const int64_t before = scene.ledger().acknowledged();
  if (!load->AwaitAcknowledged(before + context.settings.commands / 20))
    outcome.Problem("other partitions do not go on");
  load->AwaitSent(context.settings.commands);
  load->Stop();
  outcome.Note(absl::StrCat(scene.ledger().acknowledged() - before, " acknowledged in the other partitions meanwhile"));
  outcome.injected = absl::StrCat("a stream kind of a newer version in partition ", stopped.index, " of intake's log");
  for (const Replica& replica : scene.suite().replicas()) {
    const std::string name = NameOf(replica);
    if (scene.suite().Serving(replica)) outcome.Problem(name + " says that it is serving");
    if (scene.suite().Number(replica, "throughline_fold_stopped_partitions") != 1)
      outcome.Problem(name + " does not show the stopped partition in its metrics");
    if (!absl::StrContains(scene.suite().said(replica), "start a newer version"))
      outcome.Problem(name + " does not say why it stopped");
  }
  // Commands behind the stop stay unknown until the upgrade; acknowledged ones are kept.
  Audit audit(options.brokers, scene.suite().prefix(), options.partitions);
  for (std::string& complaint : scene.suite().TerminateAll()) outcome.Problem(std::move(complaint));
  if (!outcome.Holds(audit.ReadUntilQuiet(), "reading the topics")) return;
  HoldAgainst(audit, scene.ledger(), outcome);
  CompareStores(scene.suite(), audit, outcome);
  // The upgrade: a newer binary that knows the kind runs on the same store.
  const absl::StatusOr<NewerIntake::Seen> seen =
      NewerIntake::Run(options.brokers, scene.suite().prefix(), scene.suite().data({log::Topic::kIntake, 0}), stopped);
  if (!outcome.Holds(seen.status(), "the upgrade")) return;
  outcome.Note(absl::StrCat("a newer intake on the same store goes on from offset ", seen->from, " and folds ",
                            seen->folded, " records of the partition"));
  if (seen->folded < kNewer) outcome.Problem("the upgrade does not fold what stopped the partition");
}

}  // namespace

std::vector<Row> RecordRows() {
  return {{17, "poison records on the topics", 1, RunPoison}, {18, "event of a newer version", 1, RunNewerEvent}};
}

}  // namespace throughline::faults
