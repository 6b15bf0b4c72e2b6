// Which log the fold goes on with: the one that it folded, without a gap.

#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

// Gives one offset too many or too few.
class SkippingLog : public ScriptedLog {
 public:
  using ScriptedLog::ScriptedLog;
  absl::StatusOr<std::unique_ptr<log::Subscription>> Subscribe(std::vector<log::Position> from,
                                                               std::function<void()> wake) override {
    for (log::Position& position : from) position.offset += shift;
    return ScriptedLog::Subscribe(std::move(from), std::move(wake));
  }
  int64_t shift = 0;
};

TEST(Fold, RefusesALogThatIsNotContiguous) {
  Book book(1);
  for (int i = 0; i < 3; ++i) book.WriteForeign("nobody/a", "noise");
  for (int64_t shift : {1, 2}) {
    SkippingLog log(book);
    log.shift = shift;
    store::MemoryKeyValue store;
    ManualClock clock(Noon());
    Replica replica(DefineAccounts(), log, store, nullptr, clock);
    ASSERT_TRUE(replica.Start().ok());
    const absl::Status status = replica.Run();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    EXPECT_EQ(ReadFoldedPositions(store, log::Topic::kIntake, 1).front().next, 0) << "nothing of this step was written";
  }
}

TEST(Fold, RefusesAnotherLogThanTheOneThatItFolded) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(1), "c1");
  book.cluster_id = "another";
  bench.Restart();
  EXPECT_EQ(bench.started.code(), absl::StatusCode::kFailedPrecondition) << bench.started;
  book.cluster_id = "book";
  book.partitions = 2;
  bench.Restart();
  EXPECT_EQ(bench.started.code(), absl::StatusCode::kFailedPrecondition) << bench.started;
  book.partitions = 1;
  bench.Restart();
  EXPECT_TRUE(bench.started.ok()) << bench.started;
}

// Same cluster, same number of partitions, and yet another history: a topic that was deleted and made anew.
TEST(Fold, RefusesALogWhoseLastFoldedRecordIsAnother) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(1), "c1");
  bench.Give("a", Deposit(2), "c2");
  const std::map<log::Partition, std::vector<log::RecordPtr>> whole = book.records;
  book.records.begin()->second.pop_back();
  book.WriteForeign("account/a", "another");
  bench.Restart();
  ASSERT_TRUE(bench.started.ok());
  const absl::Status status = bench.replica->Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_FALSE(bench.replica->engine().Ready());
  book.records = whole;
  bench.Restart();
  bench.Run();
  EXPECT_TRUE(bench.replica->engine().Ready());
  EXPECT_EQ(BalanceOf(bench, "a"), 3);
}

TEST(Fold, IsNotReadyOnALogWithoutTheLastFoldedRecord) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(1), "c1");
  bench.Give("a", Deposit(2), "c2");
  book.records.begin()->second.pop_back();
  bench.Restart();
  bench.Pass(absl::Seconds(30));
  EXPECT_FALSE(bench.replica->engine().Ready());
}

TEST(Fold, GoesOnFromWhateverACrashLeavesOfTheStore) {
  Book book(1);
  Bench bench(book);
  std::vector<std::map<std::string, std::string, std::less<>>> moments;
  for (int i = 0; i < 8; ++i) {
    moments.push_back(bench.store.Snapshot());
    bench.Give("a", Deposit(1), "c" + std::to_string(i));
  }
  const auto whole = bench.store.Snapshot();
  for (const auto& moment : moments) {
    bench.replica.reset();
    bench.store.Restore(moment);
    bench.Restart();
    bench.Run();
    EXPECT_EQ(bench.store.Snapshot(), whole);
  }
}

}  // namespace
}  // namespace throughline::runtime::testing
