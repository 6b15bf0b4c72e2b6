#include "services/supplier-tracking/lanes/histogram.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace throughline::supplier {
namespace {

constexpr uint32_t kFine = 64;                        // buckets of a power of two
constexpr int kFineBits = 6;                          // 2^6 of them
constexpr int64_t kLongest = (int64_t{1} << 24) - 1;  // seconds: 194 days

// How many are in the bucket at `index`, and how far below `duration` the bucket reaches, as a share.
double ShareBelow(uint32_t bucket, absl::Duration duration) {
  const absl::Duration start = BucketStart(bucket), width = BucketStart(bucket + 1) - start;
  return std::clamp(absl::FDivDuration(duration - start, width), 0.0, 1.0);
}

void AddToBucket(v1::Histogram& histogram, uint32_t bucket, int64_t times) {
  auto& buckets = *histogram.mutable_buckets();
  auto& counts = *histogram.mutable_counts();
  const auto found = std::lower_bound(buckets.begin(), buckets.end(), bucket);
  const auto at = static_cast<int>(found - buckets.begin());
  if (found == buckets.end() || *found != bucket) {
    buckets.Add(bucket);
    counts.Add(0);
    std::rotate(buckets.begin() + at, buckets.end() - 1, buckets.end());
    std::rotate(counts.begin() + at, counts.end() - 1, counts.end());
  }
  counts[at] += times;
  if (counts[at] != 0) return;
  buckets.erase(buckets.begin() + at);
  counts.erase(counts.begin() + at);
}

}  // namespace

uint32_t BucketOf(absl::Duration duration) {
  const auto seconds = static_cast<uint32_t>(std::clamp(absl::ToInt64Seconds(duration), int64_t{0}, kLongest));
  if (seconds < kFine) return seconds;
  const int power = std::bit_width(seconds) - 1;  // 6 and more
  return static_cast<uint32_t>(power - kFineBits + 1) * kFine + ((seconds >> (power - kFineBits)) & (kFine - 1));
}

absl::Duration BucketStart(uint32_t bucket) {
  if (bucket < kFine) return absl::Seconds(bucket);
  const uint32_t shift = bucket / kFine - 1;
  return absl::Seconds(int64_t{kFine + bucket % kFine} << shift);
}

void AddDuration(v1::Histogram& histogram, absl::Duration duration, int64_t times) {
  AddToBucket(histogram, BucketOf(duration), times);
}

void AddHistogram(v1::Histogram& sum, const v1::Histogram& more, int64_t times) {
  for (int i = 0; i < more.buckets_size(); ++i) AddToBucket(sum, more.buckets(i), more.counts(i) * times);
}

int64_t CountOf(const v1::Histogram& histogram) {
  return std::accumulate(histogram.counts().begin(), histogram.counts().end(), int64_t{0});
}

absl::Duration QuantileOf(const v1::Histogram& histogram, double share) {
  double left = share * static_cast<double>(CountOf(histogram));
  for (int i = 0; i < histogram.buckets_size(); ++i) {
    const auto count = static_cast<double>(histogram.counts(i));
    if (left > count && i + 1 < histogram.buckets_size()) {
      left -= count;
      continue;
    }
    const absl::Duration start = BucketStart(histogram.buckets(i));
    const absl::Duration width = BucketStart(histogram.buckets(i) + 1) - start;
    return start + width * std::clamp(left / count, 0.0, 1.0);
  }
  return absl::ZeroDuration();
}

double ShareLonger(const v1::Histogram& histogram, absl::Duration than) {
  double longer = 0, all = 0;
  for (int i = 0; i < histogram.buckets_size(); ++i) {
    const auto count = static_cast<double>(histogram.counts(i));
    all += count;
    longer += count * (1 - ShareBelow(histogram.buckets(i), than));
  }
  return all > 0 ? longer / all : 0;
}

v1::Durations DurationsOf(const v1::Histogram& histogram) {
  v1::Durations durations;
  durations.set_count(CountOf(histogram));
  const auto at = [&](double share) { return absl::ToInt64Seconds(QuantileOf(histogram, share)); };
  durations.set_p10_seconds(at(0.1));
  durations.set_p50_seconds(at(0.5));
  durations.set_p90_seconds(at(0.9));
  durations.set_p99_seconds(at(0.99));
  return durations;
}

}  // namespace throughline::supplier
