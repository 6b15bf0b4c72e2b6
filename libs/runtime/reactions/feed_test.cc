// The feed: every accepted event once more, in order per stream, for a consumer that drops ids that it has seen.

#include <set>

#include "absl/synchronization/notification.h"

#include "libs/runtime/reactions/feed_events.h"
#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

std::string HeaderOf(const log::FeedEvent& event, const std::string& name) {
  for (const auto& [key, value] : event.headers) {
    if (key == name) return value;
  }
  return "";
}

// What a consumer sees that drops repeated ids, of one stream.
std::vector<std::string> SeenOnce(const ScriptedFeed& feed, const std::string& stream) {
  std::vector<std::string> seen;
  std::set<std::string> ids;
  for (const log::FeedEvent& event : feed.published) {
    const std::string id = HeaderOf(event, "ce_id");
    if (event.key == stream && ids.insert(id).second) seen.push_back(id);
  }
  return seen;
}

TEST(Feed, PublishesAcceptedEventsAsCloudEvents) {
  Book book(2);
  Bench bench(book);
  bench.HoldAll();
  bench.Give("a", Deposit(5), "c1");
  ASSERT_EQ(bench.feed.published.size(), 1u);
  const log::FeedEvent& event = bench.feed.published[0];
  EXPECT_EQ(event.topic, log::Topic::kIntake);
  EXPECT_EQ(event.key, "account/a");
  EXPECT_EQ(event.value, R"({"amount":"5"})");
  EXPECT_EQ(HeaderOf(event, "ce_specversion"), "1.0");
  EXPECT_EQ(HeaderOf(event, "ce_id"), "account/a@1/0");
  EXPECT_EQ(HeaderOf(event, "ce_source"), "/throughline/intake");
  EXPECT_EQ(HeaderOf(event, "ce_type"), v1::Deposited::descriptor()->full_name());
  EXPECT_EQ(HeaderOf(event, "ce_subject"), "account/a");
  EXPECT_EQ(HeaderOf(event, "content-type"), "application/json");
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, HeaderOf(event, "ce_time"), &time, nullptr));
  EXPECT_EQ(time, bench.clock.Now());
}

TEST(Feed, SaysWhereAnEventHasNoJson) {
  auto header = std::make_shared<throughline::log::v1::Commit>();
  header->add_events()->set_type("throughline.runtime.testing.v1.HoldPlaced");
  auto event = std::make_shared<v1::AccountEvent>();
  event->mutable_hold_placed()->mutable_until()->set_seconds(1'000'000'000'000);  // beyond the year 9999
  AcceptedCommit commit;
  commit.position = {{log::Topic::kIntake, 0}, 7};
  commit.stream = {"account", "a"};
  commit.version = 3;
  commit.header = header;
  commit.events = {event};
  const std::vector<log::FeedEvent> events = FeedEventsOf(commit);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].value, "");
  EXPECT_EQ(HeaderOf(events[0], "ce_dataomitted"), "true");
  EXPECT_EQ(HeaderOf(events[0], "ce_id"), "account/a@3/0");
}

TEST(Feed, HasNothingOfVoidAndQuarantinedRecordsNorFromWhoIsNotAssigned) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(1), "c1");
  EXPECT_TRUE(bench.feed.published.empty());
  const log::RecordPtr old = book.records.begin()->second.front();
  book.WriteForeign(old->key, old->value);
  book.WriteForeign("account/a", "noise");
  bench.Give("a", Deposit(1), "c2");
  bench.HoldAll();
  EXPECT_EQ(SeenOnce(bench.feed, "account/a"), (std::vector<std::string>{"account/a@1/0", "account/a@2/0"}));
}

TEST(Feed, IsRememberedOnlyWhenItIsThere) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  bench.feed.left = 1;
  for (int i = 0; i < 4; ++i) bench.Give("a", Deposit(1), "c" + std::to_string(i));
  bench.Pass(absl::Milliseconds(200));
  const log::Partition partition = PartitionOf(book, "account/a");
  EXPECT_EQ(bench.assignment.committed[partition], 1);
  EXPECT_EQ(bench.feed.published.size(), 1u);
  bench.feed.left = 1'000'000;
  bench.Pass(absl::Seconds(2));
  bench.Pass(absl::Milliseconds(200));
  EXPECT_EQ(SeenOnce(bench.feed, "account/a"),
            (std::vector<std::string>{"account/a@1/0", "account/a@2/0", "account/a@3/0", "account/a@4/0"}));
  EXPECT_EQ(bench.assignment.committed[partition], 4);
}

TEST(Feed, IsPublishedAgainAlthoughTheClockJumpedBack) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  bench.feed.left = 0;
  bench.Give("a", Deposit(1), "c1");
  bench.feed.left = 1;
  bench.clock.Jump(-absl::Hours(1));
  bench.Pass(absl::Seconds(2));
  EXPECT_EQ(bench.feed.published.size(), 1u);
}

TEST(Feed, ThatTakesNothingHoldsUpNoReaction) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  bench.feed.answers = false;
  constexpr int kWithdrawals = 1500;
  bench.Give("a", Deposit(kWithdrawals), "c0");
  for (int i = 1; i <= kWithdrawals; ++i) bench.Give("a", Withdraw(1, "l"), "c" + std::to_string(i));
  EXPECT_EQ(VersionOf(bench, "ledger/l"), uint64_t{kWithdrawals});
  EXPECT_LT(bench.feed.waiting.size(), 1000u) << "what waits is bounded";
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(bench.assignment.committed[PartitionOf(book, "account/a")], 0) << "nothing is published yet";
  bench.feed.Answer();
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(bench.feed.published.size(), 1u + 2 * kWithdrawals);
  EXPECT_EQ(SeenOnce(bench.feed, "account/a").size(), 1u + kWithdrawals);
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(bench.assignment.committed[PartitionOf(book, "account/a")], 1 + 2 * kWithdrawals);
}

TEST(Feed, IsWrittenOnAThreadOfItsOwnInOrder) {
  Book book(1);
  ThreadExecutor publishing("publish-test");
  Bench bench(book, {}, nullptr, &publishing);
  bench.HoldAll();
  absl::Notification go_on;
  publishing.Run([&] { go_on.WaitForNotification(); });
  constexpr int kDeposits = 200;
  for (int i = 0; i < kDeposits; ++i) {
    EXPECT_EQ(Say(bench.Give("a", Deposit(1), "c" + std::to_string(i))), "ok " + std::to_string(i + 1));
  }
  EXPECT_TRUE(bench.feed.published.empty()) << "commands do not wait for it";
  go_on.Notify();
  publishing.Drain();
  bench.Pass(absl::Seconds(1));
  std::vector<std::string> expected;
  for (int i = 1; i <= kDeposits; ++i) expected.push_back("account/a@" + std::to_string(i) + "/0");
  EXPECT_EQ(SeenOnce(bench.feed, "account/a"), expected);
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(bench.assignment.committed[PartitionOf(book, "account/a")], kDeposits);
}

TEST(Feed, RepeatsTheSameIdsAfterACrash) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  for (int i = 0; i < 3; ++i) bench.Give("a", Deposit(1), "c" + std::to_string(i));
  const std::vector<std::string> before = SeenOnce(bench.feed, "account/a");
  bench.Restart();
  bench.Run();
  bench.HoldAll(1);
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(bench.feed.published.size(), 5u) << "from offset 1 on again";
  EXPECT_EQ(SeenOnce(bench.feed, "account/a"), before);
}

}  // namespace
}  // namespace throughline::runtime::testing
