#include "services/process/health.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::process {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr ServicesHealth::Time kStart{};

runtime::FoldStatus Folding(int64_t left, uint64_t steps = 1) { return {.records_left = left, .steps = steps}; }
runtime::FoldStatus Folded(uint64_t steps = 1) { return {.caught_up = true, .records_left = 0, .steps = steps}; }

TEST(ServicesHealth, TellsHowFarAStartIs) {
  ServicesHealth health({"intake"});
  EXPECT_EQ(health.Of(0, kStart).started.why, "starting: the log has not told yet where it ends");
  EXPECT_FALSE(health.Update(0, Folding(1200), kStart));
  for (const std::optional<size_t> which : {std::optional<size_t>(0), std::optional<size_t>()}) {
    const server::Health starting = health.Of(which, kStart);
    EXPECT_TRUE(starting.live.ok);
    EXPECT_FALSE(starting.started.ok);
    EXPECT_FALSE(starting.ready.ok);
    EXPECT_EQ(starting.started.why, "starting: 1200 records of the log left to fold");
    EXPECT_EQ(starting.ready.why, starting.started.why);
  }
  EXPECT_FALSE(health.Update(0, Folding(0), kStart));
  EXPECT_FALSE(health.Of(0, kStart).started.ok) << "the record folded last has not been seen again";
  EXPECT_TRUE(health.Update(0, Folded(), kStart));
  const server::Health ready = health.Of(0, kStart);
  EXPECT_TRUE(ready.live.ok && ready.started.ok && ready.ready.ok);
}

TEST(ServicesHealth, AStoppedPartitionIsLiveAndNotReady) {
  ServicesHealth health({"intake"});
  runtime::FoldStatus stopped = Folding(7);
  stopped.stopped = "throughline.intake.log/3@9: start a newer version";
  EXPECT_FALSE(health.Update(0, stopped, kStart));
  EXPECT_FALSE(health.Of(0, kStart).started.ok) << "the other partitions are still folded";
  stopped.records_left = 0;
  EXPECT_FALSE(health.Update(0, stopped, kStart));
  EXPECT_TRUE(health.Of(0, kStart).started.ok) << "otherwise it would be started again and again";
  EXPECT_TRUE(health.Of(0, kStart).live.ok);
  EXPECT_FALSE(health.Of(0, kStart).ready.ok);
  EXPECT_THAT(health.Of(0, kStart).ready.why, HasSubstr("start a newer version"));
  stopped.caught_up = true;  // it stopped later
  EXPECT_FALSE(health.Update(0, stopped, kStart));
  EXPECT_FALSE(health.Of(0, kStart).ready.ok);
}

TEST(ServicesHealth, SeveralServicesNameThoseThatAreNotReady) {
  ServicesHealth health({"intake", "ownership", "outage-notice"});
  health.Update(0, Folded(), kStart);
  health.Update(1, Folding(3), kStart);
  health.Update(2, Folding(4), kStart);
  EXPECT_EQ(
      health.Of(std::nullopt, kStart).ready.why,
      "ownership: starting: 3 records of the log left to fold; outage-notice: starting: 4 records of the log left "
      "to fold");
  EXPECT_TRUE(health.Of(0, kStart).ready.ok);
  health.Update(1, Folded(), kStart);
  health.Update(2, Folded(), kStart);
  EXPECT_TRUE(health.Of(std::nullopt, kStart).ready.ok);
  EXPECT_EQ(health.Of(std::nullopt, kStart).ready.why, "ready") << "said once if they are alike";
}

TEST(ServicesHealth, AFoldThatDoesNotStepIsStuck) {
  ServicesHealth health({"intake", "ownership"});
  ServicesHealth::Time now = kStart;
  uint64_t steps = 0;
  const auto pass = [&](seconds time) {
    for (const auto end = now + time; now < end; now += milliseconds(200)) {
      health.Update(0, Folded(++steps), now);
      health.Update(1, Folded(7), now);
    }
  };
  pass(ServicesHealth::kStuck);
  EXPECT_TRUE(health.Of(1, now).live.ok);
  pass(seconds(1));
  EXPECT_FALSE(health.Of(1, now).live.ok);
  EXPECT_EQ(health.Of(1, now).live.why, "the fold is stuck: no step for 60 seconds");
  EXPECT_TRUE(health.Of(0, now).live.ok);
  EXPECT_EQ(health.Of(std::nullopt, now).live.why, "ownership: the fold is stuck: no step for 60 seconds");
  health.Update(1, Folded(8), now);
  EXPECT_TRUE(health.Of(1, now).live.ok);
}

TEST(ServicesHealth, APauseOfTheProcessIsNoStuckFold) {
  ServicesHealth health({"intake"});
  health.Update(0, Folded(1), kStart);
  health.Update(0, Folded(1), kStart + minutes(10));
  EXPECT_TRUE(health.Of(0, kStart + minutes(10)).live.ok);
}

TEST(ServicesHealth, IsNotLiveIfNobodyLooksAtIt) {
  ServicesHealth health({"intake"});
  EXPECT_TRUE(health.Of(0, kStart + minutes(10)).live.ok) << "it is still being opened";
  health.Update(0, Folded(1), kStart);
  EXPECT_TRUE(health.Of(0, kStart + seconds(59)).live.ok);
  EXPECT_FALSE(health.Of(0, kStart + seconds(60)).live.ok);
  health.Drain();
  EXPECT_TRUE(health.Of(0, kStart + seconds(60)).live.ok) << "a drain may take its time";
}

TEST(ServicesHealth, ADrainIsLiveAndNotReady) {
  ServicesHealth health({"intake", "ownership"});
  health.Update(0, Folded(), kStart);
  health.Update(1, Folded(), kStart);
  health.Drain();
  EXPECT_TRUE(health.Of(std::nullopt, kStart).live.ok);
  EXPECT_TRUE(health.Of(std::nullopt, kStart).started.ok);
  EXPECT_FALSE(health.Of(std::nullopt, kStart).ready.ok);
  EXPECT_EQ(health.Of(1, kStart).ready.why, "draining");
}

TEST(ServicesHealth, AFailureIsNotLiveAlsoWhileItDrains) {
  ServicesHealth health({"intake"});
  health.Update(0, Folded(), kStart);
  health.Fail(absl::DataLossError("the log is not contiguous"));
  health.Fail(absl::InternalError("a consequence"));
  health.Drain();
  EXPECT_FALSE(health.Of(0, kStart).live.ok);
  EXPECT_EQ(health.Of(0, kStart).live.why, "stopped: the log is not contiguous");
  EXPECT_FALSE(health.Of(0, kStart).ready.ok);
}

}  // namespace
}  // namespace throughline::process
