#include "services/supplier-tracking/lanes/histogram.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace throughline::supplier {
namespace {

TEST(Histogram, BucketsFollowOneAnotherWithoutGaps) {
  uint32_t before = 0;
  for (int64_t seconds = 0; seconds < 100'000; ++seconds) {
    const uint32_t bucket = BucketOf(absl::Seconds(seconds));
    ASSERT_TRUE(bucket == before || bucket == before + 1) << seconds;
    ASSERT_LE(BucketStart(bucket), absl::Seconds(seconds));
    ASSERT_GT(BucketStart(bucket + 1), absl::Seconds(seconds));
    before = bucket;
  }
  EXPECT_EQ(BucketOf(-absl::Hours(1)), 0);
  EXPECT_EQ(BucketOf(absl::Hours(24 * 1000)), BucketOf(absl::InfiniteDuration()));
  EXPECT_LT(BucketOf(absl::InfiniteDuration()), 1216);
}

TEST(Histogram, OfNothingSaysNothing) {
  const v1::Histogram none;
  EXPECT_EQ(CountOf(none), 0);
  EXPECT_EQ(QuantileOf(none, 0.5), absl::ZeroDuration());
  EXPECT_EQ(ShareLonger(none, absl::Hours(1)), 0);
  EXPECT_EQ(DurationsOf(none).count(), 0);
}

std::vector<uint32_t> SomeSeconds() {
  return *rc::gen::nonEmpty(rc::gen::container<std::vector<uint32_t>>(rc::gen::inRange<uint32_t>(0, 10'000'000)));
}

RC_GTEST_PROP(Histogram, QuantilesAreAccurateToTwoPercent, ()) {
  std::vector<uint32_t> seconds = SomeSeconds();
  v1::Histogram histogram;
  for (const uint32_t one : seconds) AddDuration(histogram, absl::Seconds(one));
  std::sort(seconds.begin(), seconds.end());
  for (const double share : {0.1, 0.5, 0.9, 0.99, 1.0}) {
    const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(seconds.size())));
    const double exact = seconds[std::max<size_t>(rank, 1) - 1];
    const double told = absl::ToDoubleSeconds(QuantileOf(histogram, share));
    RC_ASSERT(std::abs(told - exact) <= exact / 64 + 1);
  }
}

RC_GTEST_PROP(Histogram, SumsDependNeitherOnOrderNorOnWhatWasTakenOut, ()) {
  const std::vector<uint32_t> seconds = SomeSeconds(), others = SomeSeconds();
  v1::Histogram sum, first, second;
  for (const uint32_t one : others) AddDuration(second, absl::Seconds(one));
  for (const uint32_t one : seconds) AddDuration(first, absl::Seconds(one));
  AddHistogram(sum, second);
  AddHistogram(sum, first);
  v1::Histogram other_order = first;
  AddHistogram(other_order, second);
  RC_ASSERT(sum.SerializeAsString() == other_order.SerializeAsString());
  AddHistogram(sum, second, -1);
  RC_ASSERT(sum.SerializeAsString() == first.SerializeAsString());
}

RC_GTEST_PROP(Histogram, TheShareThatIsLongerAgreesWithTheQuantile, ()) {
  v1::Histogram histogram;
  for (const uint32_t one : SomeSeconds()) AddDuration(histogram, absl::Seconds(one));
  const double share = static_cast<double>(*rc::gen::inRange(1, 100)) / 100;
  const double longer = ShareLonger(histogram, QuantileOf(histogram, share));
  RC_ASSERT(std::abs(longer - (1 - share)) < 0.001);
}

}  // namespace
}  // namespace throughline::supplier
