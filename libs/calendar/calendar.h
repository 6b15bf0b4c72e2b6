#pragma once

// A business calendar: when somebody works, in one time zone. It answers whether a moment is in working time, when
// working time begins again, and when so many hours or days of it have passed.
//
//   absl::StatusOr<Calendar> calendar = Calendar::Make(rules);         // usually from a file: calendars_file.h
//   calendar->AddOpenTime(now, absl::Hours(4));                        // 4 business hours from now
//   calendar->EndOfBusinessDay(now, 2);                                // the end of the 2nd business day after today
//
// README.md defines business day, period, holiday and what happens when the clocks change. Dates are those of the
// calendar's zone. Functions of times return InfiniteFuture if the answer is more than kFurthest away, so every search
// is bounded.
//
// Immutable; any thread.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace throughline::calendar {

inline constexpr int kFurthestDays = 50 * 366;
inline constexpr absl::Duration kFurthest = absl::Hours(24 * kFurthestDays);
inline constexpr int kLongestClosing = 100;  // days in a row; a calendar that is closed for longer is refused

// Minutes after the midnight at which its day begins. `until` is after `from`, and more than 24 hours if the period
// ends on the next day; at most a day long.
struct Period {
  int from = 0;
  int until = 0;
};

// How one date differs from the week.
struct DayRule {
  enum Kind {
    kHoliday,  // closed
    kHalfDay,  // the week's periods, as far as they lie within `kept`
    kOpened,   // these `periods`, whatever the week says
  };
  Kind kind = kHoliday;
  Period kept = {0, 2 * 24 * 60};
  std::vector<Period> periods = {};
};

struct CalendarRules {
  std::string name;
  absl::TimeZone zone = absl::UTCTimeZone();
  std::vector<Period> week[7];                        // from Monday, as absl::Weekday
  std::map<std::pair<int, int>, DayRule> every_year;  // by month and day
  std::map<absl::CivilDay, DayRule> once;             // by date; goes before `every_year`
};

class Calendar {
 public:
  // INVALID_ARGUMENT: two periods of the week or of one date overlap, a period or a date cannot be, or the calendar is
  // closed for more than kLongestClosing days; says which.
  static absl::StatusOr<Calendar> Make(CalendarRules rules);
  // Open at all times, in UTC.
  static Calendar Always();

  const std::string& name() const { return rules_.name; }
  absl::TimeZone zone() const { return rules_.zone; }

  bool IsOpen(absl::Time time) const;
  // `time` if it is open then, else when it opens next.
  absl::Time NextOpening(absl::Time time) const;
  // When a stretch of working time begins next, later than `time`.
  absl::Time NextBeginning(absl::Time time) const;
  // How long it is open from `from` until `until`. Zero if that is not later.
  absl::Duration OpenTime(absl::Time from, absl::Time until) const;
  // The earliest time with OpenTime(from, time) == amount; `from` if the amount is not positive.
  absl::Time AddOpenTime(absl::Time from, absl::Duration amount) const;

  // Whether working time begins on this date.
  bool IsBusinessDay(absl::CivilDay day) const { return EndOfDay(day).has_value(); }
  // The end of the last period that begins on this date. Absent: it is not a business day.
  std::optional<absl::Time> EndOfDay(absl::CivilDay day) const;
  // The first business day after this date. Absent: there is none within kFurthest.
  std::optional<absl::CivilDay> NextBusinessDay(absl::CivilDay day) const;
  // The end of the `count`th business day after the date on which `from` falls; `count` is at least 1.
  absl::Time EndOfBusinessDay(absl::Time from, int count) const;

 private:
  struct Interval {
    absl::Time from;
    absl::Time until;
  };

  explicit Calendar(CalendarRules rules) : rules_(std::move(rules)) {}

  std::vector<Period> PeriodsOf(absl::CivilDay day) const;
  std::vector<Interval> IntervalsOf(absl::CivilDay day) const;
  absl::CivilDay DateOf(absl::Time time) const { return absl::CivilDay(rules_.zone.At(time).cs); }
  // Calls `use(from, until)` for each stretch of open time that ends after `time`, ascending and disjoint, the first
  // cut at `time`, until it returns false or kFurthest is reached.
  template <typename Use>
  void ForEachOpen(absl::Time time, const Use& use) const;
  absl::Status CheckClosings() const;

  CalendarRules rules_;
};

}  // namespace throughline::calendar
