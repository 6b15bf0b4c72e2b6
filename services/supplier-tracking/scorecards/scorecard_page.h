#pragma once

// Pages of scorecards. Any thread.

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/store/key_value.h"
#include "throughline/supplier/v1/scorecard.pb.h"

namespace throughline::supplier {

// One page; reads a row for each of the days. INVALID_ARGUMENT: a day that is none, the last before the first, more
// than 3,660 days, or a page token of another query.
absl::StatusOr<v1::GetScorecardsResponse> GetScorecards(const store::KeyValue& reader,
                                                        const v1::GetScorecardsRequest& request, absl::Time now);

}  // namespace throughline::supplier
