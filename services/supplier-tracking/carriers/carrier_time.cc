#include "services/supplier-tracking/carriers/carrier_time.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "libs/runtime/domain/time.h"
#include "libs/server/checks/utf8.h"
#include "services/supplier-tracking/carriers/place_zone.h"

namespace throughline::supplier {
namespace {

constexpr int kMaxOffsetMinutes = 18 * 60;
constexpr size_t kMaxCarrierText = 128;

// `text` as a number; none unless all of it is digits.
std::optional<int> Digits(std::string_view text, size_t min, size_t max) {
  if (text.size() < min || text.size() > max) return std::nullopt;
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return std::nullopt;
  }
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<absl::CivilDay> Day(std::optional<int> year, std::optional<int> month, std::optional<int> day) {
  if (!year || !month || !day || *year < 2000 || *year > 2099) return std::nullopt;
  const absl::CivilDay civil(*year, *month, *day);
  // CivilDay normalises: the 30th of February would become a day of March.
  if (civil.year() != *year || civil.month() != *month || civil.day() != *day) return std::nullopt;
  return civil;
}

std::optional<absl::CivilSecond> Second(std::optional<absl::CivilDay> day, std::optional<int> hour,
                                        std::optional<int> minute, std::optional<int> second) {
  if (!day || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return absl::CivilSecond(day->year(), day->month(), day->day(), *hour, *minute, *second);
}

// The offset between local time and GMT, in quarters of an hour, as all offsets are. Carriers' two times can differ by
// a little more or less.
std::optional<int> OffsetOfPair(absl::CivilSecond local, absl::CivilSecond gmt) {
  const int64_t seconds = local - gmt;
  const int64_t quarters = (seconds + (seconds < 0 ? -450 : 450)) / 900;
  if (std::llabs(seconds - quarters * 900) > 120) return std::nullopt;
  if (quarters < -12 * 4 || quarters > 14 * 4) return std::nullopt;  // no clock on Earth: one of the dates is wrong
  return static_cast<int>(quarters * 15);
}

// The offset, in minutes, of local time from an instant. Not that of the zone at the instant: in the hour that a clock
// change skips, the instant lies behind the change.
int MinutesBetween(absl::CivilSecond local, absl::Time instant) {
  return static_cast<int>(absl::ToInt64Minutes(absl::FromCivil(local, absl::UTCTimeZone()) - instant));
}

// Whether a place whose zone is certain never has that offset at that local time.
bool Refuted(const v1::Place& place, absl::CivilSecond local, int minutes) {
  const std::optional<PlaceZone> zone = ZoneOfPlace(place);
  if (!zone || !zone->sure) return false;
  // In the hour that a clock change repeats or skips, both offsets are possible.
  const absl::TimeZone::TimeInfo info = zone->zone.At(local);
  return minutes != MinutesBetween(local, info.pre) && minutes != MinutesBetween(local, info.post);
}

struct Offset {
  int minutes = 0;
  v1::OffsetSource source = v1::OFFSET_SOURCE_ASSUMED;
  bool uncertain = true;
};

Offset FindOffset(const TimeEvidence& evidence, absl::CivilSecond local, const v1::Place& place) {
  const std::optional<int> pair = evidence.gmt ? OffsetOfPair(local, *evidence.gmt) : std::nullopt;
  const bool pair_is_odd = evidence.gmt.has_value() && !pair;
  if (evidence.offset_minutes) {
    const bool contradicted =
        pair_is_odd || (pair && *pair != *evidence.offset_minutes) || Refuted(place, local, *evidence.offset_minutes);
    return {*evidence.offset_minutes,
            evidence.from_abbreviation ? v1::OFFSET_SOURCE_ABBREVIATION : v1::OFFSET_SOURCE_EXPLICIT, contradicted};
  }
  if (pair) {
    const bool contradicted =
        (evidence.gmt_offset_minutes && *evidence.gmt_offset_minutes != *pair) || Refuted(place, local, *pair);
    return {*pair, v1::OFFSET_SOURCE_GMT_PAIR, contradicted};
  }
  if (evidence.gmt_offset_minutes) {
    return {*evidence.gmt_offset_minutes, v1::OFFSET_SOURCE_GMT_PAIR,
            pair_is_odd || Refuted(place, local, *evidence.gmt_offset_minutes)};
  }
  if (const std::optional<PlaceZone> zone = ZoneOfPlace(place)) {
    const absl::TimeZone::TimeInfo info = zone->zone.At(local);
    const int minutes = MinutesBetween(local, info.pre);
    // In the hour that a clock change repeats or skips, both offsets are possible.
    const bool unique = info.kind == absl::TimeZone::TimeInfo::UNIQUE;
    return {minutes, v1::OFFSET_SOURCE_PLACE, !zone->sure || !unique || pair_is_odd};
  }
  return {};
}

// USPS writes the day of local time beside the clock of GMT, so that evenings in America are a day early. If local time
// and offset say so, the day of GMT is mended.
bool MendDayOfGmt(TimeEvidence& evidence) {
  const std::optional<int> offset = evidence.offset_minutes ? evidence.offset_minutes : evidence.gmt_offset_minutes;
  if (!evidence.local || !evidence.gmt || !offset) return false;
  const int64_t late = *evidence.local - int64_t{*offset} * 60 - *evidence.gmt;
  for (const int64_t day : {86400, -86400}) {
    if (std::llabs(late - day) > 120) continue;
    *evidence.gmt += day;
    return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<v1::CarrierTime> Resolve(std::string_view carrier_text, const TimeEvidence& evidence,
                                        const v1::Place& place) {
  v1::CarrierTime time;
  time.set_carrier_text(server::CleanUtf8(carrier_text, kMaxCarrierText));
  TimeEvidence known = evidence;
  if (!known.local && !known.day && known.gmt) {
    // Only GMT was given: take it as local time with an explicit offset of zero.
    known.local = known.gmt;
    known.offset_minutes = 0;
    known.from_abbreviation = false;
  }
  if (!known.local && !known.day) return absl::InvalidArgumentError("has neither a date nor a time");
  const int64_t year = known.local ? known.local->year() : known.day->year();
  if (year < 2000 || year > 2099) return absl::InvalidArgumentError("is not between the years 2000 and 2099");
  if (!known.local) {
    time.set_local_time(FormatDay(*known.day));
    time.set_offset_source(v1::OFFSET_SOURCE_ASSUMED);
    time.set_uncertain(true);
    const absl::CivilSecond noon(known.day->year(), known.day->month(), known.day->day(), 12, 0, 0);
    *time.mutable_instant() = runtime::ToProto(absl::FromCivil(noon, absl::UTCTimeZone()));
    return time;
  }
  const bool only_gmt = !evidence.local && !evidence.day;
  const bool wrong_day = MendDayOfGmt(known);
  const Offset offset =
      only_gmt ? Offset{0, v1::OFFSET_SOURCE_EXPLICIT, false} : FindOffset(known, *known.local, place);
  time.set_local_time(absl::FormatCivilTime(*known.local));
  time.set_offset_minutes(offset.minutes);
  time.set_offset_source(offset.source);
  time.set_uncertain(offset.uncertain || wrong_day);
  const absl::CivilSecond instant = known.gmt ? *known.gmt : *known.local - int64_t{offset.minutes} * 60;
  *time.mutable_instant() = runtime::ToProto(absl::FromCivil(instant, absl::UTCTimeZone()));
  return time;
}

std::optional<int> ParseOffset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  const std::string_view rest = text.substr(1);
  const size_t separator = rest.find_first_of(":.");
  std::optional<int> hours, minutes = 0;
  if (separator != std::string_view::npos) {
    hours = Digits(rest.substr(0, separator), 1, 2);
    minutes = Digits(rest.substr(separator + 1), 2, 2);
  } else if (rest.size() <= 2) {
    hours = Digits(rest, 1, 2);
  } else {
    hours = Digits(rest.substr(0, rest.size() - 2), 2, 2);
    minutes = Digits(rest.substr(rest.size() - 2), 2, 2);
  }
  if (!hours || !minutes || *minutes > 59 || *hours * 60 + *minutes > kMaxOffsetMinutes) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

std::optional<int> ParseAbbreviation(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, int>, 17> kKnown = {{{"EST", -300},
                                                                               {"EDT", -240},
                                                                               {"CST", -360},
                                                                               {"CDT", -300},
                                                                               {"MST", -420},
                                                                               {"MDT", -360},
                                                                               {"PST", -480},
                                                                               {"PDT", -420},
                                                                               {"AKST", -540},
                                                                               {"AKDT", -480},
                                                                               {"HST", -600},
                                                                               {"AST", -240},
                                                                               {"ADT", -180},
                                                                               {"NST", -210},
                                                                               {"NDT", -150},
                                                                               {"UTC", 0},
                                                                               {"GMT", 0}}};
  for (const auto& [name, minutes] : kKnown) {
    if (text == name) return minutes;
  }
  return std::nullopt;
}

std::optional<absl::CivilDay> ParseCompactDay(std::string_view text) {
  if (text.size() != 8) return std::nullopt;
  return Day(Digits(text.substr(0, 4), 4, 4), Digits(text.substr(4, 2), 2, 2), Digits(text.substr(6, 2), 2, 2));
}

std::optional<absl::CivilDay> ParseDay(std::string_view text) {
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    return Day(Digits(text.substr(0, 4), 4, 4), Digits(text.substr(5, 2), 2, 2), Digits(text.substr(8, 2), 2, 2));
  }
  if (text.size() == 10 && text[2] == '.' && text[5] == '.') {
    return Day(Digits(text.substr(6, 4), 4, 4), Digits(text.substr(3, 2), 2, 2), Digits(text.substr(0, 2), 2, 2));
  }
  if (text.size() == 8) return ParseCompactDay(text);
  // `April 4, 2024`
  static constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                               "May",       "June",     "July",     "August",
                                                               "September", "October",  "November", "December"};
  for (size_t month = 0; month < kMonths.size(); ++month) {
    const std::string_view name = kMonths[month];
    if (text.substr(0, name.size()) != name || text.size() < name.size() + 7 || text[name.size()] != ' ') continue;
    const std::string_view rest = text.substr(name.size() + 1);
    const size_t comma = rest.find(", ");
    if (comma == std::string_view::npos) return std::nullopt;
    return Day(Digits(rest.substr(comma + 2), 4, 4), static_cast<int>(month) + 1, Digits(rest.substr(0, comma), 1, 2));
  }
  return std::nullopt;
}

std::optional<absl::CivilSecond> ParseClock(absl::CivilDay day, std::string_view text) {
  int afternoon = -1;
  for (const std::string_view half : {"am", "AM", "pm", "PM"}) {
    if (text.size() <= half.size() || text.substr(text.size() - half.size()) != half) continue;
    afternoon = half[0] == 'p' || half[0] == 'P';
    text.remove_suffix(half.size());
    if (text.back() == ' ') text.remove_suffix(1);
    break;
  }
  std::optional<int> hour, minute, second = 0;
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    if (text.size() != 4 && text.size() != 6) return std::nullopt;
    hour = Digits(text.substr(0, 2), 2, 2);
    minute = Digits(text.substr(2, 2), 2, 2);
    if (text.size() == 6) second = Digits(text.substr(4, 2), 2, 2);
  } else {
    hour = Digits(text.substr(0, colon), 1, 2);
    minute = Digits(text.substr(colon + 1, 2), 2, 2);
    if (text.size() > colon + 3) {
      second = text[colon + 3] == ':' ? Digits(text.substr(colon + 4), 2, 2) : std::nullopt;
    }
  }
  if (afternoon >= 0) {
    if (!hour || *hour < 1 || *hour > 12) return std::nullopt;
    hour = *hour % 12 + 12 * afternoon;
  }
  return Second(day, hour, minute, second);
}

std::optional<absl::CivilSecond> ParseCompact(std::string_view day, std::string_view time) {
  if (time.size() != 6) return std::nullopt;
  return Second(ParseCompactDay(day), Digits(time.substr(0, 2), 2, 2), Digits(time.substr(2, 2), 2, 2),
                Digits(time.substr(4, 2), 2, 2));
}

std::optional<IsoTime> ParseIso(std::string_view text) {
  IsoTime iso;
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto day =
      Day(Digits(text.substr(0, 4), 4, 4), Digits(text.substr(5, 2), 2, 2), Digits(text.substr(8, 2), 2, 2));
  if (!day) return std::nullopt;
  if (text.size() == 10) {
    iso.evidence.day = day;
    return iso;
  }
  if ((text[10] != 'T' && text[10] != ' ') || text.size() < 16 || text[13] != ':') return std::nullopt;
  const std::optional<int> hour = Digits(text.substr(11, 2), 2, 2), minute = Digits(text.substr(14, 2), 2, 2);
  std::optional<int> second = 0;
  text.remove_prefix(16);
  if (!text.empty() && text[0] == ':') {
    second = Digits(text.substr(1, 2), 2, 2);
    text.remove_prefix(std::min<size_t>(3, text.size()));
    if (text.size() > 1 && text[0] == '.') {
      size_t end = 1;
      while (end < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[end]))) ++end;
      if (end == 1) return std::nullopt;
      text.remove_prefix(end);
    }
  }
  iso.evidence.local = Second(day, hour, minute, second);
  if (!iso.evidence.local) return std::nullopt;
  if (!text.empty() && text[0] == ' ') text.remove_prefix(1);
  if (text.empty()) return iso;
  iso.zulu = text == "Z" || text == "z";
  iso.evidence.offset_minutes = ParseOffset(text);
  if (!iso.evidence.offset_minutes) {
    iso.evidence.offset_minutes = ParseAbbreviation(text);
    iso.evidence.from_abbreviation = true;
  }
  if (!iso.evidence.offset_minutes) return std::nullopt;
  return iso;
}

std::string FormatDay(absl::CivilDay day) { return absl::FormatCivilTime(day); }

}  // namespace throughline::supplier
