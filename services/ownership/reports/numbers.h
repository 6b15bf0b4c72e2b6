#pragma once

// What counts in a case's events, and for whom.
//
//   std::map<std::string, v1::ReportNumbers> by_rep;
//   CountForReports({event, time, about, moved}, facts, by_rep);   // keeps the facts, too
//   for (const auto& [rep, numbers] : by_rep) AddTo(total, numbers);
//
// Everything follows from the events of one stream, in their order, so it does not depend on how far other streams have
// been folded. Pure functions; any thread.

#include <map>
#include <string>

#include "absl/time/time.h"

#include "throughline/ownership/v1/commitment.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/ownership/v1/report.pb.h"
#include "throughline/ownership/v1/report_rows.pb.h"

namespace throughline::ownership {

struct EventToCount {
  const v1::OwnershipEvent& event;
  absl::Time time;                 // of its commit
  const v1::Commitment& about;     // the commitment that it is about, as it was made; empty: none
  bool moves_commitments = false;  // it comes with a merged case: what it makes was made there
};
void CountForReports(const EventToCount& counted, v1::CaseFactsRow& facts,
                     std::map<std::string, v1::ReportNumbers>& by_rep);

}  // namespace throughline::ownership
