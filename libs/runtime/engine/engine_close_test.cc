// A service that stops answers whoever waits; otherwise its calls would never end.

#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

TEST(EngineClose, AnswersEverythingUnderWay) {
  Book book(1);
  Bench bench(book);
  bench.Run();
  bench.log->automatic = false;
  auto in_flight = bench.Give("a", Deposit(5), "c1");
  auto same = bench.Give("a", Deposit(5), "c1");
  auto behind_it = bench.Give("a", Withdraw(50), "c2");
  bench.log->answers_ends = false;
  auto at_the_barrier = bench.Give("b", Withdraw(1), "c3");
  auto next_at_the_barrier = bench.Give("b", Withdraw(1), "c4");
  std::string read = "open";
  bench.replica->streams().AfterPresent(absl::InfiniteFuture(),
                                        [&](const absl::Status& s) { read = std::string(s.message()); });
  auto not_taken = bench.replica->Send<Account>("a", Deposit(1), By("ann", common::v1::ROLE_REP));
  bench.replica->engine().Close();
  for (const auto& answer : {in_flight, same, behind_it, at_the_barrier, next_at_the_barrier, not_taken}) {
    EXPECT_EQ(Say(answer), "UNAVAILABLE SHUTTING_DOWN");
  }
  EXPECT_NE(read, "open");
  auto late = bench.replica->Send<Account>("a", Deposit(1), By("ann", common::v1::ROLE_REP));
  EXPECT_EQ(Say(late), "UNAVAILABLE SHUTTING_DOWN");
}

TEST(EngineClose, AnswersWhatWasAboutToBeDecidedAgain) {
  Book book(1);
  Bench bench(book);
  bench.log->automatic = false;
  auto first = bench.Give("a", Deposit(5), "c1");
  auto same = bench.Give("a", Deposit(5), "c1");
  bench.log->Fail(absl::UnavailableError("no answer"));  // told to the engine, which is not stepped any more
  bench.replica->engine().Close();
  EXPECT_EQ(Say(first), "UNAVAILABLE APPEND_UNKNOWN");
  EXPECT_EQ(Say(same), "UNAVAILABLE SHUTTING_DOWN");
}

TEST(EngineClose, LeavesACommitThatIsOnItsWay) {
  Book book(1);
  Bench bench(book);
  bench.log->automatic = false;
  auto answer = bench.Give("a", Deposit(5), "c1");
  bench.replica->engine().Close();
  bench.log->Acknowledge();
  bench.Restart();
  bench.Run();
  EXPECT_EQ(Say(answer), "UNAVAILABLE SHUTTING_DOWN");
  EXPECT_EQ(Say(bench.Give("a", Deposit(5), "c1")), "ok 1 again");
}

}  // namespace
}  // namespace throughline::runtime::testing
