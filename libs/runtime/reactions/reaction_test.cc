// Reactions: each has one effect, whichever replica is assigned, whatever happens in between.

#include "libs/crypto/sha256.h"
#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

int64_t Booked(const Bench& bench, const std::string& ledger = "l") {
  auto row = kStreamRows.Get(bench.store, "ledger/" + ledger);
  if (!row) return 0;
  v1::LedgerState state;
  EXPECT_TRUE(state.ParseFromString(row->state()));
  return state.total();
}

TEST(Reaction, FollowsFromItsCause) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  bench.Give("a", Deposit(5), "c1");
  bench.Give("a", Withdraw(2, "l"), "c2");
  EXPECT_EQ(Booked(bench), 2);
  throughline::log::v1::Commit commit;
  ASSERT_TRUE(commit.ParseFromString(book.records[PartitionOf(book, "ledger/l")].back()->value));
  EXPECT_EQ(commit.causation_id(), "account/a@2");
  EXPECT_EQ(commit.actor().id(), "throughline.intake");
  EXPECT_EQ(commit.actor().roles(0), common::v1::ROLE_SERVICE);
  EXPECT_EQ(commit.command_id().size(), 26u);
}

TEST(Reaction, IsRunByNobodyWithoutAnAssignment) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(5), "c1");
  bench.Give("a", Withdraw(2, "l"), "c2");
  EXPECT_EQ(Booked(bench), 0);
}

TEST(Reaction, HasOneEffectWithTwoHolders) {
  Book book(2);
  Bench one(book);
  Bench two(book);
  one.HoldAll();
  two.HoldAll();
  one.Give("a", Deposit(50), "c0");
  for (int i = 0; i < 5; ++i) one.Give("a", Withdraw(2, "l"), "c" + std::to_string(i + 1));
  two.Run();
  one.Run();
  two.Run();
  EXPECT_EQ(Booked(one), 10);
  EXPECT_EQ(one.store.Snapshot(), two.store.Snapshot());
}

TEST(Reaction, CatchesUpOnWhatWasFoldedBeforeTheAssignment) {
  Book book(2);
  Bench bench(book);
  bench.Give("a", Deposit(50), "c0");
  for (int i = 0; i < 5; ++i) bench.Give("a", Withdraw(2, "l"), "c" + std::to_string(i + 1));
  book.WriteForeign("account/a", "noise");
  const log::RecordPtr old = book.records[PartitionOf(book, "account/a")][1];
  book.WriteForeign(old->key, old->value);
  bench.Run();
  bench.HoldAll();
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(Booked(bench), 10);
  EXPECT_EQ(VersionOf(bench, "ledger/l"), 5u) << "nothing void or quarantined was reacted to";
}

TEST(Reaction, IsRepeatedWithoutASecondEffectWhenACrashForgetsThatItWasDone) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  bench.Give("a", Deposit(5), "c1");
  bench.Give("a", Withdraw(2, "l"), "c2");
  EXPECT_EQ(Booked(bench), 2);
  bench.Restart();  // assigned from 0 again
  bench.Run();
  bench.HoldAll();
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(Booked(bench), 2);
  EXPECT_EQ(VersionOf(bench, "ledger/l"), 1u);
  EXPECT_EQ(bench.replica->Metric("throughline_reactions_total"), 1) << "begun, and found done";
}

TEST(Reaction, IsNotRememberedAsDoneBeforeItIs) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  bench.Give("a", Deposit(5), "c1");
  bench.log->automatic = false;
  auto answer = bench.Give("a", Withdraw(2, "l"), "c2");
  bench.log->Acknowledge();
  bench.Run();
  EXPECT_EQ(Say(answer), "ok 2");
  ASSERT_EQ(bench.log->waiting(), 1u) << "the booking";
  bench.Pass(absl::Milliseconds(200));
  const log::Partition partition = PartitionOf(book, "account/a");
  EXPECT_EQ(bench.assignment.committed[partition], 1) << "the withdrawal stands at 1 and is not done";
  bench.log->Acknowledge();
  bench.Run();
  bench.Pass(absl::Milliseconds(200));
  EXPECT_EQ(bench.assignment.committed[partition], 3);
}

TEST(Reaction, IsTriedAgainUntilTheLogTakesIt) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  bench.Give("a", Deposit(5), "c1");
  bench.log->automatic = false;
  bench.Give("a", Withdraw(2, "l"), "c2");
  bench.log->Acknowledge();
  bench.Run();
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(bench.log->waiting(), 1u) << i;
    bench.log->Fail(i < 3 ? absl::UnavailableError("no answer") : absl::FailedPreconditionError("no right to write"));
    bench.Pass(absl::Milliseconds(1));
    EXPECT_EQ(bench.log->waiting(), 0u) << "not at once";
    bench.Pass(absl::Seconds(5));
  }
  bench.log->Acknowledge();
  bench.Run();
  EXPECT_EQ(Booked(bench), 2);
}

TEST(Reaction, IsTriedAgainAlthoughTheClockJumpedBack) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  bench.Give("a", Deposit(5), "c1");
  bench.log->automatic = false;
  bench.Give("a", Withdraw(2, "l"), "c2");
  bench.log->Acknowledge();
  bench.Run();
  bench.log->Fail(absl::UnavailableError("no answer"));
  bench.Run();
  bench.log->automatic = true;
  bench.clock.Jump(-absl::Hours(1));
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(Booked(bench), 2);
  bench.Pass(absl::Milliseconds(200));
  EXPECT_EQ(bench.assignment.committed[PartitionOf(book, "account/a")], 3);
}

TEST(Reaction, LeavesTheRestToTheNewerVersionThatFoldedIt) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(50), "c0");
  bench.Give("a", Withdraw(2, "l"), "c1");
  bench.Give("a", Withdraw(2, "l"), "c2");
  const log::Partition partition = PartitionOf(book, "account/a");
  log::RecordPtr& record = book.records[partition][1];
  throughline::log::v1::Commit newer;
  ASSERT_TRUE(newer.ParseFromString(record->value));
  newer.set_schema_version(2);
  record = std::make_shared<log::Record>(log::Record{partition, 1, record->key, newer.SerializeAsString()});
  bench.HoldAll();
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(bench.assignment.committed[partition], 1) << "it is not done";
  EXPECT_EQ(Booked(bench), 0);
}

TEST(Reaction, GoesOnInEveryPartitionAfterAFlood) {
  Book book(4);
  Bench bench(book);
  bench.HoldAll();
  // Withdrawals by others in all partitions, more than reactions can be under way at a time, while the log takes
  // nothing.
  std::map<std::string, std::string> last;
  std::map<std::string, uint64_t> version;
  int withdrawals = 0;
  const auto foreign = [&](const std::string& account) {
    const std::string stream = "account/" + account;
    throughline::log::v1::Commit commit;
    commit.set_stream(stream);
    commit.set_version(++version[stream]);
    commit.set_follows(last[stream]);
    commit.set_command_id("foreign-" + std::to_string(version[stream]));
    commit.mutable_actor()->set_id("somebody");
    commit.set_schema_version(1);
    v1::AccountEvent event;
    event.mutable_withdrawn()->set_amount(1);
    event.mutable_withdrawn()->set_ledger("l" + std::to_string(withdrawals++ % 50));
    auto& committed = *commit.add_events();
    committed.set_type(v1::Withdrawn::descriptor()->full_name());
    committed.set_data(event.SerializeAsString());
    const std::string value = commit.SerializeAsString();
    last[stream] = crypto::Sha256(value);
    book.WriteForeign(stream, value);
  };
  bench.log->automatic = false;
  for (int round = 0; round < 40; ++round) {
    for (int account = 0; account < 40; ++account) foreign("a" + std::to_string(account));
    bench.Run();
    if (round == 10) {
      while (bench.log->waiting() > 0) bench.log->Acknowledge();
      bench.Run();
    }
  }
  bench.log->automatic = true;
  while (bench.log->waiting() > 0) bench.log->Acknowledge();
  for (int i = 0; i < 40; ++i) bench.Pass(absl::Seconds(1));
  int64_t booked = 0;
  for (int i = 0; i < 50; ++i) booked += Booked(bench, "l" + std::to_string(i));
  EXPECT_EQ(booked, withdrawals);
}

}  // namespace
}  // namespace throughline::runtime::testing
