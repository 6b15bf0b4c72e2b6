#pragma once

// Pages of reports, from the tables of report_tables.h. Any thread; a long report takes a while, so not gRPC's.

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/store/key_value.h"
#include "throughline/ownership/v1/report.pb.h"

namespace throughline::ownership {

// The days that a report is about, since 1970-01-01 in UTC.
struct ReportDays {
  int64_t from = 0;
  int64_t to = 0;
};
// INVALID_ARGUMENT: one is not a day, or the last is before the first, or there are more than 3,660.
absl::StatusOr<ReportDays> DaysOf(const v1::GetReportRequest& request, absl::Time now);

// What the raw keys of a page begin with.
std::string ReportPrefix(const v1::GetReportRequest& request);

// The rows after the raw key `after` (of kNumbers; empty: from the first), and the next page's token.
v1::GetReportResponse ReportPage(const store::KeyValue& reader, const v1::GetReportRequest& request,
                                 const ReportDays& days, const std::string& question, const std::string& after);

}  // namespace throughline::ownership
