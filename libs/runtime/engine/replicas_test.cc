// Several replicas on one log: races, zombies, and that all of them come to the same.

#include "libs/crypto/sha256.h"
#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

TEST(Replicas, OneOfTwoWritersWinsAndTheOtherDecidesAgain) {
  Book book(1);
  Bench one(book);
  Bench two(book);
  one.Give("a", Deposit(5), "c0");
  two.Run();
  one.log->automatic = two.log->automatic = false;
  auto first = one.Give("a", Withdraw(5), "c1");
  auto second = two.Give("a", Withdraw(5), "c2");
  auto third = two.Give("a", Deposit(1), "c3");
  one.log->Acknowledge();
  two.log->Acknowledge();
  two.log->Acknowledge();
  two.log->automatic = true;
  two.Run();
  one.Run();
  EXPECT_EQ(Say(first), "ok 2");
  EXPECT_EQ(Say(second), "FAILED_PRECONDITION") << "nothing is left to take";
  EXPECT_EQ(Say(third), "ok 3") << "its predecessor lost; decided again, it stands";
  EXPECT_EQ(one.store.Snapshot(), two.store.Snapshot());
}

// With version numbers alone the third commit of the zombie would fit.
TEST(Replicas, AZombiesLaterCommitDoesNotFitIntoAnothersHistory) {
  Book book(1);
  Bench zombie(book);
  Bench live(book);
  zombie.log->automatic = false;
  zombie.Give("a", Deposit(100), "z1");
  zombie.Give("a", Withdraw(100), "z2");
  EXPECT_EQ(Say(live.Give("a", Deposit(1), "c1")), "ok 1");
  auto late_first = zombie.log->Delay();
  auto late_second = zombie.log->Delay();
  late_second();  // version 2, as the next would be
  live.Run();
  EXPECT_EQ(BalanceOf(live, "a"), 1);
  EXPECT_EQ(Say(live.Give("a", Deposit(1), "c2")), "ok 2");
  late_first();
  live.Run();
  EXPECT_EQ(BalanceOf(live, "a"), 2);
  EXPECT_EQ(live.replica->Metric("throughline_commits_void_total"), 2);
}

TEST(Replicas, ADuplicateOfARecordIsVoid) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(5), "c1");
  const log::RecordPtr first = book.records[PartitionOf(book, "account/a")].front();
  book.WriteForeign(first->key, first->value);
  bench.Run();
  bench.Give("a", Deposit(5), "c2");
  book.WriteForeign(first->key, first->value);
  bench.Run();
  EXPECT_EQ(BalanceOf(bench, "a"), 10);
  EXPECT_EQ(VersionOf(bench, "account/a"), 2u);
}

TEST(Replicas, EachAcceptedCommitNamesTheDigestOfTheOneBefore) {
  Book book(1);
  Bench bench(book);
  for (int i = 0; i < 10; ++i) bench.Give("a", Deposit(1), "c" + std::to_string(i));
  std::string last;
  uint64_t version = 0;
  for (const log::RecordPtr& record : book.records[PartitionOf(book, "account/a")]) {
    throughline::log::v1::Commit commit;
    ASSERT_TRUE(commit.ParseFromString(record->value));
    EXPECT_EQ(commit.follows(), last);
    EXPECT_EQ(commit.version(), ++version);
    last = crypto::Sha256(record->value);
  }
  EXPECT_EQ(kStreamRows.Get(bench.store, "account/a")->digest(), last);
}

TEST(Replicas, GiveUpAfterTooManyRacesAndSayTheVersion) {
  Book book(1);
  Engine::Limits limits;
  limits.commands.attempts = 3;
  Bench bench(book, limits);
  Bench rival(book);
  bench.log->automatic = false;
  auto answer = bench.Give("a", Deposit(1), "c1");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Say(answer), "open") << i;
    rival.Give("a", Deposit(1), "r" + std::to_string(i));
    bench.log->Acknowledge();
    bench.Run();
    rival.Run();
  }
  EXPECT_EQ(Say(answer), "ABORTED CONTENDED");
  EXPECT_EQ(MetadataOf((*answer)->status(), "current_version"), "3");
  EXPECT_EQ(bench.log->waiting(), 0u);
}

TEST(Replicas, ARebuildStoresTheSameBytesHoweverItIsCutIntoSteps) {
  Book book(3);
  Bench one(book);
  Bench two(book);
  one.HoldAll();
  for (int i = 0; i < 60; ++i) {
    Bench& bench = i % 3 == 0 ? two : one;
    const std::string account(1, static_cast<char>('a' + i % 5));
    const std::string id = "c" + std::to_string(i);
    switch (i % 4) {
      case 0:
        bench.Give(account, Deposit(i + 1), id);
        break;
      case 1:
        bench.Give(account, Withdraw(1, "l"), id);
        break;
      case 2:
        bench.Give(account, PlaceHold(1, bench.clock.Now() + absl::Seconds(i)), id);
        break;
      default:
        bench.Give(account, Rename(i % 8 == 3 ? "Ann" : "Bob"), id);
    }
    if (i % 7 == 0) book.WriteForeign("nobody/" + account, "noise");
    one.Run();
    two.Run();
  }
  EXPECT_EQ(one.store.Snapshot(), two.store.Snapshot());
  for (size_t records : {1, 2, 1024}) {
    Engine::Limits limits;
    limits.fold_records = records;
    Bench rebuilt(book, limits);
    rebuilt.Run();
    EXPECT_EQ(rebuilt.store.Snapshot(), one.store.Snapshot()) << records;
    rebuilt.Restart();
    rebuilt.Run();
    EXPECT_EQ(rebuilt.store.Snapshot(), one.store.Snapshot()) << "a restart folds nothing twice";
  }
}

TEST(Replicas, OneThatIsRebuiltIsAssignedNothingBeforeItHasCaughtUp) {
  Book book(1);
  Bench one(book);
  one.Give("a", Deposit(5), "c1");
  Bench rebuilt(book);
  rebuilt.log->delivers = false;
  rebuilt.HoldAll();
  EXPECT_FALSE(rebuilt.assignment.started()) << "others do what it could not do yet";
  rebuilt.log->delivers = true;
  rebuilt.Run();
  EXPECT_TRUE(rebuilt.assignment.started());
}

TEST(Replicas, RunWhatWaitsForTheEndThatTheLogHadOnceTheyHaveCaughtUp) {
  Book book(1);
  Bench one(book);
  one.Give("a", Deposit(5), "c1");
  Bench rebuilt(book);
  rebuilt.log->delivers = false;
  Streams& streams = rebuilt.replica->streams();
  int runs = 0;
  streams.WhenCaughtUp([&] {
    ++runs;
    streams.WhenCaughtUp([&] { ++runs; });
    EXPECT_EQ(runs, 1) << "each in a step of its own";
  });
  rebuilt.Run();
  EXPECT_EQ(runs, 0);
  rebuilt.log->delivers = true;
  rebuilt.Run();
  EXPECT_EQ(runs, 2);
}

TEST(Replicas, ARefusalInOnePartitionDoesNotWaitForAnother) {
  Book book(2);
  Bench bench(book);
  std::string here = "x";
  std::string there = "y";
  while (PartitionOf(book, "account/" + there) == PartitionOf(book, "account/" + here)) there += "y";
  throughline::log::v1::Commit newer;
  newer.set_stream("account/" + there);
  newer.set_version(1);
  newer.set_command_id("n1");
  newer.mutable_actor()->set_id("newer");
  newer.set_schema_version(2);
  newer.add_events()->set_type("throughline.runtime.testing.v1.Frozen");
  book.WriteForeign(newer.stream(), newer.SerializeAsString());
  bench.Run();
  EXPECT_EQ(Say(bench.Give(here, Withdraw(1), "c1")), "FAILED_PRECONDITION");
  EXPECT_EQ(Say(bench.Give(there, Deposit(1), "c2")), "UNAVAILABLE PARTITION_STOPPED");
}

}  // namespace
}  // namespace throughline::runtime::testing
