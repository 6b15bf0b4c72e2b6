#include "libs/client/plan/replica_health.h"

#include "gtest/gtest.h"

namespace throughline::client {
namespace {

class HealthOfReplicas : public ::testing::Test {
 protected:
  absl::Time At(double seconds) const { return begin_ + absl::Seconds(seconds); }

  const absl::Time begin_ = absl::FromUnixSeconds(1'000'000);
  ReplicaHealth health_{3};
};

TEST_F(HealthOfReplicas, TheFirstThatIsNotAvoidedIsCalled) {
  EXPECT_EQ(health_.Pick(), 0u);
  EXPECT_EQ(health_.Pick({true}), 1u);
  health_.GiveUpOn(0, At(0));
  EXPECT_EQ(health_.Pick(), 1u);
  EXPECT_EQ(health_.Pick({false, true}), 2u);
  EXPECT_EQ(health_.Pick({true, true, true}), std::nullopt);
}

TEST_F(HealthOfReplicas, TheOnlyReplicaIsNeverAvoided) {
  ReplicaHealth health(1);
  health.GiveUpOn(0, At(0));
  EXPECT_FALSE(health.Avoided(0));
  EXPECT_EQ(health.ToProbe(At(60)), std::nullopt);
}

TEST_F(HealthOfReplicas, IfAllAreAvoidedTheyAreCalledInACircle) {
  for (const size_t which : {0, 1, 2}) health_.GiveUpOn(which, At(static_cast<double>(which)));
  for (int turn = 3; turn < 9; ++turn) {
    const size_t which = *health_.Pick();
    EXPECT_EQ(which, static_cast<size_t>(turn % 3));
    health_.GiveUpOn(which, At(turn));
  }
}

TEST_F(HealthOfReplicas, AnAvoidedReplicaIsCalledAgainOnceAProbeFindsItServing) {
  health_.GiveUpOn(0, At(0));
  EXPECT_EQ(health_.ToProbe(At(0.9)), std::nullopt);
  ASSERT_EQ(health_.ToProbe(At(1)), 0u);
  EXPECT_EQ(health_.ToProbe(At(1)), std::nullopt) << "one probe at a time";
  EXPECT_EQ(health_.Pick(), 1u) << "no call is risked meanwhile";
  health_.Probed(0, false, At(2));
  EXPECT_EQ(health_.Pick(), 1u);
  EXPECT_EQ(health_.ToProbe(At(3.9)), std::nullopt) << "each failed probe doubles the time";
  ASSERT_EQ(health_.ToProbe(At(4)), 0u);
  health_.Probed(0, true, At(4));
  EXPECT_EQ(health_.Pick(), 0u);
}

TEST_F(HealthOfReplicas, OneThatFailsAgainAndAgainIsAvoidedForLonger) {
  double now = 0;
  for (const double avoided : {1, 2, 4, 8, 16, 16}) {
    health_.GiveUpOn(0, At(now));
    health_.GiveUpOn(0, At(now));  // many calls find out at the same time
    EXPECT_EQ(health_.ToProbe(At(now + avoided - 0.1)), std::nullopt) << avoided;
    ASSERT_EQ(health_.ToProbe(At(now + avoided)), 0u);
    now += avoided;
    health_.Probed(0, true, At(now));
  }
  health_.GiveUpOn(0, At(now + 61));
  EXPECT_EQ(health_.ToProbe(At(now + 62)), 0u) << "it was well for a minute";
}

TEST_F(HealthOfReplicas, AnAnswerReinstates) {
  health_.GiveUpOn(0, At(0));
  health_.Answered(0, At(0.5));
  EXPECT_EQ(health_.Pick(), 0u);
  EXPECT_EQ(health_.ToProbe(At(5)), std::nullopt);
}

TEST_F(HealthOfReplicas, OnlyAReplicaThatIsSilentIsGivenUpOnWhenOutrun) {
  health_.Answered(0, At(2));
  health_.Outrun(0, At(1), At(3));
  EXPECT_FALSE(health_.Avoided(0)) << "slow with this call, but it answered another one since";
  health_.TimedOut(0, At(1), At(3));
  EXPECT_FALSE(health_.Avoided(0));
  health_.TimedOut(0, At(2.5), At(3));
  EXPECT_TRUE(health_.Avoided(0));
  EXPECT_FALSE(health_.Hangs(0)) << "perhaps no replica can answer";
  health_.Outrun(0, At(2.5), At(3));
  EXPECT_TRUE(health_.Hangs(0));
  health_.Answered(0, At(4));
  EXPECT_FALSE(health_.Hangs(0) || health_.Avoided(0));
}

}  // namespace
}  // namespace throughline::client
