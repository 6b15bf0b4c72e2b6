#include "services/ownership/silence.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "libs/service/due.h"

namespace throughline::ownership {
namespace {

using calendar::Calendar;
using calendar::Due;

constexpr int kMostDays = 366;

// The longer one without the shorter one's time; zero if it is not longer. Both are of one kind.
Due Without(Due longer, const Due& shorter) {
  longer.days = std::max(0, longer.days - shorter.days);
  longer.amount = std::max(absl::ZeroDuration(), longer.amount - shorter.amount);
  return longer;
}

// Also in days of 24 hours, as `7d`.
bool ParsePeriod(absl::string_view text, absl::Duration& period) {
  int days = 0;
  if (absl::ParseDuration(text, &period)) return true;
  if (!absl::ConsumeSuffix(&text, "d") || !absl::SimpleAtoi(text, &days) || days < 0) return false;
  period = absl::Hours(24) * days;
  return true;
}

bool IsNothing(const Due& due) { return due.days == 0 && due.amount == absl::ZeroDuration(); }

}  // namespace

absl::StatusOr<std::optional<Due>> ReadSilence(const std::string& text, absl::Duration least) {
  absl::Duration period;
  Due due;
  if (ParsePeriod(text, period)) {
    if (period == absl::ZeroDuration() && least == period) return std::optional<Due>();
    due = calendar::Elapsed(period);
  } else {
    auto words = calendar::ParseDue(text);
    const bool is_span = words.ok() && (words->kind == Due::kBusinessDays || words->kind == Due::kBusinessTime ||
                                        words->kind == Due::kElapsed);
    if (!is_span) {
      return absl::InvalidArgumentError(absl::StrCat(
          "is no period: write one as `168h`, or by the calendar, as `5 business days` or `40 business hours`"));
    }
    due = *words;
  }
  const bool too_short = due.days == 0 && due.amount < least;
  if (too_short || due.amount > kLongestSilence || due.days > kMostDays) {
    return absl::InvalidArgumentError(
        absl::StrCat("is not from ", absl::FormatDuration(least), " to ", absl::FormatDuration(kLongestSilence)));
  }
  return due;
}

absl::Status CheckSilence(const SilenceRules& rules, const calendar::Calendars& calendars) {
  if (calendars.Find(rules.calendar) == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", rules.calendar, "` ", service::NoSuchCalendar(calendars).message()));
  }
  if (!rules.closes_after || rules.announced_before.kind == Due::kElapsed) return absl::OkStatus();
  if (rules.announced_before.kind == rules.closes_after->kind) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "the announcement counts by the calendar otherwise than the closing: give both as business days, both as "
      "business "
      "hours, or the announcement as a period, for instance `24h`");
}

absl::StatusOr<Silence> SilenceFrom(absl::Time now, const SilenceRules& rules, const calendar::Calendars& calendars,
                                    const std::string& named, const std::string& of_customer) {
  const Calendar* by = calendars.Find(named);
  if (by == nullptr) return service::NoSuchCalendar(calendars);
  if (named.empty()) {
    by = calendars.Find(rules.calendar);
    if (const Calendar* known = calendars.Find(of_customer); known != nullptr && !of_customer.empty()) by = known;
    if (by == nullptr) by = calendars.Find("");
  }
  Silence silence;
  if (!rules.closes_after) return silence;
  const auto closes_at = calendar::Resolve(*rules.closes_after, *by, now);
  if (!closes_at.ok()) return silence;  // more than kFurthest away
  silence.closes_at = *closes_at;
  if (rules.closes_after->kind != Due::kElapsed) silence.calendar = by->name();
  silence.announce_at = now;
  if (rules.announced_before.kind == Due::kElapsed) {
    silence.announce_at = std::max(now, *closes_at - rules.announced_before.amount);
  } else if (const Due until = Without(*rules.closes_after, rules.announced_before); !IsNothing(until)) {
    silence.announce_at = calendar::Resolve(until, *by, now).value_or(now);
  }
  return silence;
}

}  // namespace throughline::ownership
