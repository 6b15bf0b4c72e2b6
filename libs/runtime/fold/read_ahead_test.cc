// The fold on records that were read ahead: the same store, the same order, the same errors.

#include "libs/runtime/fold/read_ahead.h"

#include <random>

#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

// What `replica` has folded once it has caught up, or why it cannot.
absl::Status CatchUp(Replica& replica) {
  if (absl::Status status = replica.Start(); !status.ok()) return status;
  while (!replica.engine().Ready() && replica.engine().fold_status().stopped.empty()) {
    const absl::StatusOr<bool> more = replica.engine().Step();
    if (!more.ok()) return more.status();
    if (!*more) replica.engine().inbox().Wait(absl::Milliseconds(50));
  }
  return absl::OkStatus();
}

struct ReadAheadTest : ::testing::Test {
  std::unique_ptr<Replica> Open(store::MemoryKeyValue& store, bool read_ahead) {
    return std::make_unique<Replica>(DefineAccounts(), log, store, nullptr, clock, Engine::Limits{.fold_records = 64},
                                     nullptr, nullptr, nullptr, nullptr, nullptr, read_ahead);
  }
  absl::Status Fold(store::MemoryKeyValue& store, bool read_ahead) { return CatchUp(*Open(store, read_ahead)); }

  Book book{4};
  ScriptedLog log{book};
  ManualClock clock{Noon()};
};

// Commits that are accepted, repeated or damaged, noise, and a gap; longer than what is read ahead at once.
void WriteAnything(Book& book, std::mt19937& random) {
  Bench writer(book);
  const auto one_of = [&](int count) { return static_cast<int>(random() % static_cast<unsigned>(count)); };
  for (int n = 0; n < 900; ++n) {
    const std::string account = std::to_string(one_of(40));
    writer.Give(account, Deposit(1 + one_of(9)), "c" + std::to_string(n));
    const std::string stream = "account/" + account;
    const auto& written = book.records[PartitionOf(book, stream)];
    std::string value = written.back()->value;
    const int what = one_of(12);
    if (what == 1) value.pop_back();
    if (what == 2) value = "noise";
    if (what < 3) book.WriteForeign(what == 0 ? "account/other" : stream, value);
    if (what != 3) continue;
    writer.Run();
    const log::Partition partition = PartitionOf(book, stream);
    const auto offset = static_cast<int64_t>(written.size());
    book.records[partition].push_back(std::make_shared<const log::Record>(log::Record{partition, offset, "", "", 1}));
  }
  writer.Run();
}

TEST_F(ReadAheadTest, GivesTheSameStore) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    std::mt19937 random(seed);
    book.records.clear();
    WriteAnything(book, random);
    store::MemoryKeyValue plain, ahead;
    ASSERT_TRUE(Fold(plain, false).ok());
    // As its writer left the records: with nothing decoded.
    for (auto& [partition, records] : book.records) {
      for (log::RecordPtr& record : records) record = std::make_shared<const log::Record>(*record);
    }
    ASSERT_TRUE(Fold(ahead, true).ok());
    ASSERT_EQ(plain.Snapshot(), ahead.Snapshot()) << "seed " << seed;
    EXPECT_GT(plain.Snapshot().size(), 100u);
  }
}

TEST_F(ReadAheadTest, StopsAtTheSameRecordOfANewerVersion) {
  {
    Bench writer(book);
    for (int n = 0; n < 20; ++n) writer.Give("a", Deposit(1), "c" + std::to_string(n));
  }
  throughline::log::v1::Commit newer;
  ASSERT_TRUE(newer.ParseFromString(book.records[PartitionOf(book, "account/a")].back()->value));
  newer.set_schema_version(kSchemaVersion + 1);
  book.WriteForeign("account/a", newer.SerializeAsString());
  store::MemoryKeyValue plain, ahead;
  ASSERT_TRUE(Fold(plain, false).ok());
  ASSERT_TRUE(Fold(ahead, true).ok());
  EXPECT_EQ(plain.Snapshot(), ahead.Snapshot());
}

TEST_F(ReadAheadTest, AnEngineMayEndBeforeItHasCaughtUp) {
  std::mt19937 random(1);
  WriteAnything(book, random);
  for (int steps = 0; steps < 8; ++steps) {
    store::MemoryKeyValue ahead;
    const std::unique_ptr<Replica> replica = Open(ahead, true);
    ASSERT_TRUE(replica->Start().ok());
    for (int step = 0; step < steps; ++step) ASSERT_TRUE(replica->engine().Step().ok());
    replica->engine().Close();
  }
}

TEST_F(ReadAheadTest, GoesOnByItselfOnceItHasCaughtUp) {
  const std::unique_ptr<Bench> writer = std::make_unique<Bench>(book);
  writer->Give("a", Deposit(1), "c1");
  store::MemoryKeyValue ahead;
  const std::unique_ptr<Replica> replica = Open(ahead, true);
  ASSERT_TRUE(CatchUp(*replica).ok());
  for (int n = 2; n < 200; ++n) {
    writer->Give("a", Deposit(1), "c" + std::to_string(n));
    ASSERT_TRUE(replica->Run().ok());
    ASSERT_EQ(kAccountRows.Get(ahead, "a")->balance(), n);
  }
}

// Gives what the test says.
class Given : public log::EventLog {
 public:
  struct Reader : log::Subscription {
    explicit Reader(Given& given) : given(given) {}
    absl::StatusOr<std::vector<log::RecordPtr>> Poll(size_t max_records) override { return given.Poll(max_records); }
    Given& given;
  };

  bool wakes = true;

  explicit Given(int64_t records) : records_(records) {}
  absl::StatusOr<std::unique_ptr<log::Subscription>> Subscribe(std::vector<log::Position>,
                                                               std::function<void()> wake) override {
    wake_ = std::move(wake);
    return std::make_unique<Reader>(*this);
  }
  void Append(log::Partition, std::string, std::string, Appended) override { std::abort(); }
  void QueryEnds(std::vector<log::Partition>, Ends) override { std::abort(); }
  absl::StatusOr<log::Identity> Describe() override { std::abort(); }
  size_t Flush(absl::Time) override { return 0; }

  absl::StatusOr<std::vector<log::RecordPtr>> Poll(size_t max_records) {
    absl::MutexLock lock(&mutex_);
    std::vector<log::RecordPtr> some;
    if (given_ == records_ && !failure_.ok()) return failure_;
    while (some.size() < max_records && given_ < records_) {
      some.push_back(std::make_shared<log::Record>(log::Record{{log::Topic::kIntake, 0}, given_++, "x", "noise"}));
    }
    return some;
  }
  void Add(int64_t records) {
    {
      absl::MutexLock lock(&mutex_);
      records_ += records;
    }
    if (wakes) wake_();
  }
  void Fail(const absl::Status& status) {
    {
      absl::MutexLock lock(&mutex_);
      failure_ = status;
    }
    wake_();
  }
  int64_t given() {
    absl::MutexLock lock(&mutex_);
    return given_;
  }

 private:
  std::function<void()> wake_;
  absl::Mutex mutex_;
  int64_t records_ ABSL_GUARDED_BY(mutex_);
  int64_t given_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

// What reads `log` ahead, and what Poll has given, in order.
struct Ahead {
  explicit Ahead(Given& log)
      : reads(*ReadAhead::Subscribe(
            log, {{{log::Topic::kIntake, 0}, 0}}, [inbox = inbox] { inbox->Wake(); }, types, positions)) {}

  // Until `end`, or an error.
  absl::Status ReadTo(int64_t end) {
    while (next < end) {
      const auto some = reads->Poll(7);
      if (!some.ok()) return some.status();
      for (const log::RecordPtr& record : *some) EXPECT_EQ(record->offset, next++);
      if (!some->empty()) continue;
      const absl::Time begun = absl::Now();
      inbox->Wait(patience);
      inbox->Take();
      if (absl::Now() - begun >= absl::Seconds(10)) return absl::DeadlineExceededError("nobody woke");
    }
    return absl::OkStatus();
  }

  absl::Duration patience = absl::Seconds(10);
  const std::shared_ptr<Inbox> inbox = std::make_shared<Inbox>();
  StreamTypes types;
  Positions positions{{1, 0, 0, 0}};
  std::unique_ptr<ReadAhead> reads;
  int64_t next = 0;
};

TEST(ReadAhead, GivesAllInOrderBeforeAndAfterItHasStopped) {
  Given log(10'000);
  Ahead ahead(log);
  ASSERT_TRUE(ahead.ReadTo(5'000).ok());
  ahead.reads->Stop();
  ASSERT_TRUE(ahead.ReadTo(10'000).ok());
  for (int n = 1; n <= 50; ++n) {
    std::thread more([&] { log.Add(1); });
    ASSERT_TRUE(ahead.ReadTo(10'000 + n).ok());
    more.join();
  }
}

TEST(ReadAhead, WakesWhoFoundNothing) {
  Given log(0);
  Ahead ahead(log);
  for (int n = 1; n <= 50; ++n) {
    std::thread more([&] { log.Add(1); });
    ASSERT_TRUE(ahead.ReadTo(n).ok());
    more.join();
  }
}

TEST(ReadAhead, LooksAgainWhenItIsAskedAsSomeLogsWakeNobody) {
  Given log(0);
  log.wakes = false;
  Ahead ahead(log);
  ahead.patience = absl::Milliseconds(5);
  for (int n = 1; n <= 20; ++n) {
    log.Add(1);
    ASSERT_TRUE(ahead.ReadTo(n).ok());
  }
}

TEST(ReadAhead, ReadsNoFurtherThanItsBound) {
  Given log(1'000'000);
  Ahead ahead(log);
  ASSERT_TRUE(ahead.ReadTo(10'000).ok());
  ahead.reads->Stop();
  EXPECT_LE(log.given(), 10'000 + 5'000);
}

TEST(ReadAhead, TellsAFailureAfterWhatWasReadBeforeIt) {
  Given log(3'000);
  Ahead ahead(log);
  ASSERT_TRUE(ahead.ReadTo(3'000).ok());
  std::thread later([&] { log.Fail(absl::DataLossError("a record is damaged")); });
  EXPECT_TRUE(absl::IsDataLoss(ahead.ReadTo(3'001)));
  later.join();
  EXPECT_TRUE(absl::IsDataLoss(ahead.reads->Poll(1).status())) << "and again";
}

}  // namespace
}  // namespace throughline::runtime::testing
