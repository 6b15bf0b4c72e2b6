// A store built beside the one that serves is the same at the same positions, wherever the building was interrupted.

#include "libs/runtime/engine/rebuild.h"

#include <thread>

#include <gmock/gmock.h>

#include "libs/runtime/fold/store_digest.h"
#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

using ::testing::HasSubstr;

class RebuildTest : public ::testing::Test {
 protected:
  // One more process's rebuild of `store_`.
  struct Beside {
    Beside(RebuildTest& test, const Rebuild::Pace& pace)
        : log(test.book_),
          rebuild(*definition, log, test.store_, clock, pace),
          started(rebuild.Start()),
          told([this](const Rebuild::Progress& told_now) {
            progress.push_back(told_now);
            return absl::OkStatus();
          }) {}
    const std::unique_ptr<Definition> definition = DefineAccounts();
    ScriptedLog log;
    SystemClock clock;
    Rebuild rebuild;
    absl::Status started;
    std::vector<Rebuild::Progress> progress;
    Rebuild::Told told;
  };

  // Commands on several accounts, void commits and records that are no commits included.
  void Commands(int from, int to) {
    for (int i = from; i < to; ++i) {
      const std::string account = "a" + std::to_string(i % 7);
      serving_.Give(account, Deposit(10 + i), "d" + std::to_string(i));
      if (i % 5 == 0) serving_.Give(account, Withdraw(1, "ledger"), "w" + std::to_string(i));
      if (i % 6 == 0) serving_.Give(account, PlaceHold(1, serving_.clock.Now() + absl::Hours(1)), std::to_string(i));
      if (i % 9 == 0) book_.WriteForeign("account/" + account, "no commit");
      if (i % 11 == 0) {
        const log::RecordPtr last = book_.records[PartitionOf(book_, "account/" + account)].back();
        book_.WriteForeign(last->key, last->value);
      }
    }
    serving_.Run();
  }

  Book book_{3};
  Bench serving_{book_};
  store::MemoryKeyValue store_;  // the one that is built
};

TEST_F(RebuildTest, IsTheSameAsTheServingStoreAtTheSamePositions) {
  serving_.HoldAll();
  Commands(0, 40);
  const auto then = serving_.store.View();
  Commands(40, 60);
  Beside beside(*this, {.step = 7});
  ASSERT_TRUE(beside.started.ok()) << beside.started;
  const std::vector<log::Position> positions = beside.rebuild.FoldedIn(*then);
  ASSERT_TRUE(beside.rebuild.FoldTo(positions, beside.told).ok());
  EXPECT_EQ(beside.rebuild.Folded(), positions) << "and no record further";
  EXPECT_EQ(*DigestOf(store_), *DigestOf(*then));
  EXPECT_NE(*DigestOf(store_), *DigestOf(serving_.store));

  ASSERT_TRUE(beside.rebuild.FoldTo(*beside.rebuild.Ends(), beside.told).ok());
  EXPECT_EQ(store_.Snapshot(), serving_.store.Snapshot());
  EXPECT_EQ(beside.progress.back().records, beside.progress.back().of);
  EXPECT_EQ(beside.progress.back().left, absl::ZeroDuration());
  EXPECT_TRUE(absl::IsOutOfRange(beside.rebuild.FoldTo(positions, beside.told)));
}

TEST_F(RebuildTest, GoesOnWhereAKilledOneWas) {
  Commands(0, 60);
  std::vector<log::Position> ends;
  for (int life = 1;; ++life) {
    Beside beside(*this, {.step = 5});
    ASSERT_TRUE(beside.started.ok());
    ends = *beside.rebuild.Ends();
    std::vector<log::Position> some = ends;
    for (log::Position& end : some) end.offset = end.offset * std::min(life, 4) / 4;
    ASSERT_TRUE(beside.rebuild.FoldTo(some, beside.told).ok());
    if (some == ends) break;
  }
  EXPECT_EQ(store_.Snapshot(), serving_.store.Snapshot());
}

TEST_F(RebuildTest, EndsSoonWhenItIsCancelled) {
  Commands(0, 60);
  Beside beside(*this, {.records_per_second = 1});
  ASSERT_TRUE(beside.started.ok());
  const std::vector<log::Position> ends = *beside.rebuild.Ends();
  absl::Status stopped;
  std::thread work([&] { stopped = beside.rebuild.FoldTo(ends, beside.told); });
  beside.rebuild.Cancel();  // at a record a second it would take a minute
  work.join();
  EXPECT_TRUE(absl::IsCancelled(stopped)) << stopped;
  EXPECT_TRUE(absl::IsCancelled(beside.rebuild.Ends().status()));
}

TEST_F(RebuildTest, StopsWhereItIsToldTo) {
  Commands(0, 60);
  Beside beside(*this, {});
  ASSERT_TRUE(beside.started.ok());
  const absl::Status full = beside.rebuild.FoldTo(*beside.rebuild.Ends(), [](const Rebuild::Progress&) {
    return absl::ResourceExhaustedError("the disk is full");
  });
  EXPECT_TRUE(absl::IsResourceExhausted(full));
}

TEST_F(RebuildTest, RefusesAStoreOfAnotherLogAndRecordsOfANewerVersion) {
  Commands(0, 10);
  {
    Beside beside(*this, {});
    ASSERT_TRUE(beside.rebuild.FoldTo(*beside.rebuild.Ends(), beside.told).ok());
  }
  book_.cluster_id = "another";
  EXPECT_TRUE(absl::IsFailedPrecondition(Beside(*this, {}).started));
  book_.cluster_id = "book";
  const log::RecordPtr last = book_.records[PartitionOf(book_, "account/a1")].front();
  throughline::log::v1::Commit commit;
  ASSERT_TRUE(commit.ParseFromString(last->value));
  commit.mutable_events(0)->set_type("throughline.runtime.testing.v1.Frozen");
  book_.WriteForeign(last->key, commit.SerializeAsString());
  Beside beside(*this, {});
  const absl::Status newer = beside.rebuild.FoldTo(*beside.rebuild.Ends(), beside.told);
  EXPECT_TRUE(absl::IsFailedPrecondition(newer)) << newer;
  EXPECT_THAT(std::string(newer.message()), HasSubstr("start a newer version"));
}

TEST(Throttle, SpreadsTheWorkAndDoesNotMakeUpForLostTime) {
  Throttle throttle(100);
  absl::Duration now = absl::Hours(5);
  EXPECT_EQ(throttle.PauseAfter(50, now), absl::Milliseconds(500));
  EXPECT_EQ(throttle.PauseAfter(50, now), absl::Seconds(1)) << "it came back too early";
  now += absl::Hours(1);
  EXPECT_EQ(throttle.PauseAfter(50, now), absl::Milliseconds(500)) << "an idle hour is no credit";
  EXPECT_EQ(throttle.PauseAfter(50, now + absl::Milliseconds(700)), absl::Milliseconds(500));
  EXPECT_EQ(Throttle(0).PauseAfter(1'000'000, now), absl::ZeroDuration());
}

}  // namespace
}  // namespace throughline::runtime::testing
