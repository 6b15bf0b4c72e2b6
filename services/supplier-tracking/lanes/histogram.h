#pragma once

// How often something took how long: counts in fixed buckets. Sums of histograms do not depend on the order of the
// terms, and a term can be taken out again, so rows of them are the same after a replay and in every order of the
// topics. Integers only: all machines agree.
//
// A bucket is one second wide below 64 seconds; above that, 64 buckets make each power of two, so that a quantile is
// accurate to 2 %. Nothing is longer than 194 days; a histogram has at most 1,216 buckets.
//
// Pure functions; any thread.

#include <cstdint>

#include "absl/time/time.h"

#include "throughline/supplier/v1/durations.pb.h"
#include "throughline/supplier/v1/history_rows.pb.h"

namespace throughline::supplier {

uint32_t BucketOf(absl::Duration duration);
// Where it begins.
absl::Duration BucketStart(uint32_t bucket);

// `times` below zero takes out what was added before.
void AddDuration(v1::Histogram& histogram, absl::Duration duration, int64_t times = 1);
void AddHistogram(v1::Histogram& sum, const v1::Histogram& more, int64_t times = 1);

int64_t CountOf(const v1::Histogram& histogram);

// The duration that this share (0 to 1) of them do not exceed; within a bucket, they count as spread evenly. Zero of an
// empty histogram.
absl::Duration QuantileOf(const v1::Histogram& histogram, double share);
// The share of them (0 to 1) that are longer. 0 of an empty histogram.
double ShareLonger(const v1::Histogram& histogram, absl::Duration than);

v1::Durations DurationsOf(const v1::Histogram& histogram);

}  // namespace throughline::supplier
