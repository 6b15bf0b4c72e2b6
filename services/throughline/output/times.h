#pragma once

// Parses and shows times and periods. Accepted: RFC 3339 with an offset, `now`, or relative to now: `+90m`, `+2h`,
// `+3d`,
// `+1d12h`, `-15m`. Shown: in the local zone (TZ), with its offset.
//
// Pure functions, except for the local zone; safe from any thread.

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

#include "throughline/supplier/v1/tracking.pb.h"

namespace throughline::tool {

// INVALID_ARGUMENT: says what to write instead.
absl::StatusOr<absl::Time> ParseTime(std::string_view text, absl::Time now);
// Whether the text is relative to now: `now`, `+2h`.
bool CountsFromNow(std::string_view text);
// `250ms`, `10s`, `90m`, `2h`, `3d`, `1w`, and sums of them; more than zero.
absl::StatusOr<absl::Duration> ParsePeriod(std::string_view text);
// `2026-11-24`, `2026-11-24@Europe/Berlin` (a date, in that zone), or what ParseTime takes.
absl::StatusOr<supplier::v1::Eta> ParseEta(std::string_view text, absl::Time now);

// `Tue 24 Nov 18:00 +01:00`; with the year if it is not the current one. Empty if there is no time.
std::string ShowTime(absl::Time time, absl::Time now);
std::string ShowTime(const google::protobuf::Timestamp& time, absl::Time now);
// `Tue 24 Nov, Europe/Berlin +01:00`, with the year if it is not the current one; and `18:00:05`, for entries below
// that heading.
std::string ShowDay(absl::Time time, absl::Time now);
std::string ShowClockOfDay(absl::Time time);
// `18:00:05+01:00`, for use without a heading.
std::string ShowClock(absl::Time time);
// `in 2 h`, `3 d ago`, `now`.
std::string ShowFromNow(absl::Time time, absl::Time now);
// `2 h`, `3 d`, `45 s`: rounded down.
std::string ShowPeriod(absl::Duration period);
// Minutes of the local zone east of UTC at that time.
int OffsetMinutes(absl::Time time);
// The text, with the times in it (`2026-11-24 17:00 UTC`) as ShowTime shows them. A time in another zone
// (`2026-11-24 12:00 America/New_York`) keeps its zone, a date stays a date; a date between quotes is somebody's word.
std::string ShowTimesIn(std::string_view text, absl::Time now);
// A date stays a date: `Tue 24 Nov`, `Tue 24 Nov Europe/Berlin`.
std::string ShowEta(const supplier::v1::Eta& eta, absl::Time now);

}  // namespace throughline::tool
