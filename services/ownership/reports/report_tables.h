#pragma once

// The tables of reports. Their rows are the same in whatever order the topics are folded.

#include <string>

#include "libs/store/table.h"
#include "throughline/ownership/v1/report.pb.h"
#include "throughline/ownership/v1/report_rows.pb.h"

namespace throughline::ownership {

// Dimension (v1::ReportDimension; none for TEAM), what of it, day since 1970-01-01 in UTC -> the numbers.
using NumbersTable = store::Table<v1::ReportNumbers, int64_t, std::string, int64_t>;
inline constexpr NumbersTable kNumbers{70};
// The same key, and a customer of a case that was opened then. Empty values.
using ReportCustomersTable = store::Table<std::string, int64_t, std::string, int64_t, std::string>;
inline constexpr ReportCustomersTable kReportCustomers{71};
// Case -> what its numbers depend on. From the ownership topic.
inline constexpr store::Table<v1::CaseFactsRow, std::string> kCaseFacts{72};
// Of cases about an order: case -> the days on which it has numbers; case, day -> these.
inline constexpr store::Table<v1::CaseDaysRow, std::string> kCaseDays{73};
inline constexpr store::Table<v1::ReportNumbers, std::string, int64_t> kCaseNumbers{74};
// Order -> its vendors and carriers, from supplier-tracking's topic; and the cases about it.
inline constexpr store::Table<v1::OrderPartiesRow, std::string> kOrderParties{75};
// Person -> their teams, by day. From the ownership topic.
inline constexpr store::Table<v1::TeamsRow, std::string> kTeamsByDay{76};

}  // namespace throughline::ownership
