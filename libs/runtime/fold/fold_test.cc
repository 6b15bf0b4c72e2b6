// What the fold does with records that it should not have met.

#include "libs/crypto/sha256.h"
#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

using throughline::log::v1::Commit;

// A good first commit on `stream`, to be spoilt.
Commit GoodCommit(const std::string& stream) {
  v1::AccountEvent event;
  event.mutable_deposited()->set_amount(1);
  Commit commit;
  commit.set_stream(stream);
  commit.set_version(1);
  commit.set_command_id("foreign-1");
  commit.mutable_actor()->set_id("somebody");
  commit.set_schema_version(1);
  auto& committed = *commit.add_events();
  committed.set_type(v1::Deposited::descriptor()->full_name());
  committed.set_data(event.SerializeAsString());
  return commit;
}

TEST(Fold, TakesAWellFormedCommitOfAnotherProducer) {
  Book book(1);
  Bench bench(book);
  book.WriteForeign("account/a", GoodCommit("account/a").SerializeAsString());
  bench.Run();
  EXPECT_EQ(BalanceOf(bench, "a"), 1);
}

TEST(Fold, GoesOnBehindAnAcceptedGapAndKeepsIt) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  bench.Give("a", Deposit(5), "c1");
  const log::Partition partition = PartitionOf(book, "account/a");
  const auto gap = std::make_shared<log::Record>(log::Record{partition, 1, "", "", 1});
  book.records[partition].push_back(gap);
  bench.Run();
  EXPECT_EQ(bench.replica->engine().positions().Next(partition), 2);
  EXPECT_EQ(kGapRows.Get(bench.store, int64_t{0}, int64_t{0}, int64_t{1}), 1);
  bench.Restart();
  ASSERT_TRUE(bench.started.ok()) << bench.started;
  bench.Run();
  EXPECT_EQ(Say(bench.Give("a", Deposit(5), "c2")), "ok 2");
  bench.HoldAll();
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(bench.assignment.committed[partition], 3) << "reactions go on behind it";

  book.records[partition].push_back(std::make_shared<log::Record>(log::Record{partition, 4, "", "", 1}));
  EXPECT_EQ(bench.replica->Run().code(), absl::StatusCode::kDataLoss) << "3 is not in the gap";
}

TEST(Fold, StopsWhereAnAcceptedGapStandsInPlaceOfARecord) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(5), "c1");
  const log::Partition partition = PartitionOf(book, "account/a");
  book.records[partition][0] = std::make_shared<log::Record>(log::Record{partition, 0, "", "", 1});
  bench.Restart();
  EXPECT_EQ(bench.replica->Run().code(), absl::StatusCode::kDataLoss);
}

// A service that only reads the accounts, of a version before the one that wrote them.
std::unique_ptr<Definition> DefineReader() {
  auto definition = std::make_unique<Definition>();
  definition->topic = log::Topic::kOwnership;
  definition->folds = {log::Topic::kIntake, log::Topic::kOwnership};
  definition->layout = "reader-1";
  definition->types.Add(StreamType::Own<Ledger>(log::Topic::kOwnership));
  definition->types.Add(StreamType::Foreign<v1::AccountEvent>(log::Topic::kIntake, "account"));
  return definition;
}

// What a reader keeps that leaves the accounts unread, after it has met commits, a repetition and noise of theirs.
TEST(Fold, OnlyPassesWhatIsLeftUnread) {
  Book book(1);
  Commit commit = GoodCommit("account/a");
  book.WriteForeign("account/a", commit.SerializeAsString());
  book.WriteForeign("account/a", commit.SerializeAsString());
  book.WriteForeign("account/a", "noise");
  commit.mutable_events(0)->set_type("throughline.runtime.testing.v1.Frozen");
  commit.set_schema_version(kSchemaVersion + 1);
  book.WriteForeign("account/b", commit.SerializeAsString());
  const auto reader = [] {
    auto definition = std::make_unique<Definition>();
    definition->topic = log::Topic::kOwnership;
    definition->folds = {log::Topic::kIntake, log::Topic::kOwnership};
    definition->layout = "reader-1";
    definition->types.Add(StreamType::Own<Ledger>(log::Topic::kOwnership));
    definition->types.LeaveUnread(log::Topic::kIntake, "account");
    return definition;
  };
  EXPECT_EQ(StoreLayout(*reader()), std::string(kLayout) + "/reader-1-account");
  // In a topic that it reads: put aside, as ever.
  book.Write({log::Topic::kOwnership, 0}, "account/a", GoodCommit("account/a").SerializeAsString());
  ScriptedLog log(book);
  store::MemoryKeyValue store;
  ManualClock clock(Noon());
  const log::Partition partition{log::Topic::kIntake, 0};
  for (int start = 0; start < 2; ++start) {  // the second recognizes the last record
    ScriptedAssignment assignment;
    assignment.Hold({{partition, start == 0 ? 0 : 1}});  // the second reads again, for reactions
    Replica replica(reader(), log, store, &assignment, clock);
    ASSERT_TRUE(replica.Start().ok());
    ASSERT_TRUE(replica.Run().ok());
    EXPECT_EQ(replica.engine().positions().Next(partition), 4);
    EXPECT_TRUE(replica.engine().Ready());
    clock.Pass(absl::Seconds(1));
    ASSERT_TRUE(replica.Run().ok());
    EXPECT_EQ(assignment.committed[partition], 4) << "reactions go on behind it";
    EXPECT_EQ(replica.Metric("throughline_records_quarantined_total"), start == 0 ? 1 : 0) << "noise is for its reader";
  }
  EXPECT_FALSE(kStreamRows.Get(store, "account/a"));
  int rows = 0;
  for (int table = 1; table < kFirstServiceTable; ++table) {
    const std::string prefix(1, static_cast<char>(table));
    store.Scan(prefix, "", [&](std::string_view, std::string_view) { return ++rows; });
  }
  EXPECT_EQ(rows, 4) << "two places, the one that was put aside, and the log's identity";

  Commit before = GoodCommit("account/a");
  before.set_command_id("another");
  book.records[partition][3] =
      std::make_shared<log::Record>(log::Record{partition, 3, "account/a", before.SerializeAsString()});
  Replica replica(reader(), log, store, nullptr, clock);
  ASSERT_TRUE(replica.Start().ok());
  EXPECT_EQ(replica.Run().code(), absl::StatusCode::kDataLoss) << "another log is known all the same";
}

// A second, unknown event on the stream, then one that is known again.
void WriteNewerBetween(Book& book, const std::string& stream, bool ignorable) {
  Commit commit = GoodCommit(stream);
  for (uint64_t version = 1; version <= 3; ++version) {
    commit.set_version(version);
    commit.set_command_id("foreign-" + std::to_string(version));
    if (version > 1) commit.set_follows(DigestOf(*book.records[PartitionOf(book, stream)].back()));
    Commit written = commit;
    if (version == 2) {
      written.mutable_events(0)->set_type("throughline.runtime.testing.v1.Frozen");
      written.mutable_events(0)->set_ignorable(ignorable);
    }
    book.WriteForeign(stream, written.SerializeAsString());
  }
}

TEST(Fold, IgnoresAnUnknownEventOfAnotherServiceThatItsWriterMarked) {
  for (const char* stream : {"account/a", "vault/a"}) {
    for (bool ignorable : {true, false}) {
      Book book(1);
      ScriptedLog log(book);
      store::MemoryKeyValue store;
      ManualClock clock(Noon());
      Replica replica(DefineReader(), log, store, nullptr, clock);
      ASSERT_TRUE(replica.Start().ok());
      Commit known = GoodCommit(stream);
      // Of a kind that is not known, all events are marked or none is.
      WriteNewerBetween(book, stream, ignorable);
      if (std::string(stream) == "vault/a" && ignorable) {
        book.records.clear();
        known.mutable_events(0)->set_ignorable(true);
        book.WriteForeign(stream, known.SerializeAsString());
        known.set_version(2);
        known.set_command_id("foreign-2");
        known.set_follows(DigestOf(*book.records[PartitionOf(book, stream)].back()));
        book.WriteForeign(stream, known.SerializeAsString());
        book.WriteForeign(stream, known.SerializeAsString());  // follows what it does not: void
      }
      ASSERT_TRUE(replica.Run().ok());
      const int64_t next = replica.engine().positions().Next(PartitionOf(book, stream));
      auto row = kStreamRows.Get(store, stream);
      if (ignorable) {
        EXPECT_EQ(next, 3) << stream;
        ASSERT_TRUE(row) << stream;
        EXPECT_EQ(row->version(), std::string(stream) == "account/a" ? 3u : 2u)
            << "it counts: what follows it is accepted";
      } else {
        EXPECT_EQ(next, std::string(stream) == "account/a" ? 1 : 0) << "never skipped: " << stream;
      }
    }
  }
}

TEST(Fold, NeverIgnoresAnEventOfItsOwnTopic) {
  for (const char* stream : {"account/a", "vault/a"}) {
    Book book(1);
    Bench bench(book);
    Commit commit = GoodCommit(stream);
    commit.mutable_events(0)->set_type("throughline.runtime.testing.v1.Frozen");
    commit.mutable_events(0)->set_ignorable(true);
    book.WriteForeign(stream, commit.SerializeAsString());
    bench.Run();
    EXPECT_EQ(bench.replica->engine().positions().Next(PartitionOf(book, stream)), 0) << stream;
  }
}

TEST(Fold, DoesNotShareWithTheOwnerWhatAReaderIgnored) {
  Book book(1);
  Commit commit = GoodCommit("account/a");
  commit.mutable_events(0)->set_type("throughline.runtime.testing.v1.Frozen");
  commit.mutable_events(0)->set_ignorable(true);
  book.WriteForeign("account/a", commit.SerializeAsString());
  ScriptedLog log(book);
  store::MemoryKeyValue store;
  ManualClock clock(Noon());
  Replica reader(DefineReader(), log, store, nullptr, clock);
  ASSERT_TRUE(reader.Start().ok());
  ASSERT_TRUE(reader.Run().ok());
  ASSERT_EQ(reader.engine().positions().Next({log::Topic::kIntake, 0}), 1);
  Bench owner(book);
  owner.Run();
  EXPECT_EQ(owner.replica->engine().positions().Next({log::Topic::kIntake, 0}), 0);
}

TEST(Fold, TheWriterCopiesTheMarkOfTheEvent) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(5), "c1");
  bench.Give("a", Rename("savings"), "c2");
  const auto& records = book.records[PartitionOf(book, "account/a")];
  ASSERT_EQ(records.size(), 2u);
  Commit deposited, renamed;
  ASSERT_TRUE(deposited.ParseFromString(records[0]->value) && renamed.ParseFromString(records[1]->value));
  EXPECT_FALSE(deposited.events(0).ignorable());
  EXPECT_TRUE(renamed.events(0).ignorable());
}

TEST(Fold, QuarantinesPoisonWithItsBytesAndGoesOn) {
  Book book(1);
  Bench bench(book);
  std::vector<std::pair<std::string, std::string>> poison;
  poison.emplace_back("account/a", "noise");
  poison.emplace_back("account/a", "");
  poison.emplace_back("", GoodCommit("account/a").SerializeAsString());
  poison.emplace_back("account/b", GoodCommit("account/a").SerializeAsString());
  poison.emplace_back("account", GoodCommit("account").SerializeAsString());
  const std::vector<std::function<void(Commit&)>> spoils = {
      [](Commit& c) { c.clear_version(); },
      [](Commit& c) { c.clear_command_id(); },
      [](Commit& c) { c.clear_actor(); },
      [](Commit& c) { c.clear_events(); },
      [](Commit& c) { c.clear_schema_version(); },
      [](Commit& c) { c.mutable_events(0)->set_data("noise"); },
      [](Commit& c) { c.mutable_events(0)->set_type(v1::Withdrawn::descriptor()->full_name()); },
      [](Commit& c) { c.mutable_events(0)->clear_data(); }};
  for (const auto& spoil : spoils) {
    Commit commit = GoodCommit("account/a");
    spoil(commit);
    poison.emplace_back("account/a", commit.SerializeAsString());
  }
  for (const auto& [key, value] : poison) book.WriteForeign(key, value);
  bench.Run();
  for (size_t i = 0; i < poison.size(); ++i) {
    auto row = kQuarantinedRows.Get(bench.store, 0, 0, static_cast<int64_t>(i));
    ASSERT_TRUE(row.has_value()) << i;
    EXPECT_EQ(row->key(), poison[i].first);
    EXPECT_EQ(row->value(), poison[i].second);
    EXPECT_FALSE(row->reason().empty());
  }
  EXPECT_EQ(bench.replica->Metric("throughline_records_quarantined_total"), static_cast<double>(poison.size()));
  EXPECT_EQ(Say(bench.Give("a", Deposit(1), "c1")), "ok 1");
  EXPECT_TRUE(bench.replica->engine().Ready());
}

TEST(Fold, QuarantinesACommitInAnotherStreamsPartition) {
  Book book(2);
  Bench bench(book);
  const log::Partition right = PartitionOf(book, "account/a");
  book.Write({right.topic, 1 - right.index}, "account/a", GoodCommit("account/a").SerializeAsString());
  bench.Run();
  EXPECT_EQ(BalanceOf(bench, "a"), -1);
  EXPECT_EQ(bench.replica->Metric("throughline_records_quarantined_total"), 1);
}

// A wrong version means that the commit was decided on another history.
TEST(Fold, QuarantinesACommitThatFollowsWithAnotherVersion) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(1), "c1");
  Commit ahead = GoodCommit("account/a");
  ahead.set_follows(crypto::Sha256(book.records[PartitionOf(book, "account/a")].front()->value));
  ahead.set_version(3);
  book.WriteForeign("account/a", ahead.SerializeAsString());
  bench.Run();
  EXPECT_EQ(VersionOf(bench, "account/a"), 1u);
  EXPECT_EQ(bench.replica->Metric("throughline_records_quarantined_total"), 1);
  EXPECT_EQ(Say(bench.Give("a", Deposit(1), "c2")), "ok 2");
  ahead.set_version(3);
  ahead.set_follows(crypto::Sha256(book.records[PartitionOf(book, "account/a")].back()->value));
  book.WriteForeign("account/a", ahead.SerializeAsString());
  bench.Run();
  EXPECT_EQ(VersionOf(bench, "account/a"), 3u) << "the right number is accepted";
}

TEST(Fold, StopsOnlyThePartitionOfANewerEventAndSaysSo) {
  Book book(2);
  Bench bench(book);
  std::string here = "x";
  std::string there = "y";
  while (PartitionOf(book, "account/" + there) == PartitionOf(book, "account/" + here)) there += "y";
  bench.Give(there, Deposit(1), "c0");
  EXPECT_TRUE(bench.replica->engine().Ready());
  Commit newer = GoodCommit("account/" + there);
  newer.mutable_events(0)->set_type("throughline.runtime.testing.v1.Frozen");
  book.WriteForeign(newer.stream(), newer.SerializeAsString());
  book.WriteForeign(newer.stream(), "noise behind it");
  bench.Run();
  EXPECT_FALSE(bench.replica->engine().Ready());
  EXPECT_EQ(bench.replica->Metric("throughline_fold_stopped_partitions"), 1);
  EXPECT_EQ(bench.replica->engine().positions().Next(PartitionOf(book, newer.stream())), 1) << "never skipped";
  EXPECT_EQ(Say(bench.Give(here, Deposit(1), "c1")), "ok 1") << "the other partition goes on";
  bench.Restart();
  bench.Run();
  EXPECT_EQ(bench.replica->engine().positions().Next(PartitionOf(book, newer.stream())), 1);
  EXPECT_FALSE(bench.replica->engine().Ready()) << "still stopped after a restart";
}

TEST(Fold, StopsAtAStreamOfAKindThatItDoesNotKnow) {
  Book book(1);
  Bench bench(book);
  book.WriteForeign("vault/a", GoodCommit("vault/a").SerializeAsString());
  bench.Run();
  EXPECT_EQ(bench.replica->Metric("throughline_fold_stopped_partitions"), 1);
}

}  // namespace
}  // namespace throughline::runtime::testing
