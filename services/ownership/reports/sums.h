#pragma once

// Adds numbers up. Pure functions; any thread.

#include <cstdint>
#include <vector>

#include "absl/time/time.h"

#include "throughline/ownership/v1/report.pb.h"

namespace throughline::ownership {

// The limits of the histograms of durations, ascending.
const std::vector<int64_t>& DurationLimitsSeconds();
void AddDuration(absl::Duration duration, v1::DurationNumbers& numbers);

// Adds up. Lists of numbers are kept in the order of what they are about.
void AddTo(v1::ReportNumbers& sum, const v1::ReportNumbers& more);

}  // namespace throughline::ownership
