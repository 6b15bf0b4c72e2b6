// The write path, when a command is given again: it has one effect, and is not refused while it may yet have it.

#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

TEST(CommandProcessor, RemembersACommandForEver) {
  Book book(1);
  Bench bench(book);
  EXPECT_EQ(Say(bench.Give("a", Deposit(5), "c1")), "ok 1");
  EXPECT_EQ(Say(bench.Give("a", Deposit(6), "c2")), "ok 2");
  EXPECT_EQ(Say(bench.Give("a", Deposit(5), "c1")), "ok 1 again");
  bench.Restart();
  EXPECT_EQ(Say(bench.Give("a", Deposit(5), "c1")), "ok 1 again");
  Bench other(book);
  other.Run();
  EXPECT_EQ(Say(other.Give("a", Deposit(5), "c1")), "ok 1 again") << "on a replica that never saw it";
  EXPECT_EQ(BalanceOf(other, "a"), 11);
}

TEST(CommandProcessor, RemembersACommandThatWouldNowBeRefused) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(5), "c1");
  bench.Give("a", Withdraw(5), "c2");
  EXPECT_EQ(Say(bench.Give("a", Withdraw(5), "c2")), "ok 2 again");
}

TEST(CommandProcessor, RefusesACommandIdThatMeantSomethingElse) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(5), "c1");
  EXPECT_EQ(Say(bench.Give("a", Deposit(6), "c1")), "INVALID_ARGUMENT COMMAND_ID_REUSED");
  EXPECT_EQ(Say(bench.Give("a", Withdraw(5), "c1")), "INVALID_ARGUMENT COMMAND_ID_REUSED");
  EXPECT_EQ(Say(bench.Give("b", Deposit(6), "c1")), "ok 1") << "an id is one stream's";
  EXPECT_EQ(BalanceOf(bench, "a"), 5);
}

TEST(CommandProcessor, TakesACommandIdAsItsCallersOwn) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(5), "c1", "ann");
  EXPECT_EQ(Say(bench.Give("a", Deposit(5), "c1", "bob")), "ok 2") << "nothing of ann's is answered to bob";
  EXPECT_EQ(Say(bench.Give("a", Deposit(6), "c1", "eve")), "ok 3");
  EXPECT_EQ(BalanceOf(bench, "a"), 16);
  bench.log->automatic = false;
  auto ann = bench.Give("a", Deposit(1), "c2", "ann");
  auto bob = bench.Give("a", Deposit(1), "c2", "bob");
  EXPECT_EQ(bench.log->waiting(), 2u) << "in flight, too";
}

TEST(CommandProcessor, RefusesACommandIdThatMeansSomethingElseInFlight) {
  Book book(1);
  Bench bench(book);
  bench.log->automatic = false;
  auto first = bench.Give("a", Deposit(5), "c1");
  auto same = bench.Give("a", Deposit(5), "c1");
  auto other = bench.Give("a", Deposit(6), "c1");
  EXPECT_EQ(bench.log->waiting(), 1u);
  bench.log->Acknowledge();
  bench.Run();
  EXPECT_EQ(Say(first), "ok 1");
  EXPECT_EQ(Say(same), "ok 1 again");
  EXPECT_EQ(Say(other), "INVALID_ARGUMENT COMMAND_ID_REUSED");
}

TEST(CommandProcessor, LeavesOneEffectWhenAnAnswerIsLostAndTheCommandRepeated) {
  Book book(1);
  Bench bench(book);
  bench.log->automatic = false;
  bench.log->delivers = false;
  auto unknown = bench.Give("a", Deposit(5), "c1");
  bench.log->LoseAnswer();
  bench.Run();
  EXPECT_EQ(Say(unknown), "UNAVAILABLE APPEND_UNKNOWN");
  bench.log->automatic = true;
  auto retry = bench.Give("a", Deposit(5), "c1");
  bench.log->delivers = true;
  bench.Run();
  EXPECT_EQ(Say(retry).substr(0, 4), "ok 1");
  EXPECT_EQ(BalanceOf(bench, "a"), 5);
  EXPECT_EQ(VersionOf(bench, "account/a"), 1u);
}

TEST(CommandProcessor, LeavesOneEffectWhenTheFirstAttemptIsWrittenAfterTheSecond) {
  Book book(1);
  Bench bench(book);
  bench.log->automatic = false;
  auto unknown = bench.Give("a", Deposit(5), "c1");
  auto write_late = bench.log->Delay();
  bench.Run();
  bench.log->automatic = true;
  EXPECT_EQ(Say(bench.Give("a", Deposit(5), "c1")), "ok 1");
  write_late();
  bench.Run();
  EXPECT_EQ(Say(unknown), "UNAVAILABLE APPEND_UNKNOWN");
  EXPECT_EQ(BalanceOf(bench, "a"), 5);
}

// The first attempt was decided on a deposit that is unknown, too; both may still come.
TEST(CommandProcessor, DoesNotRefuseWhatAnEarlierAttemptMayStillDo) {
  Book book(1);
  Bench bench(book);
  bench.log->automatic = false;
  bench.Give("a", Deposit(5), "c1");
  auto unknown = bench.Give("a", Withdraw(5), "c2");
  auto write_deposit = bench.log->Delay();
  auto write_withdrawal = bench.log->Delay();
  bench.log->automatic = true;
  bench.Run();
  EXPECT_EQ(Say(unknown), "UNAVAILABLE APPEND_UNKNOWN");
  EXPECT_EQ(Say(bench.Give("a", Withdraw(5), "c2")), "UNAVAILABLE APPEND_UNKNOWN");
  EXPECT_EQ(Say(bench.Give("a", Withdraw(5), "c3")), "FAILED_PRECONDITION") << "a command of its own";
  write_deposit();
  bench.Run();
  write_withdrawal();
  bench.Run();
  EXPECT_EQ(Say(bench.Give("a", Withdraw(5), "c2")), "ok 2 again");
}

// The withdrawal follows a deposit of which nobody knows yet, and is itself still on its way.
TEST(CommandProcessor, DoesNotRefuseWhatIsOnItsWayBehindACommitInDoubt) {
  Book book(1);
  Bench bench(book);
  bench.log->automatic = false;
  bench.Give("a", Deposit(5), "c1");
  auto unknown = bench.Give("a", Withdraw(5), "c2");
  auto write_deposit = bench.log->Delay();
  bench.Run();
  bench.Pass(absl::Seconds(11));
  EXPECT_EQ(Say(unknown), "DEADLINE_EXCEEDED OUTCOME_UNKNOWN");
  EXPECT_EQ(Say(bench.Give("a", Withdraw(5), "c2")), "UNAVAILABLE APPEND_UNKNOWN");
  write_deposit();
  bench.log->Acknowledge();
  bench.Run();
  EXPECT_EQ(Say(bench.Give("a", Withdraw(5), "c2")), "ok 2 again");
}

// The second attempt may have come after a commit that makes the first valid.
TEST(CommandProcessor, RefusesBothOnlyOnceTheEndIsFoldedThatTheLaterSaw) {
  Book book(1);
  Bench one(book), two(book);
  one.log->delivers = false;
  one.log->answers_ends = false;
  auto first = one.Give("a", Withdraw(5), "c1");
  ASSERT_EQ(Say(two.Give("a", Deposit(5), "c0")), "ok 1");
  auto later = one.Give("a", Withdraw(5), "c1");
  one.log->AnswerEnds();
  one.Run();
  EXPECT_EQ(Say(first), "open");
  EXPECT_EQ(Say(later), "open");
  one.log->delivers = one.log->answers_ends = true;
  one.log->AnswerEnds();
  one.Run();
  EXPECT_EQ(Say(first), "ok 2");
  EXPECT_EQ(Say(later), "ok 2 again");
}

// The first attempt may yet be decided otherwise.
TEST(CommandProcessor, LetsTheSameCommandWaitForTheOneUnderWay) {
  Book book(1);
  Bench bench(book);
  bench.log->answers_ends = false;
  auto first = bench.Give("a", Withdraw(5), "c1");
  auto again = bench.Give("a", Withdraw(5), "c1");
  bench.Give("a", Deposit(5), "c2");
  bench.Pass(absl::Seconds(9));
  EXPECT_EQ(Say(again), "open");
  bench.log->FailEnds();
  bench.log->answers_ends = true;
  bench.Run();
  EXPECT_EQ(Say(first), "UNAVAILABLE");
  EXPECT_EQ(Say(again), "ok 2") << "decided once the first was answered";
}

TEST(CommandProcessor, AnswersTheSameCommandTwiceWithOneRefusal) {
  Book book(1);
  Bench bench(book);
  bench.log->automatic = false;
  bench.Give("a", Deposit(4), "c0");
  auto first = bench.Give("a", Withdraw(5), "c1");
  auto again = bench.Give("a", Withdraw(5), "c1");
  auto reused = bench.Give("a", Withdraw(3), "c1");
  auto of_another = bench.Give("a", Withdraw(5), "c1", "bob");
  bench.log->Acknowledge();
  bench.log->automatic = true;
  bench.Run();
  EXPECT_EQ(Say(first), "FAILED_PRECONDITION");
  EXPECT_EQ(Say(again), "FAILED_PRECONDITION");
  EXPECT_EQ(Say(reused), "ok 2") << "another request: the first had no effect";
  EXPECT_EQ(Say(of_another), "FAILED_PRECONDITION");
}

TEST(CommandProcessor, RefusesOnceAnEarlierAttemptCannotComeAnyMore) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(5), "c0");
  bench.log->automatic = false;
  bench.Give("a", Deposit(5), "c1");
  bench.Give("a", Withdraw(10), "c2");
  auto write_deposit = bench.log->Delay();
  auto write_withdrawal = bench.log->Delay();
  bench.log->automatic = true;
  bench.Run();
  EXPECT_EQ(Say(bench.Give("a", Withdraw(10), "c2")), "UNAVAILABLE APPEND_UNKNOWN");
  EXPECT_EQ(Say(bench.Give("a", Deposit(1), "c3")), "ok 2") << "takes their place";
  EXPECT_EQ(Say(bench.Give("a", Withdraw(10), "c2")), "FAILED_PRECONDITION");
  write_deposit();
  write_withdrawal();
  bench.Run();
  EXPECT_EQ(BalanceOf(bench, "a"), 6);
}

TEST(CommandProcessor, RefusesOnceAnEarlierAttemptIsTooOldToCome) {
  Book book(1);
  Bench bench(book);
  bench.log->automatic = false;
  bench.Give("a", Deposit(5), "c1");
  bench.Give("a", Withdraw(5), "c2");
  bench.log->Fail(absl::UnavailableError("no answer"));
  bench.log->Fail(absl::UnavailableError("no answer"));
  bench.log->automatic = true;
  bench.Run();
  bench.Pass(CommitsInFlight::kUnknownFor - absl::Seconds(1));
  EXPECT_EQ(Say(bench.Give("a", Withdraw(5), "c2")), "UNAVAILABLE APPEND_UNKNOWN");
  bench.Pass(absl::Seconds(2));
  EXPECT_EQ(Say(bench.Give("a", Withdraw(5), "c2")), "FAILED_PRECONDITION");
}
}  // namespace
}  // namespace throughline::runtime::testing
