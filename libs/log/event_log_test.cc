#include "libs/log/event_log.h"

#include "gtest/gtest.h"

namespace throughline::log {
namespace {

TEST(ToText, NamesAPartitionAndAPosition) {
  EXPECT_EQ(ToText(Partition{Topic::kOutageNotice, 3}), "throughline.outage-notice.log/3");
  EXPECT_EQ(ToText(Position{{Topic::kIntake, 0}, 17}), "throughline.intake.log/0@17");
}

TEST(NoSuchPartition, IsAFailedPreconditionThatNamesIt) {
  const absl::Status status = NoSuchPartition({Topic::kIntake, 30});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "the log has no partition 30 of topic throughline.intake.log");
}

}  // namespace
}  // namespace throughline::log
