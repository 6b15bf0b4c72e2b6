// Answers, waiting reads and watches beside the fold: nothing that they do holds it up.

#include "libs/runtime/reads/executor.h"

#include "absl/synchronization/notification.h"

#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

TEST(ThreadExecutor, RunsInOrderOnOneThreadAndDrainsBeforeItEnds) {
  std::vector<int> order;
  std::vector<std::thread::id> threads;
  ThreadExecutor executor("test");
  absl::Notification go;
  executor.Run([&] { go.WaitForNotification(); });
  for (int i = 0; i < 100; ++i) {
    executor.Run([&, i] {
      order.push_back(i);
      threads.push_back(std::this_thread::get_id());
      if (i == 99) executor.Run([&] { order.push_back(100); });  // comes while it drains
    });
  }
  EXPECT_GE(executor.waiting(), 99u);
  go.Notify();
  executor.Drain();
  ASSERT_EQ(order.size(), 101u);
  for (int i = 0; i <= 100; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
  EXPECT_NE(threads.front(), std::this_thread::get_id());
  EXPECT_EQ(threads.front(), threads.back());
  executor.Run([&] { order.push_back(101); });
  EXPECT_EQ(order.back(), 101) << "at once, as nobody else would run it";
}

// A replica that the test steps, and that answers on other threads.
struct Beside : ::testing::Test {
  Beside() { EXPECT_TRUE(replica->Start().ok()); }
  ~Beside() override { End(); }

  // As Host::Stop.
  void End() {
    replica->engine().Close();
    answers.Drain();
    watching.Drain();
  }
  void Run() { ASSERT_TRUE(replica->Run().ok()); }
  Answer<Account> Give(const std::string& account, const std::string& command_id) {
    Caller caller = By("ann", common::v1::ROLE_REP);
    caller.command_id = command_id;
    Answer<Account> answer = replica->Send<Account>(account, Deposit(1), caller);
    Run();
    return answer;
  }
  // Once what was handed over before has run.
  static void Await(Executor& executor) {
    absl::Notification done;
    executor.Run([&] { done.Notify(); });
    done.WaitForNotification();
  }
  int64_t Balance(const std::string& account) const {
    const auto row = kAccountRows.Get(store, account);
    return row ? row->balance() : 0;
  }

  Book book{1};
  ScriptedLog log{book};
  store::MemoryKeyValue store;
  ManualClock clock{Noon()};
  ThreadExecutor answers{"answers"};
  ThreadExecutor watching{"watching"};
  std::unique_ptr<Replica> replica = std::make_unique<Replica>(DefineAccounts(), log, store, nullptr, clock,
                                                               Engine::Limits(), nullptr, &answers, &watching);
};

TEST_F(Beside, AWatchThatStandsStillStopsNeitherTheFoldNorAnswers) {
  absl::Notification stands, go;
  auto handle = replica->streams().watches().Add("account/a", [&] {
    if (!stands.HasBeenNotified()) stands.Notify();
    go.WaitForNotification();
  });
  Give("a", "first");
  stands.WaitForNotification();
  std::vector<Answer<Account>> given;
  for (int i = 0; i < 100; ++i) given.push_back(Give(i % 2 == 0 ? "a" : "b", "c" + std::to_string(i)));
  EXPECT_EQ(Balance("a") + Balance("b"), 101) << "folded meanwhile";
  Await(answers);
  EXPECT_EQ(Say(given.front()), "ok 2");
  EXPECT_EQ(Say(given.back()), "ok 50");
  go.Notify();
  End();
}

TEST_F(Beside, AnAnswerThatStandsStillDoesNotStopTheFold) {
  absl::Notification stands, go;
  replica->streams().Execute<Account>({"account", "a"}, Deposit(1), By("ann", common::v1::ROLE_REP),
                                      absl::InfiniteFuture(), [&](const absl::StatusOr<runtime::Outcome<Account>>&) {
                                        stands.Notify();
                                        go.WaitForNotification();
                                      });
  Run();
  stands.WaitForNotification();
  for (int i = 0; i < 10; ++i) Give("b", "c" + std::to_string(i));
  EXPECT_EQ(Balance("b"), 10);
  go.Notify();
  End();
}

TEST_F(Beside, EachWatchSeesItsChangesInOrderAndTheLastOfThem) {
  std::vector<int64_t> seen;
  auto handle = replica->streams().watches().Add("account/a", [&] { seen.push_back(Balance("a")); });
  for (int i = 0; i < 500; ++i) Give("a", "c" + std::to_string(i));
  End();
  ASSERT_FALSE(seen.empty());
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), 500);
}

TEST_F(Beside, AWaitingReadIsAnsweredWhereAnswersAreGiven) {
  std::thread::id by_token, by_present;
  Give("a", "c1");
  Streams& streams = replica->streams();
  log.delivers = false;
  Give("a", "c2");
  const std::string next = replica->engine().TokenFor({PartitionOf(book, "account/a"), 2});
  int64_t seen = 0;
  streams.AfterToken(next, absl::InfiniteFuture(), [&](const absl::Status& status) {
    EXPECT_TRUE(status.ok()) << status;
    seen = Balance("a");
    by_token = std::this_thread::get_id();
  });
  streams.AfterPresent(absl::InfiniteFuture(), [&](const absl::Status& status) {
    EXPECT_TRUE(status.ok()) << status;
    by_present = std::this_thread::get_id();
  });
  Run();
  Await(answers);
  EXPECT_EQ(seen, 0) << "it waits";
  log.delivers = true;
  Run();
  Await(answers);
  EXPECT_EQ(seen, 2);
  EXPECT_NE(by_token, std::this_thread::get_id());
  EXPECT_EQ(by_token, by_present);
}

TEST_F(Beside, TheEndTellsEverybodyWhoWaits) {
  log.delivers = false;
  std::vector<Answer<Account>> open;
  for (int i = 0; i < 20; ++i) open.push_back(Give("a", "c" + std::to_string(i)));
  std::atomic<int> told = 0;
  for (int i = 0; i < 20; ++i) {
    replica->streams().AfterPresent(absl::InfiniteFuture(), [&](const absl::Status& status) {
      EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
      ++told;
    });
  }
  Run();
  End();
  for (const Answer<Account>& answer : open) EXPECT_EQ(Say(answer), "UNAVAILABLE SHUTTING_DOWN");
  EXPECT_EQ(told, 20);
}

}  // namespace
}  // namespace throughline::runtime::testing
