#pragma once

// The numbers of scorecards. Pure functions; any thread.

#include <compare>
#include <map>
#include <string>

#include "throughline/supplier/v1/history_rows.pb.h"
#include "throughline/supplier/v1/scorecard.pb.h"

namespace throughline::supplier {

// Names a row of kScorecards.
struct ScorecardKey {
  v1::ScorecardSubject subject = v1::SCORECARD_SUBJECT_CARRIER;
  std::string value;
  int64_t day = 0;

  auto operator<=>(const ScorecardKey&) const = default;
};

// What is to be added to which row.
using ScorecardChanges = std::map<ScorecardKey, v1::ScorecardRow>;

// `<carrier>/<origin>/<destination>`, with `-` for what is empty.
std::string LaneName(const std::string& carrier, const std::string& origin, const std::string& destination);

// What the shipment of the carrier adds, `times` times; -1 takes out what it added before. Nothing without `reports`. A
// carrier has its shipments at once; a lane and vendors once they are over.
void AddShare(const std::string& carrier, const v1::ShipmentShareRow& share, int64_t times, ScorecardChanges& changes);
// The same for an order and its vendors.
void AddShare(const v1::OrderShareRow& share, int64_t times, ScorecardChanges& changes);

void AddTo(v1::ScorecardRow& sum, const v1::ScorecardRow& more, int64_t times = 1);
v1::ScorecardNumbers NumbersOf(const v1::ScorecardRow& row);

}  // namespace throughline::supplier
