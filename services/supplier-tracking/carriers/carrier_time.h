#pragma once

// A carrier's moment as the carrier told it: its text, the local time, the offset, where the offset came from, and the
// instant. What had no offset is never called UTC; an offset that had to be assumed makes the time uncertain.
//
//   TimeEvidence evidence;
//   evidence.local = ...;  evidence.offset_minutes = ParseOffset("-04.00");
//   absl::StatusOr<v1::CarrierTime> time = Resolve("20240423 091519 -04.00", evidence, place);
//
// Where several pieces of evidence stand together the best counts: an explicit offset, a GMT pair, an abbreviation, the
// place, and at last the assumption that local time is UTC. If they contradict each other the time is uncertain.
//
// Pure functions; safe from any thread. Times are from 2000 to 2099, to the second.

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "throughline/supplier/v1/tracking.pb.h"

namespace throughline::supplier {

// What a carrier said about one moment.
struct TimeEvidence {
  std::optional<absl::CivilDay> day;       // the local date, if that is all there is
  std::optional<absl::CivilSecond> local;  // the local time
  std::optional<int> offset_minutes;       // east of UTC, as it stood with the time
  bool from_abbreviation = false;          // `offset_minutes` is what an abbreviation such as EST means
  std::optional<absl::CivilSecond> gmt;    // the same moment in GMT
  std::optional<int> gmt_offset_minutes;   // the difference to GMT, in a field beside the pair
};

// INVALID_ARGUMENT, in words that fit behind a field's name, if there is neither date nor time, or it is out of range.
absl::StatusOr<v1::CarrierTime> Resolve(std::string_view carrier_text, const TimeEvidence& evidence,
                                        const v1::Place& place);

// `-04:00`, `-04.00`, `-0400`, `-04`, `-7:00`, `+5:30`, `Z`: minutes east of UTC, at most 18 hours. Nothing else.
std::optional<int> ParseOffset(std::string_view text);

// `EST`, `PDT`, ... : minutes east of UTC. Only North America's and UTC; `IST` and the like have several meanings.
std::optional<int> ParseAbbreviation(std::string_view text);

// `20240423`. Nothing if that is no day between 2000 and 2099.
std::optional<absl::CivilDay> ParseCompactDay(std::string_view text);

// `20240423` and `091519`.
std::optional<absl::CivilSecond> ParseCompact(std::string_view day, std::string_view time);

// What an ISO 8601 text says: `2024-04-04`, `2024-04-04T07:03`, `2024-04-04T07:03:12.041-07:00`, `2024-04-04 07:03:12
// EST`. Fractions of a second are cut. Sets day, or local with offset_minutes if there is one.
struct IsoTime {
  TimeEvidence evidence;
  bool zulu = false;  // the offset was written as `Z`
};
std::optional<IsoTime> ParseIso(std::string_view text);

// `YYYY-MM-DD`.
std::string FormatDay(absl::CivilDay day);

}  // namespace throughline::supplier
