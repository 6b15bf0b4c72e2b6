#include "libs/calendar/due.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/calendar/rfc3339.h"
#include "libs/calendar/zone.h"

namespace throughline::calendar {
namespace {

constexpr int kMostUnits = 100'000;
constexpr size_t kMostShown = 64;  // bytes of the words in an error

absl::Status NotDue(absl::string_view words, absl::string_view instead) {
  return absl::InvalidArgumentError(
      absl::StrCat("`", words.substr(0, kMostShown), words.size() > kMostShown ? "..." : "", "` ", instead));
}

absl::Status NotUnderstood(absl::string_view words) {
  return NotDue(words,
                "is no due time: write `2 business days`, `4 business hours`, `3 hours`, a date as 2026-11-24 or "
                "2026-11-24@Europe/Berlin, or a time as 2026-11-24T18:00:00+01:00, with the offset and its colon");
}

// `hours` and `hour` are one unit.
bool Means(absl::string_view word, absl::string_view unit) {
  return word == unit || word == absl::string_view(unit.data(), unit.size() - 1);
}

// A number and a unit, of time as it passes.
absl::StatusOr<Due> ParseElapsed(absl::string_view words, int number, absl::string_view unit) {
  Due due;
  due.kind = Due::kElapsed;
  if (Means(unit, "hours")) {
    due.amount = absl::Hours(number);
  } else if (Means(unit, "minutes")) {
    due.amount = absl::Minutes(number);
  } else if (Means(unit, "days")) {
    return NotDue(words, absl::StrCat("can mean two things: write `", number, " business days` or `",
                                      int64_t{24} * number, " hours`"));
  } else {
    return NotUnderstood(words);
  }
  return due;
}

absl::StatusOr<Due> ParseBusiness(absl::string_view words, int number, absl::string_view unit) {
  Due due;
  due.kind = Due::kBusinessTime;
  if (Means(unit, "hours")) {
    due.amount = absl::Hours(number);
  } else if (Means(unit, "minutes")) {
    due.amount = absl::Minutes(number);
  } else if (Means(unit, "days")) {
    due.kind = Due::kBusinessDays;
    due.days = number;
  } else {
    return NotUnderstood(words);
  }
  return due;
}

absl::StatusOr<Due> ParseAmount(absl::string_view words) {
  const std::string lower = absl::AsciiStrToLower(words);
  const std::vector<absl::string_view> parts = absl::StrSplit(lower, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (parts.size() < 2 || parts.size() > 3) return NotUnderstood(words);
  if (parts[0].find_first_not_of("0123456789") != absl::string_view::npos) return NotUnderstood(words);
  int number = 0;
  if (!absl::SimpleAtoi(parts[0], &number) || number < 1 || number > kMostUnits) {
    return NotDue(words, absl::StrCat("needs a number from 1 to ", kMostUnits));
  }
  if (parts.size() == 2) return ParseElapsed(words, number, parts[1]);
  if (parts[1] != "business" && parts[1] != "working") return NotUnderstood(words);
  return ParseBusiness(words, number, parts[2]);
}

// As it is written in full: absl also takes `2026-1-2`.
bool ParseDate(absl::string_view text, absl::CivilDay& day) {
  return text.size() == 10 && absl::ParseCivilTime(text, &day) && absl::FormatCivilTime(day) == text;
}

}  // namespace

Due Elapsed(absl::Duration amount) {
  Due due;
  due.kind = Due::kElapsed;
  due.amount = amount;
  return due;
}

absl::StatusOr<Due> ParseDue(std::string_view given) {
  const absl::string_view words = absl::StripAsciiWhitespace(absl::string_view(given.data(), given.size()));
  Due due;
  const size_t at = words.find('@');
  if (ParseDate(words.substr(0, at), due.day)) {
    due.kind = Due::kBusinessDay;
    if (at == absl::string_view::npos) return due;
    due.kind = Due::kDayInZone;
    const auto zone = FindZone(std::string(words.substr(at + 1)));
    if (!zone)
      return NotDue(words, "names no time zone that this machine knows: write it as 2026-11-24@America/New_York");
    due.zone = *zone;
    return due;
  }
  if (const auto time = ParseRfc3339(given)) {
    due.time = *time;
    return due;
  }
  return ParseAmount(words);
}

absl::StatusOr<absl::Time> Resolve(const Due& due, const Calendar& calendar, absl::Time now) {
  absl::Time time = due.time;
  switch (due.kind) {
    case Due::kBusinessDays:
      time = calendar.EndOfBusinessDay(now, due.days);
      break;
    case Due::kBusinessTime:
      time = calendar.AddOpenTime(now, due.amount);
      break;
    case Due::kElapsed:
      time = now + due.amount;
      break;
    case Due::kBusinessDay: {
      const auto end = calendar.EndOfDay(due.day);
      if (!end) {
        const auto next = calendar.NextBusinessDay(due.day);
        return absl::InvalidArgumentError(
            absl::StrCat(absl::FormatCivilTime(due.day), " is not a business day of the calendar `", calendar.name(),
                         "`", next ? absl::StrCat(": the next one is ", absl::FormatCivilTime(*next)) : ""));
      }
      time = *end;
      break;
    }
    case Due::kDayInZone:
      time = absl::FromCivil(due.day + 1, due.zone);
      break;
    case Due::kTime:
      break;
  }
  if (time > now + kFurthest) return absl::InvalidArgumentError("is too far ahead: give an earlier time");
  return time;
}

}  // namespace throughline::calendar
