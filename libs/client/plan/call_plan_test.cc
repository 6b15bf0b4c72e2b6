#include "libs/client/plan/call_plan.h"

#include "gtest/gtest.h"

#include "libs/runtime/domain/refusal.h"

namespace throughline::client {
namespace {

using What = CallPlan::What;

const absl::Status kGone = absl::UnavailableError("gone");
const absl::Status kLate = absl::DeadlineExceededError("late");
const absl::Status kNo = absl::FailedPreconditionError("no");

// One call at a time, on two replicas unless a test says otherwise. Times are in milliseconds since the beginning.
class Plan : public ::testing::Test {
 protected:
  void Make(size_t replicas) { health_ = std::make_unique<ReplicaHealth>(replicas); }
  void Begin(int rounds = 5) {
    limits_.deadline = At(0) + absl::Seconds(10);
    limits_.rounds = rounds;
    plan_ = std::make_unique<CallPlan>(*health_, budget_, usual_, limits_);
  }
  static absl::Time At(int ms) { return absl::FromUnixSeconds(1'000'000) + absl::Milliseconds(ms); }

  // Expects that the call is sent to this replica now, and that nothing else is to be done.
  void ExpectSent(size_t replica, int ms) {
    const CallPlan::Step step = plan_->Next(At(ms));
    ASSERT_EQ(step.what, What::kSend) << "at " << ms;
    EXPECT_EQ(step.replica, replica);
  }
  // Expects that the call waits until then.
  void ExpectWaits(int ms, int until) {
    const CallPlan::Step step = plan_->Next(At(ms));
    ASSERT_EQ(step.what, What::kWait) << "at " << ms;
    EXPECT_EQ(step.until, until < 0 ? absl::InfiniteFuture() : At(until));
  }
  void ExpectReturns(int ms, const absl::Status& status) {
    ASSERT_EQ(plan_->Next(At(ms)).what, What::kReturn);
    EXPECT_EQ(plan_->status(), status);
  }
  void Answer(size_t replica, int ms, const absl::Status& status = absl::OkStatus()) {
    plan_->Answered(replica, status, At(ms));
  }

  Hedging hedging_{.most = absl::Milliseconds(100), .burst = 3};
  std::unique_ptr<ReplicaHealth> health_ = std::make_unique<ReplicaHealth>(2);
  HedgeBudget budget_{hedging_};
  UsualTime usual_{hedging_};
  CallPlan::Limits limits_{.deadline = absl::InfiniteFuture(),
                           .patience = absl::Milliseconds(2500),
                           .rounds = 5,
                           .hedging = true,
                           .repeatable = true,
                           .command = true};
  std::unique_ptr<CallPlan> plan_;
};

TEST_F(Plan, AnAnswerInTheUsualTimeIsReturned) {
  Begin();
  ExpectSent(0, 0);
  ExpectWaits(0, 100);
  Answer(0, 50);
  ExpectReturns(50, absl::OkStatus());
  EXPECT_EQ(plan_->hedges(), 0);
}

TEST_F(Plan, ACallBeyondItsUsualTimeGoesToAnotherReplicaAndTheFirstAnswerWins) {
  for (const size_t first : {0, 1}) {
    Make(2);
    Begin();
    ExpectSent(0, 0);
    ExpectSent(1, 100);
    ExpectWaits(100, -1);
    Answer(first, 120);
    ExpectReturns(120, absl::OkStatus());
    EXPECT_EQ(plan_->hedges(), 1);
    EXPECT_EQ(plan_->hedge_won(), first == 1);
    EXPECT_EQ(health_->Avoided(0), first == 1) << "it was silent for longer than usual";
  }
}

TEST_F(Plan, WithOneReplicaNothingIsHedged) {
  Make(1);
  Begin();
  const CallPlan::Step step = plan_->Next(At(0));
  EXPECT_EQ(step.what, What::kSend);
  EXPECT_EQ(step.until, limits_.deadline) << "the only replica has all the time";
  ExpectWaits(0, -1);
}

TEST_F(Plan, SwitchedOffNothingIsHedged) {
  limits_.hedging = false;
  Begin();
  const CallPlan::Step step = plan_->Next(At(0));
  EXPECT_EQ(step.until, At(2500));
  ExpectWaits(0, -1);
  Answer(0, 2500, kLate);
  ExpectSent(1, 2500);
}

TEST_F(Plan, HedgesStayWithinTheBudget) {
  int hedges = 0;
  for (int i = 0; i < 1000; ++i) {
    Make(2);
    health_->Answered(0, At(99));  // other calls are answered: it does not hang
    Begin();
    ExpectSent(0, 0);
    const CallPlan::Step step = plan_->Next(At(100));
    if (step.what == What::kSend) ++hedges;
    Answer(0, 300);
    ExpectReturns(300, absl::OkStatus());
  }
  EXPECT_GE(hedges, 1000 / 20);
  EXPECT_LE(hedges, 1000 / 20 + 3) << "a twentieth of the calls, and the burst";
}

TEST_F(Plan, NothingIsHedgedWhileAServerIsOverloaded) {
  Begin();
  ExpectSent(0, 0);
  Answer(0, 10, runtime::WithRetryAfter(absl::ResourceExhaustedError("busy"), absl::Seconds(2)));
  EXPECT_EQ(plan_->Next(At(10)).what, What::kPause);
  EXPECT_EQ(plan_->Next(At(10)).until, At(2010)) << "not before the server wants it";
  Begin();  // another call
  ExpectSent(0, 20);
  ExpectWaits(150, 175);
  EXPECT_EQ(plan_->hedges(), 0);
}

TEST_F(Plan, CallsToAReplicaThatWasFoundToHangMoveOnWithoutBudget) {
  while (budget_.Take(At(0))) {
  }
  Begin();
  ExpectSent(0, 0);
  ExpectWaits(100, 125);
  health_->Outrun(0, At(0), At(120));  // by another call
  ExpectSent(1, 150);
  Answer(1, 160);
  ExpectReturns(160, absl::OkStatus());
  EXPECT_EQ(plan_->moved(), 1);
}

TEST_F(Plan, AReadWithoutATokenIsAskedElsewhereOnlyOfAReplicaThatHangs) {
  limits_.repeatable = limits_.command = false;
  Begin();
  ExpectSent(0, 0);
  ExpectWaits(100, 125);
  health_->Outrun(0, At(0), At(160));
  ExpectSent(1, 200);
}

// When the log is slow, all replicas are: nothing moves then.
TEST_F(Plan, CallsDoNotMoveFromAReplicaWhoseCallsTimeOut) {
  limits_.repeatable = false;
  Begin();
  ExpectSent(0, 0);
  health_->TimedOut(0, At(0), At(120));  // another call
  EXPECT_TRUE(health_->Avoided(0));
  ExpectWaits(130, 155);
}

TEST_F(Plan, ATimeoutOfAReplicaThatAnswersOthersSendsOnlyThatCallElsewhere) {
  limits_.repeatable = false;
  Begin();
  ExpectSent(0, 0);
  health_->Answered(0, At(2000));  // another call
  Answer(0, 2500, kLate);
  ExpectSent(1, 2500);
  EXPECT_FALSE(health_->Avoided(0));
}

TEST_F(Plan, NoHedgeGoesToAReplicaThatIsAvoided) {
  health_->GiveUpOn(1, At(0));
  Begin();
  ExpectSent(0, 0);
  ExpectWaits(100, 125);
}

// The replica that has not answered may yet accept what the other one refuses.
TEST_F(Plan, TheAnswerToACommandIsTheSameWhicheverReplicaComesFirst) {
  for (const bool refusal_first : {true, false}) {
    Make(2);
    Begin();
    ExpectSent(0, 0);
    ExpectSent(1, 100);
    if (refusal_first) {
      Answer(1, 110, kNo);
      ExpectWaits(110, -1);
    }
    Answer(0, 120);
    ExpectReturns(120, absl::OkStatus());
  }
}

TEST_F(Plan, ARefusalOfACommandWaitsForTheOtherReplicaAndNotForEver) {
  Begin();
  ExpectSent(0, 0);
  ExpectSent(1, 100);
  Answer(1, 110, kNo);
  ExpectWaits(110, -1);
  Answer(0, 2500, kLate);
  ExpectReturns(2500, kNo);
}

TEST_F(Plan, ARefusalOfAReadIsReturnedAtOnce) {
  limits_.command = false;
  Begin();
  ExpectSent(0, 0);
  ExpectSent(1, 100);
  Answer(1, 110, kNo);
  ExpectReturns(110, kNo);
}

TEST_F(Plan, AFailureOfOneWaitsForTheOther) {
  Begin();
  ExpectSent(0, 0);
  ExpectSent(1, 100);
  Answer(1, 110, kGone);
  ExpectWaits(110, -1);
  Answer(0, 120);
  ExpectReturns(120, absl::OkStatus());
}

TEST_F(Plan, AReplicaThatIsGoneIsFollowedByTheNextAtOnceAndPausesComeAfterARound) {
  Begin(/*rounds=*/2);
  ExpectSent(0, 0);
  Answer(0, 1, kGone);
  ExpectSent(1, 1);
  Answer(1, 2, kGone);
  EXPECT_EQ(plan_->Next(At(2)).what, What::kPause);
  EXPECT_EQ(plan_->Next(At(2)).until, At(102));
  ExpectSent(0, 102);
  Answer(0, 103, kGone);
  const CallPlan::Step last = plan_->Next(At(103));
  EXPECT_EQ(last.replica, 1u);
  EXPECT_EQ(last.until, limits_.deadline) << "the last try has all the time that is left";
  Answer(1, 104, kGone);
  ExpectReturns(104, kGone);
}

TEST_F(Plan, NoPauseOutlastsTheDeadline) {
  Begin();
  limits_.deadline = At(50);
  plan_ = std::make_unique<CallPlan>(*health_, budget_, usual_, limits_);
  ExpectSent(0, 0);
  Answer(0, 1, kGone);
  ExpectSent(1, 1);
  Answer(1, 2, kGone);
  ExpectReturns(2, kGone);
}

TEST_F(Plan, WithThreeReplicasTheThirdIsAskedWhenTwoHang) {
  Make(3);
  Begin();
  ExpectSent(0, 0);
  ExpectSent(1, 100);
  ExpectSent(2, 200);
  Answer(2, 210);
  ExpectReturns(210, absl::OkStatus());
  EXPECT_TRUE(health_->Avoided(0));
  EXPECT_TRUE(health_->Avoided(1));
}

}  // namespace
}  // namespace throughline::client
