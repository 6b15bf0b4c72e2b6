// The write path, against a log that does what the test says.

#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

TEST(CommandProcessor, AnswersWithTheVersionAndStateOnceFolded) {
  Book book(1);
  Bench bench(book);
  bench.log->delivers = false;
  auto answer = bench.Give("a", Deposit(5), "c1");
  EXPECT_EQ(Say(answer), "open") << "written, but not folded";
  bench.log->delivers = true;
  bench.Run();
  ASSERT_EQ(Say(answer), "ok 1");
  EXPECT_EQ((**answer)->state->balance(), 5);
  EXPECT_FALSE((**answer)->token.empty());
}

size_t Written(const Book& book) {
  size_t records = 0;
  for (const auto& [partition, of_it] : book.records) records += of_it.size();
  return records;
}

// Protobuf writes a string that is not UTF-8, and no reader parses it.
TEST(CommandProcessor, RefusesACommitThatNoReaderCouldRead) {
  Book book(1);
  Bench bench(book);
  auto refused = bench.Give("a", Rename("caf\xC3"), "c1");
  ASSERT_EQ(Say(refused), "INTERNAL COMMIT_UNREADABLE");
  EXPECT_EQ((*refused)->status().message().find("caf"), std::string::npos) << "repeats what cannot be read";
  EXPECT_EQ(Written(book), 0u) << "appended all the same";
  EXPECT_EQ(bench.replica->Metric("throughline_commits_unreadable_total"), 1);
  EXPECT_EQ(Say(bench.Give("a", Deposit(5), "c2")), "ok 1") << "the stream goes on";
}

TEST(CommandProcessor, RefusesACommitWhoseHeaderNoReaderCouldRead) {
  Book book(1);
  Bench bench(book);
  EXPECT_EQ(Say(bench.Give("a", Deposit(5), "c\xFF")), "INTERNAL COMMIT_UNREADABLE");
  EXPECT_EQ(Say(bench.Give("a\xFF", Deposit(5), "c1")), "INTERNAL COMMIT_UNREADABLE");
  EXPECT_EQ(Written(book), 0u);
}

TEST(CommandProcessor, DecidesOnWhatIsInFlight) {
  Book book(1);
  Bench bench(book);
  bench.log->automatic = false;
  auto deposit = bench.Give("a", Deposit(5), "c1");
  auto withdraw = bench.Give("a", Withdraw(5), "c2");
  EXPECT_EQ(bench.log->waiting(), 2u) << "the second did not wait for the first";
  bench.log->Acknowledge();
  bench.log->Acknowledge();
  bench.Run();
  EXPECT_EQ(Say(deposit), "ok 1");
  EXPECT_EQ(Say(withdraw), "ok 2");
}

TEST(CommandProcessor, DecidesAgainWhatWasDecidedOnACommitThatWasNeverWritten) {
  Book book(1);
  Bench bench(book);
  bench.log->automatic = false;
  auto lost = bench.Give("a", Deposit(5), "c1");
  auto follower = bench.Give("a", Deposit(7), "c2");
  bench.log->Fail(absl::ResourceExhaustedError("full"));
  bench.log->Acknowledge();
  bench.log->automatic = true;
  bench.Run();
  EXPECT_EQ(Say(lost), "RESOURCE_EXHAUSTED") << "a certain failure is answered as it is";
  EXPECT_EQ(Say(follower), "ok 1");
  EXPECT_EQ(BalanceOf(bench, "a"), 7);
  EXPECT_EQ(bench.replica->Metric("throughline_commits_void_total"), 1);
}

TEST(CommandProcessor, DecidesAgainWhatOvertookTheCommitThatItFollows) {
  Book book(1);
  Bench bench(book);
  bench.log->automatic = false;
  auto first = bench.Give("a", Deposit(5), "c1");
  auto second = bench.Give("a", Deposit(6), "c2");
  bench.log->AcknowledgeLast();
  bench.Run();
  EXPECT_EQ(bench.replica->Metric("throughline_commands_decided_again_total"), 1);
  ASSERT_EQ(bench.log->waiting(), 2u) << "void, so it is decided and written again";
  bench.log->Acknowledge();
  bench.log->Acknowledge();
  bench.Run();
  EXPECT_EQ(Say(first), "ok 1");
  EXPECT_EQ(Say(second), "ok 2");
}

TEST(CommandProcessor, LetsARefusalWaitForWhatIsInFlight) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(5), "c0");
  bench.log->automatic = false;
  auto first = bench.Give("a", Withdraw(5), "c1");
  auto second = bench.Give("a", Withdraw(5), "c2");
  EXPECT_EQ(Say(second), "open") << "refused because of a commit that may yet lose";
  bench.log->Fail(absl::ResourceExhaustedError("full"));
  bench.log->automatic = true;
  bench.Run();
  EXPECT_EQ(Say(second), "ok 2");
}

// There is always something in flight on such a stream, and each may change what the next is told.
TEST(CommandProcessor, AnswersARefusalOnAStreamThatIsNeverIdle) {
  Book book(1);
  Engine::Limits limits;
  limits.commands.attempts = 2;
  Bench bench(book, limits);
  bench.log->automatic = false;
  bench.Give("a", Deposit(1), "d0");
  auto refused = bench.Give("a", Withdraw(1000), "w");
  for (int i = 1; i < 10 && Say(refused) == "open"; ++i) {
    bench.Give("a", Deposit(1), "d" + std::to_string(i));
    ASSERT_EQ(bench.log->waiting(), 2u);
    bench.log->Acknowledge();
    bench.Run();
  }
  EXPECT_EQ(Say(refused), "FAILED_PRECONDITION");
}

TEST(CommandProcessor, SaysWhatMustBeSetRightWhenTheLogRefuses) {
  Book book(1);
  Bench bench(book);
  bench.log->automatic = false;
  auto refused = bench.Give("a", Deposit(5), "c1");
  bench.log->Fail(absl::FailedPreconditionError("topic authorization failed"));
  bench.Run();
  EXPECT_EQ(Say(refused), "UNAVAILABLE LOG_REFUSES");
  EXPECT_NE((*refused)->status().message().find("topic authorization failed"), std::string::npos);
}

TEST(CommandProcessor, DoesNotRefuseBecauseItLags) {
  Book book(1);
  Bench ahead(book);
  Bench behind(book);
  behind.log->delivers = false;
  ahead.Give("a", Deposit(5), "c1");
  auto answer = behind.Give("a", Withdraw(5), "c2");
  EXPECT_EQ(Say(answer), "open") << "it has not folded the deposit";
  behind.log->delivers = true;
  behind.Run();
  EXPECT_EQ(Say(answer), "ok 2");
  ahead.Run();
  EXPECT_EQ(Say(ahead.Give("a", Withdraw(5), "c3")), "FAILED_PRECONDITION");
}

TEST(CommandProcessor, DoesNotSayNothingToDoBecauseItLags) {
  Book book(1);
  Bench ahead(book);
  Bench behind(book);
  ahead.Give("a", Rename("Ann"), "c1");
  behind.Run();
  ahead.Give("a", Rename("Bob"), "c2");
  behind.log->delivers = false;
  auto answer = behind.Give("a", Rename("Ann"), "c3");
  EXPECT_EQ(Say(answer), "open");
  behind.log->delivers = true;
  behind.Run();
  EXPECT_EQ(Say(answer), "ok 3");
  EXPECT_EQ(Say(behind.Give("a", Rename("Ann"), "c4")), "ok 3") << "nothing to do: the version as it is";
  EXPECT_EQ(book.records[PartitionOf(book, "account/a")].size(), 3u);
}

TEST(CommandProcessor, DoesNotRefuseWhileTheLogIsSilent) {
  Book book(1);
  Bench bench(book);
  bench.Run();
  bench.log->answers_ends = false;
  auto first = bench.Give("a", Withdraw(5), "c1");
  EXPECT_EQ(Say(first), "open");
  bench.log->FailEnds();
  bench.Run();
  EXPECT_EQ(Say(first), "UNAVAILABLE");
  auto second = bench.Give("a", Withdraw(5), "c1");
  bench.Pass(absl::Seconds(20));
  EXPECT_EQ(Say(second), "DEADLINE_EXCEEDED NOT_YET_FOLDED") << "nobody waits for ever";
}

TEST(CommandProcessor, SaysThatTheOutcomeIsUnknownAtTheDeadline) {
  Book book(1);
  Bench bench(book);
  bench.log->automatic = false;
  auto answer = bench.Give("a", Deposit(5), "c1");
  auto waits = bench.Give("a", Deposit(5), "c1");
  bench.Pass(absl::Seconds(20));
  EXPECT_EQ(Say(answer), "DEADLINE_EXCEEDED OUTCOME_UNKNOWN");
  EXPECT_EQ(Say(waits), "DEADLINE_EXCEEDED OUTCOME_UNKNOWN");
  bench.log->Acknowledge();
  bench.log->automatic = true;
  EXPECT_EQ(Say(bench.Give("a", Deposit(5), "c1")), "ok 1 again");
}

TEST(CommandProcessor, DoesNotBeginWhatItsCallerHasGivenUp) {
  Book book(1);
  Bench bench(book);
  Caller caller = By("ann", common::v1::ROLE_REP);
  caller.command_id = "c1";
  const auto late = bench.replica->Send<Account>("a", Deposit(5), caller, bench.clock.Now());
  bench.Run();
  EXPECT_EQ(Say(late), "DEADLINE_EXCEEDED OUTCOME_UNKNOWN");
  EXPECT_EQ(book.records[PartitionOf(book, "account/a")].size(), 0u) << "nothing was appended";
  EXPECT_EQ(Say(bench.Give("a", Deposit(5), "c1")), "ok 1");
}

TEST(CommandProcessor, TakesNoMoreThanItsLimit) {
  Book book(1);
  Engine::Limits limits;
  limits.commands.in_flight = 2;
  Bench bench(book, limits);
  bench.log->automatic = false;
  bench.Give("a", Deposit(1), "c1", "ann");
  bench.Give("a", Deposit(1), "c2", "bob");
  EXPECT_EQ(Say(bench.Give("a", Deposit(1), "c3", "kim")), "RESOURCE_EXHAUSTED TOO_MANY_COMMANDS");
  bench.log->Acknowledge();
  bench.Run();
  EXPECT_EQ(Say(bench.Give("a", Deposit(1), "c3", "kim")), "open");
}

TEST(CommandProcessor, LeavesHalfOfItsLimitToOthers) {
  Book book(1);
  Engine::Limits limits;
  limits.commands.in_flight = 6;
  Bench bench(book, limits);
  bench.log->automatic = false;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Say(bench.Give("a", Deposit(1), "c" + std::to_string(i))), "open");
  auto refused = bench.Give("a", Deposit(1), "c3");
  EXPECT_EQ(Say(refused), "RESOURCE_EXHAUSTED TOO_MANY_COMMANDS");
  EXPECT_TRUE(RetryAfterOf((*refused)->status()).has_value());
  EXPECT_EQ(Say(bench.Give("a", Deposit(1), "c3", "bob")), "open");
  bench.log->Acknowledge();
  bench.Run();
  EXPECT_EQ(Say(bench.Give("a", Deposit(1), "c3")), "open");
}

TEST(CommandProcessor, RefusesARecordThatIsTooLarge) {
  Book book(1);
  Engine::Limits limits;
  limits.commands.record_bytes = 1000;
  Bench bench(book, limits);
  EXPECT_EQ(Say(bench.Give("a", Rename(std::string(1001, 'x')), "c1")), "INVALID_ARGUMENT COMMIT_TOO_LARGE");
  EXPECT_EQ(Say(bench.Give("a", Deposit(1), "c2")), "ok 1");
}

}  // namespace
}  // namespace throughline::runtime::testing
