#include "libs/runtime/probe.h"

#include "absl/time/clock.h"
#include <gtest/gtest.h>

#include "libs/runtime/fold/fold.h"

namespace throughline::runtime {
namespace {

class ProbeTest : public ::testing::Test {
 protected:
  // Of partition 1 of intake; -1 if it is not told.
  double Gauge(const std::string& name) const {
    for (const auto& family : registry_.Collect()) {
      if (family.name != name) continue;
      for (const auto& metric : family.metric) {
        for (const auto& label : metric.label) {
          if (label.name == "partition" && label.value == "1") return metric.gauge.value;
        }
      }
    }
    return -1;
  }

  const log::Partition partition_{log::Topic::kIntake, 1};
  prometheus::Registry registry_;
  Probe probe_{registry_, {log::Topic::kIntake}};
};

TEST_F(ProbeTest, LagIsSinceTheLastEventThatWasFolded) {
  probe_.Accepted(partition_, absl::Now() - absl::Hours(1));
  probe_.Lag(partition_, 3, 10);
  EXPECT_EQ(Gauge("throughline_fold_lag_records"), 7);
  EXPECT_NEAR(Gauge("throughline_fold_lag_seconds"), 3600, 60);
  probe_.Lag(partition_, 10, 10);
  EXPECT_EQ(Gauge("throughline_fold_lag_records"), 0);
  EXPECT_EQ(Gauge("throughline_fold_lag_seconds"), 0);
}

TEST_F(ProbeTest, WhatComesAfterALongPauseIsNotOldAtOnce) {
  probe_.Accepted(partition_, absl::Now() - absl::Hours(1));
  probe_.Lag(partition_, 3, 3);
  probe_.Lag(partition_, 3, 4);
  EXPECT_LT(Gauge("throughline_fold_lag_seconds"), 60);
}

TEST_F(ProbeTest, ReachingAnEndThatWasHeardOfCountsWithoutAnEvent) {
  probe_.Accepted(partition_, absl::Now() - absl::Hours(1));
  probe_.Lag(partition_, 3, 10);
  EXPECT_NEAR(Gauge("throughline_fold_lag_seconds"), 3600, 60);
  probe_.Lag(partition_, 9, 20);
  EXPECT_NEAR(Gauge("throughline_fold_lag_seconds"), 3600, 60) << "10 was the end, and is not reached";
  probe_.Lag(partition_, 11, 30);
  EXPECT_LT(Gauge("throughline_fold_lag_seconds"), 60)
      << "it is, though the fold is always behind the last that was heard";
}

TEST_F(ProbeTest, AnAssignmentThatEndsIsShown) {
  probe_.PartitionAssignment({{partition_, 0}});
  EXPECT_EQ(Gauge("throughline_partition_assigned"), 1);
  probe_.PartitionAssignment({{{log::Topic::kIntake, 0}, 0}});
  EXPECT_EQ(Gauge("throughline_partition_assigned"), 0);
}

TEST(WhyVoid, TellsALostRaceFromARepetitionAndFromWhatFollowed) {
  const StreamEnd end{3, "digest of 3"};
  throughline::log::v1::Commit commit;
  commit.set_version(3);
  EXPECT_EQ(WhyVoid(commit, end, "digest of another 3"), VoidReason::kOvertaken);
  EXPECT_EQ(WhyVoid(commit, end, "digest of 3"), VoidReason::kRepeated);
  commit.set_version(4);
  EXPECT_EQ(WhyVoid(commit, end, "digest of what followed another 3"), VoidReason::kAfterVoid);
}

}  // namespace
}  // namespace throughline::runtime
