#pragma once

// A carrier's time: its text, the local time, the offset, the source of the offset, and the instant. A time without an
// offset is not silently taken as UTC: an assumed offset makes it uncertain.
//
//   TimeEvidence evidence;
//   evidence.local = ...;  evidence.offset_minutes = ParseOffset("-04.00");
//   absl::StatusOr<v1::CarrierTime> time = Resolve("20240423 091519 -04.00", evidence, place);
//
// The best evidence for the offset counts: an offset or abbreviation given with the time, a GMT pair, the place, and
// last the assumption that local time is UTC. If pieces of evidence contradict each other, the time is uncertain; so it
// is if the offset cannot be that of a place whose zone is certain. A moment given in GMT is the instant, to the
// second.
//
// Pure functions; any thread. Times are from 2000 to 2099, to the second.

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
  std::optional<absl::CivilDay> day;       // the local date, if there is no time
  std::optional<absl::CivilSecond> local;  // the local time
  std::optional<int> offset_minutes;       // east of UTC, as given with the time
  bool from_abbreviation = false;          // `offset_minutes` is what an abbreviation such as EST means
  std::optional<absl::CivilSecond> gmt;    // the same moment in GMT
  std::optional<int> gmt_offset_minutes;   // the difference to GMT, in a field of its own
};

// INVALID_ARGUMENT if there is neither a date nor a time, or if it is out of range. The text fits after a field's name.
absl::StatusOr<v1::CarrierTime> Resolve(std::string_view carrier_text, const TimeEvidence& evidence,
                                        const v1::Place& place);

// Minutes east of UTC, at most 18 hours, of `-04:00`, `-04.00`, `-0400`, `-04`, `-7:00`, `+5:30`, `Z`; else none.
std::optional<int> ParseOffset(std::string_view text);

// Minutes east of UTC of `EST`, `PDT` and the like. Only North American ones, UTC and GMT: others, such as `IST`, have
// several meanings.
std::optional<int> ParseAbbreviation(std::string_view text);

// `20240423`. None if it is not a day between 2000 and 2099.
std::optional<absl::CivilDay> ParseCompactDay(std::string_view text);

// The same, or `2024-04-23`, `23.04.2024`, `April 23, 2024`.
std::optional<absl::CivilDay> ParseDay(std::string_view text);

// `091519`, `0915`, `09:15:19`, `09:15`, `9:15 am`.
std::optional<absl::CivilSecond> ParseClock(absl::CivilDay day, std::string_view text);

// `20240423` and `091519`.
std::optional<absl::CivilSecond> ParseCompact(std::string_view day, std::string_view time);

// Parses ISO 8601: `2024-04-04`, `2024-04-04T07:03`, `2024-04-04T07:03:12.041-07:00`, and also
// `2024-04-04 07:03:12 EST`. Fractions of a second are cut off. Sets `day`, or `local` and, if given, `offset_minutes`.
struct IsoTime {
  TimeEvidence evidence;
  bool zulu = false;  // the offset was written as `Z`
};
std::optional<IsoTime> ParseIso(std::string_view text);

// `YYYY-MM-DD`.
std::string FormatDay(absl::CivilDay day);

inline bool IsMidnight(absl::CivilSecond time) { return time == absl::CivilSecond(absl::CivilDay(time)); }

}  // namespace throughline::supplier
