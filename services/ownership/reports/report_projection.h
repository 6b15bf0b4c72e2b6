#pragma once

// Keeps the tables of reports. After CaseHistory, which keeps the commitments that events are about.
//
// There is no order between topics. So a vendor or carrier of a case's order that becomes known after the case's
// numbers gets them then; and a person's team is looked up when a report is read, as it was at the end of each day.

#include "libs/runtime/fold/projection.h"

namespace throughline::ownership {

class Reports : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// The day of a time, since 1970-01-01 in UTC.
int64_t DayOf(absl::Time time);

}  // namespace throughline::ownership
