// Timers fire once, when they are due, on the replica that is assigned, whatever the clock does.

#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

int Holds(const Bench& bench) { return kAccountRows.Get(bench.store, "a")->holds_size(); }

// An account with one hold that ends in a minute.
void PlaceOne(Bench& bench) {
  bench.Give("a", Deposit(5), "c1");
  ASSERT_EQ(Say(bench.Give("a", PlaceHold(2, bench.clock.Now() + absl::Minutes(1)), "c2")), "ok 2");
}

TEST(Timer, FiresWhenDueAndNotBefore) {
  Book book(2);
  Bench bench(book);
  bench.HoldAll();
  PlaceOne(bench);
  bench.Pass(absl::Seconds(59));
  EXPECT_EQ(Holds(bench), 1);
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(Holds(bench), 0);
  bench.Pass(absl::Hours(1));
  EXPECT_EQ(VersionOf(bench, "account/a"), 3u) << "once";
}

TEST(Timer, IsNotFiredWithoutAnAssignment) {
  Book book(2);
  Bench bench(book);
  PlaceOne(bench);
  bench.Pass(absl::Hours(1));
  EXPECT_EQ(Holds(bench), 1);
  bench.HoldAll();
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(Holds(bench), 0);
}

TEST(Timer, SurvivesARestart) {
  Book book(1);
  Bench bench(book);
  PlaceOne(bench);
  bench.Restart();
  bench.Run();
  bench.HoldAll();
  bench.Pass(absl::Minutes(1));
  EXPECT_EQ(Holds(bench), 0);
}

TEST(Timer, HasOneEffectWithTwoHolders) {
  Book book(1);
  Bench one(book);
  Bench two(book);
  PlaceOne(one);
  two.Run();
  one.HoldAll();
  two.HoldAll();
  one.log->delivers = two.log->delivers = false;
  one.Pass(absl::Minutes(2));
  two.Pass(absl::Minutes(2));
  one.log->delivers = two.log->delivers = true;
  one.Run();
  two.Run();
  EXPECT_EQ(VersionOf(one, "account/a"), 3u);
  EXPECT_EQ(book.records[PartitionOf(book, "account/a")].size(), 4u) << "both tried";
  EXPECT_EQ(one.store.Snapshot(), two.store.Snapshot());
}

TEST(Timer, IsNotFiredAgainWhileItsEffectIsOnItsWay) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  PlaceOne(bench);
  bench.log->delivers = false;
  for (int i = 0; i < 10; ++i) bench.Pass(absl::Minutes(1));
  EXPECT_EQ(book.records[PartitionOf(book, "account/a")].size(), 3u);
  bench.log->delivers = true;
  bench.Run();
  EXPECT_EQ(Holds(bench), 0);
}

TEST(Timer, IsNotLostWhenTheClockJumpsBackAndForth) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  PlaceOne(bench);
  bench.clock.Jump(-absl::Hours(1));
  bench.Run();
  EXPECT_EQ(Holds(bench), 1);
  bench.log->automatic = false;
  bench.clock.Jump(absl::Hours(1));
  bench.Pass(absl::Minutes(1));  // due; the log does not take it
  bench.log->Fail(absl::UnavailableError("no answer"));
  bench.Run();
  bench.log->automatic = true;
  bench.clock.Jump(-absl::Hours(1));
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(Holds(bench), 0);
}

TEST(Timer, IsNotFiredEarlyWhenTheClockJumpsAheadForAWhile) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  PlaceOne(bench);
  bench.clock.Jump(absl::Hours(1));
  bench.Run();
  bench.Pass(absl::Seconds(50));
  EXPECT_EQ(Holds(bench), 1);
  bench.clock.Jump(-absl::Hours(1));
  bench.Pass(absl::Seconds(9));
  EXPECT_EQ(Holds(bench), 1);
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(Holds(bench), 0);
}

TEST(Timer, IsNotFiredEarlyWhenTheClockJumpsBeforeTheFirstLook) {
  Book book(1);
  Bench bench(book);
  const absl::Time due = bench.clock.Now() + absl::Minutes(1);
  bench.clock.Jump(absl::Hours(1));
  bench.HoldAll();
  bench.Give("a", Deposit(5), "c1");
  bench.Give("a", PlaceHold(2, due), "c2");
  bench.Pass(absl::Seconds(59));
  EXPECT_EQ(Holds(bench), 1);
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(Holds(bench), 0);
}

TEST(Timer, IsFiredWhenItIsReallyDueAlthoughTheClockIsAhead) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  PlaceOne(bench);
  bench.clock.Jump(absl::Hours(1));
  bench.Run();
  bench.Pass(absl::Minutes(1));
  EXPECT_EQ(Holds(bench), 0);
}

TEST(Timer, IsFiredSoonAfterTheClockWasSetRight) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  bench.Give("a", Deposit(5), "c1");
  bench.Give("a", PlaceHold(2, bench.clock.Now() + absl::Minutes(30)), "c2");
  bench.clock.Jump(absl::Hours(1));
  bench.Run();
  EXPECT_EQ(Holds(bench), 1);
  for (int i = 0; i < 5; ++i) bench.Pass(absl::Seconds(30));
  EXPECT_EQ(Holds(bench), 0);
}

TEST(Timer, WhoseCommandChangesNothingIsFiredOnce) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(5), "c1");
  store::Batch batch(bench.store);
  ScheduleTimer(batch, bench.clock.Now() + absl::Minutes(1), "account/a", "no such hold");
  bench.store.Write(batch.TakeChanges());
  bench.HoldAll();
  for (int i = 0; i < 10; ++i) bench.Pass(absl::Minutes(1));
  EXPECT_EQ(bench.replica->Metric("throughline_timers_fired_total"), 1);
  bench.HoldAll();  // assigned again
  bench.Pass(absl::Minutes(1));
  EXPECT_EQ(bench.replica->Metric("throughline_timers_fired_total"), 1);
}

TEST(TrustedClock, CommandsAndTimersAreNotAheadWhenTheClockJumpsForAWhile) {
  ManualClock clock(Noon());
  EXPECT_EQ(clock.Trusted(), Noon());
  clock.Jump(absl::Hours(5));
  clock.Pass(absl::Seconds(20));
  EXPECT_EQ(clock.Trusted(), Noon() + absl::Seconds(20));
  clock.Jump(-absl::Hours(5));
  EXPECT_EQ(clock.Trusted(), Noon() + absl::Seconds(20));
}

TEST(Timer, ManyAtOnceAllFire) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  bench.Give("a", Deposit(1000), "c0");
  for (int i = 0; i < 600; ++i) {
    bench.Give("a", PlaceHold(1, bench.clock.Now() + absl::Minutes(1)), "h" + std::to_string(i));
  }
  for (int i = 0; i < 10; ++i) bench.Pass(absl::Minutes(1));
  EXPECT_EQ(Holds(bench), 0);
}

}  // namespace
}  // namespace throughline::runtime::testing
