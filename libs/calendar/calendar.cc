#include "libs/calendar/calendar.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace throughline::calendar {
namespace {

constexpr int kDay = 24 * 60;
// Before and after these, dates of rules are typing errors, and the arithmetic of days needs no care in between.
constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2200;
// After so many years, every combination of weekday and leap year has occurred.
constexpr int kCycle = 28;

absl::Status Wrong(const CalendarRules& rules, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("calendar `", rules.name, "`: ", what));
}

std::string Clock(int minute) {
  return absl::StrCat(absl::Dec(minute / 60 % 24, absl::kZeroPad2), ":", absl::Dec(minute % 60, absl::kZeroPad2));
}
std::string Shown(const Period& period) {
  const bool midnight = period.until == kDay;
  return absl::StrCat(Clock(period.from), "-", midnight ? "24:00" : Clock(period.until));
}

// Sorts them. Empty: they are fine. `day` is for the message.
std::string ProblemOf(std::vector<Period>& periods, absl::string_view day) {
  std::sort(periods.begin(), periods.end(), [](const Period& a, const Period& b) { return a.from < b.from; });
  for (size_t i = 0; i < periods.size(); ++i) {
    const Period& period = periods[i];
    if (period.from < 0 || period.from >= kDay || period.until <= period.from || period.until > period.from + kDay) {
      return absl::StrCat(day, ": the period from minute ", period.from, " until minute ", period.until, " cannot be");
    }
    if (i > 0 && period.from < periods[i - 1].until) {
      return absl::StrCat(day, ": ", Shown(periods[i - 1]), " and ", Shown(period), " overlap");
    }
  }
  return "";
}

std::string Name(int weekday) {
  static constexpr const char* kNames[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                           "Friday", "Saturday", "Sunday"};
  return kNames[weekday];
}

// A period that ends on the next day may not overlap one of that day.
std::string OverlapsNextDay(const std::vector<Period> (&week)[7], int weekday) {
  const auto& today = week[weekday];
  const auto& next = week[(weekday + 1) % 7];
  if (today.empty() || next.empty() || today.back().until - kDay <= next.front().from) return "";
  return absl::StrCat(Shown(today.back()), " of ", Name(weekday), " and ", Shown(next.front()), " of ",
                      Name((weekday + 1) % 7), " overlap");
}

}  // namespace

absl::StatusOr<Calendar> Calendar::Make(CalendarRules rules) {
  for (int day = 0; day < 7; ++day) {
    if (std::string problem = ProblemOf(rules.week[day], Name(day)); !problem.empty()) return Wrong(rules, problem);
  }
  for (int day = 0; day < 7; ++day) {
    if (std::string problem = OverlapsNextDay(rules.week, day); !problem.empty()) return Wrong(rules, problem);
  }
  for (auto& [date, rule] : rules.every_year) {
    const auto [month, day] = date;
    const std::string shown = absl::StrCat(absl::Dec(month, absl::kZeroPad2), "-", absl::Dec(day, absl::kZeroPad2));
    const absl::CivilDay in_leap_year(2000, month, day);
    if (in_leap_year.month() != month || in_leap_year.day() != day) {
      return Wrong(rules, absl::StrCat(shown, " is in no year"));
    }
    if (std::string problem = ProblemOf(rule.periods, shown); !problem.empty()) return Wrong(rules, problem);
  }
  for (auto& [date, rule] : rules.once) {
    const std::string shown = absl::FormatCivilTime(date);
    if (date.year() < kFirstYear || date.year() > kLastYear) {
      return Wrong(rules, absl::StrCat(shown, " is not in the years ", kFirstYear, " to ", kLastYear));
    }
    if (std::string problem = ProblemOf(rule.periods, shown); !problem.empty()) return Wrong(rules, problem);
  }
  Calendar calendar(std::move(rules));
  if (absl::Status status = calendar.CheckClosings(); !status.ok()) return status;
  return calendar;
}

Calendar Calendar::Always() {
  CalendarRules rules;
  rules.name = "always";
  for (auto& day : rules.week) day = {{0, kDay}};
  return Calendar(std::move(rules));
}

absl::Status Calendar::CheckClosings() const {
  const int64_t first = rules_.once.empty() ? 2000 : rules_.once.begin()->first.year() - 1;
  const int64_t last = rules_.once.empty() ? 2000 : rules_.once.rbegin()->first.year() + 1;
  int closed = 0;
  for (absl::CivilDay day(first); day < absl::CivilDay(last + kCycle + 1); ++day) {
    closed = PeriodsOf(day).empty() ? closed + 1 : 0;
    if (closed > kLongestClosing) {
      return Wrong(rules_, absl::StrCat("it is not open on any day from ", absl::FormatCivilTime(day - closed + 1),
                                        " to ", absl::FormatCivilTime(day), ": it may be closed for ", kLongestClosing,
                                        " days at most"));
    }
  }
  return absl::OkStatus();
}

std::vector<Period> Calendar::PeriodsOf(absl::CivilDay day) const {
  const auto& ordinary = rules_.week[static_cast<int>(absl::GetWeekday(day))];
  const DayRule* rule = nullptr;
  if (const auto found = rules_.once.find(day); found != rules_.once.end()) {
    rule = &found->second;
  } else if (const auto yearly = rules_.every_year.find({day.month(), day.day()}); yearly != rules_.every_year.end()) {
    rule = &yearly->second;
  }
  if (rule == nullptr) return ordinary;
  if (rule->kind == DayRule::kOpened) return rule->periods;
  std::vector<Period> kept;
  if (rule->kind == DayRule::kHoliday) return kept;
  for (const Period& period : ordinary) {
    const Period part{std::max(period.from, rule->kept.from), std::min(period.until, rule->kept.until)};
    if (part.from < part.until) kept.push_back(part);
  }
  return kept;
}

// A time that the clocks show twice counts as the first of the two; for one that they skip, FromCivil returns the
// moment at which they do.
std::vector<Calendar::Interval> Calendar::IntervalsOf(absl::CivilDay day) const {
  std::vector<Interval> intervals;
  if (absl::FromCivil(day, rules_.zone) == absl::FromCivil(day + 1, rules_.zone)) return intervals;  // no such date
  const absl::CivilMinute midnight(day);
  for (const Period& period : PeriodsOf(day)) {
    const Interval interval{absl::FromCivil(absl::CivilSecond(midnight + period.from), rules_.zone),
                            absl::FromCivil(absl::CivilSecond(midnight + period.until), rules_.zone)};
    if (interval.from < interval.until) intervals.push_back(interval);
  }
  return intervals;
}

template <typename Use>
void Calendar::ForEachOpen(absl::Time time, const Use& use) const {
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) return;
  const absl::Time furthest = time + kFurthest;
  absl::Time seen = time;
  // A period lasts a day at most; one more, because some zones have skipped a date.
  absl::CivilDay day = DateOf(time) - 2;
  for (const absl::CivilDay last = day + kFurthestDays + 4; day < last; ++day) {
    for (Interval open : IntervalsOf(day)) {
      open.from = std::max(open.from, seen);
      if (open.from >= open.until) continue;
      if (open.from > furthest) return;
      seen = open.until;
      if (!use(open.from, open.until)) return;
    }
  }
}

bool Calendar::IsOpen(absl::Time time) const { return time != absl::InfiniteFuture() && NextOpening(time) == time; }

absl::Time Calendar::NextOpening(absl::Time time) const {
  absl::Time opening = absl::InfiniteFuture();
  ForEachOpen(time, [&](absl::Time from, absl::Time) {
    opening = from;
    return false;
  });
  return opening;
}

absl::Time Calendar::NextBeginning(absl::Time time) const {
  absl::Time beginning = absl::InfiniteFuture();
  ForEachOpen(time, [&](absl::Time from, absl::Time) {
    if (from <= time) return true;  // it is open now
    beginning = from;
    return false;
  });
  return beginning;
}

absl::Duration Calendar::OpenTime(absl::Time from, absl::Time until) const {
  absl::Duration sum;
  ForEachOpen(from, [&](absl::Time begin, absl::Time end) {
    if (begin < until) sum += std::min(end, until) - begin;
    return end < until;
  });
  return sum;
}

absl::Time Calendar::AddOpenTime(absl::Time from, absl::Duration amount) const {
  if (amount <= absl::ZeroDuration()) return from;
  absl::Time result = absl::InfiniteFuture();
  absl::Duration left = amount;
  ForEachOpen(from, [&](absl::Time begin, absl::Time end) {
    if (left <= end - begin) {
      result = begin + left;
      return false;
    }
    left -= end - begin;
    return true;
  });
  return result;
}

std::optional<absl::Time> Calendar::EndOfDay(absl::CivilDay day) const {
  const auto intervals = IntervalsOf(day);
  if (intervals.empty()) return std::nullopt;
  return intervals.back().until;
}

std::optional<absl::CivilDay> Calendar::NextBusinessDay(absl::CivilDay day) const {
  const absl::CivilDay last = day + kFurthestDays;
  while (++day <= last) {
    if (IsBusinessDay(day)) return day;
  }
  return std::nullopt;
}

absl::Time Calendar::EndOfBusinessDay(absl::Time from, int count) const {
  if (from == absl::InfiniteFuture() || from == absl::InfinitePast()) return absl::InfiniteFuture();
  absl::CivilDay day = DateOf(from);
  const absl::CivilDay last = day + kFurthestDays;
  for (int left = std::max(count, 1); left > 0; --left) {
    const auto next = NextBusinessDay(day);
    if (!next || *next > last) return absl::InfiniteFuture();
    day = *next;
  }
  return *EndOfDay(day);
}

}  // namespace throughline::calendar
