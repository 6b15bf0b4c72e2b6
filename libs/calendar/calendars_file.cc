#include "libs/calendar/calendars_file.h"

#include <optional>
#include <toml++/toml.h>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "libs/calendar/zone.h"
#include "libs/files/whole_file.h"

namespace throughline::calendar {
namespace {

constexpr int kDay = 24 * 60;
constexpr const char* kWeekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

// `09:00`, or `24:00` at the end of a period.
std::optional<int> ParseClock(absl::string_view text) {
  int hour = 0, minute = 0;
  if (text.size() != 5 || text[2] != ':' || text.find_first_not_of("0123456789:") != absl::string_view::npos ||
      !absl::SimpleAtoi(text.substr(0, 2), &hour) || !absl::SimpleAtoi(text.substr(3), &minute)) {
    return std::nullopt;
  }
  const int minutes = hour * 60 + minute;
  if (minute > 59 || minutes > kDay) return std::nullopt;
  return minutes;
}

std::optional<Period> ParsePeriod(absl::string_view text) {
  const std::vector<absl::string_view> ends = absl::StrSplit(text, '-');
  if (ends.size() != 2) return std::nullopt;
  const auto from = ParseClock(ends[0]), until = ParseClock(ends[1]);
  if (!from || !until || *from == kDay || *from == *until) return std::nullopt;
  return Period{*from, *until > *from ? *until : *until + kDay};
}

std::optional<int> ParseWeekday(absl::string_view text) {
  for (int day = 0; day < 7; ++day) {
    if (text == kWeekdays[day]) return day;
  }
  return std::nullopt;
}

std::optional<absl::CivilDay> ParseDate(absl::string_view text) {
  absl::CivilDay day;
  if (text.size() != 10 || !absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text) return std::nullopt;
  return day;
}

// `12-25`.
std::optional<std::pair<int, int>> ParseYearly(absl::string_view text) {
  const auto day = ParseDate(absl::StrCat("2000-", text));  // a leap year
  if (!day) return std::nullopt;
  return std::pair<int, int>(day->month(), day->day());
}

class FileReader {
 public:
  absl::StatusOr<Calendars> Read(const toml::table& file) {
    for (const auto& [key, node] : file) {
      if (key.str() != "default" && key.str() != "calendar") Unknown(key, "default, calendar");
    }
    std::map<std::string, Calendar> all;
    const toml::table* tables = file["calendar"].as_table();
    if (tables == nullptr || tables->empty()) {
      Wrong(file.source(), "there is no calendar: begin one with [calendar.NAME]");
    } else {
      for (const auto& [key, node] : *tables) ReadCalendar(std::string(key.str()), node, key.source(), all);
    }
    const std::string by_default = file["default"].value_or(std::string());
    if (tables != nullptr && !tables->contains(by_default)) {
      Wrong(file["default"].node() != nullptr ? file["default"].node()->source() : file.source(),
            "`default` must name one of the calendars");
    }
    if (!problems_.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems_, "\n"));
    return Calendars(std::move(all), by_default);
  }

 private:
  void Wrong(const toml::source_region& where, absl::string_view what) {
    problems_.push_back(absl::StrCat("line ", where.begin.line, ": ", what));
  }
  void Unknown(const toml::key& key, absl::string_view known) {
    Wrong(key.source(), absl::StrCat("`", std::string(key.str()), "` is none of ", known));
  }

  void ReadCalendar(const std::string& name, const toml::node& node, const toml::source_region& where,
                    std::map<std::string, Calendar>& all) {
    const toml::table* table = node.as_table();
    if (table == nullptr) return Wrong(where, absl::StrCat("write [calendar.", name, "]"));
    for (const auto& [key, value] : *table) {
      const auto is = [&key = key](const char* known) { return key.str() == known; };
      if (!is("zone") && !is("week") && !is("holidays") && !is("half-days") && !is("open")) {
        Unknown(key, "zone, week, holidays, half-days, open");
      }
    }
    const size_t before = problems_.size();
    CalendarRules rules;
    rules.name = name;
    ReadZone(*table, where, rules);
    ReadWeek(*table, where, rules);
    ReadHolidays(*table, rules);
    ReadHalfDays(*table, rules);
    ReadOpen(*table, rules);
    if (problems_.size() > before) return;
    auto calendar = Calendar::Make(std::move(rules));
    if (!calendar.ok()) return Wrong(where, std::string(calendar.status().message()));
    all.emplace(name, *std::move(calendar));
  }

  void ReadZone(const toml::table& table, const toml::source_region& where, CalendarRules& rules) {
    const auto zone = table["zone"].value<std::string>();
    if (!zone) return Wrong(where, absl::StrCat("calendar `", rules.name, "` needs a zone, such as \"Europe/Berlin\""));
    const auto found = FindZone(*zone);
    if (!found) {
      return Wrong(table["zone"].node()->source(),
                   absl::StrCat("`", *zone, "` is no time zone that this machine knows"));
    }
    rules.zone = *found;
  }

  // The periods of one day. Anything else is a problem.
  std::vector<Period> ReadPeriods(const toml::key& key, const toml::node& node) {
    std::vector<Period> periods;
    const toml::array* list = node.as_array();
    const auto wrong = [&](const toml::source_region& where) {
      Wrong(where, absl::StrCat("`", std::string(key.str()),
                                "` is a list of periods, such as [\"08:00-12:00\", \"13:00-17:00\"]; one that ends on "
                                "the next day is \"22:00-06:00\", a whole day \"00:00-24:00\""));
    };
    if (list == nullptr) {
      wrong(key.source());
      return periods;
    }
    for (const toml::node& entry : *list) {
      const auto text = entry.value<std::string>();
      const auto period = text ? ParsePeriod(*text) : std::nullopt;
      if (period) {
        periods.push_back(*period);
      } else {
        wrong(entry.source());
      }
    }
    return periods;
  }

  void ReadWeek(const toml::table& table, const toml::source_region& where, CalendarRules& rules) {
    const toml::table* week = table["week"].as_table();
    if (week == nullptr) return Wrong(where, absl::StrCat("calendar `", rules.name, "` needs a week"));
    bool given[7] = {};
    for (const auto& [key, node] : *week) {
      const std::vector<absl::string_view> ends =
          absl::StrSplit(absl::string_view(key.str().data(), key.str().size()), '-');
      const auto first = ParseWeekday(ends.front()), last = ParseWeekday(ends.back());
      if (ends.size() > 2 || !first || !last || *last < *first) {
        Wrong(key.source(), absl::StrCat("`", std::string(key.str()), "` is no day: write mon, or mon-fri"));
        continue;
      }
      const std::vector<Period> periods = ReadPeriods(key, node);
      for (int day = *first; day <= *last; ++day) {
        if (given[day]) Wrong(key.source(), absl::StrCat("`", kWeekdays[day], "` is given twice"));
        given[day] = true;
        rules.week[day] = periods;
      }
    }
  }

  // Adds a rule for `2026-12-24`, or `12-24` each year.
  void AddDate(const std::string& date, const toml::source_region& where, DayRule rule, CalendarRules& rules) {
    bool added = true;
    if (const auto day = ParseDate(date)) {
      added = rules.once.emplace(*day, std::move(rule)).second;
    } else if (const auto yearly = ParseYearly(date)) {
      added = rules.every_year.emplace(*yearly, std::move(rule)).second;
    } else {
      return Wrong(where, absl::StrCat("`", date, "` is no date: write \"2026-12-24\", or \"12-24\" for each year"));
    }
    if (!added) Wrong(where, absl::StrCat("`", date, "` is given twice"));
  }

  void ReadHolidays(const toml::table& table, CalendarRules& rules) {
    const toml::node* node = table.get("holidays");
    if (node == nullptr) return;
    const toml::array* list = node->as_array();
    if (list == nullptr)
      return Wrong(node->source(), "`holidays` is a list of dates, such as [\"12-25\", \"2026-04-03\"]");
    for (const toml::node& entry : *list) {
      AddDate(entry.value<std::string>().value_or(""), entry.source(), DayRule{DayRule::kHoliday}, rules);
    }
  }

  void ReadHalfDays(const toml::table& table, CalendarRules& rules) {
    const toml::node* node = table.get("half-days");
    if (node == nullptr) return;
    const toml::table* days = node->as_table();
    if (days == nullptr) return Wrong(node->source(), "`half-days` is a table: half-days.\"12-24\" = \"until 12:00\"");
    for (const auto& [key, value] : *days) {
      const std::vector<std::string> words = absl::StrSplit(value.value<std::string>().value_or(""), ' ');
      const auto clock = words.size() == 2 ? ParseClock(words[1]) : std::nullopt;
      DayRule rule{DayRule::kHalfDay};
      if (clock && words[0] == "until") {
        rule.kept.until = *clock;
      } else if (clock && words[0] == "from") {
        rule.kept.from = *clock;
      } else {
        Wrong(key.source(), "a half day is \"until 12:00\" or \"from 12:00\"");
        continue;
      }
      AddDate(std::string(key.str()), key.source(), rule, rules);
    }
  }

  void ReadOpen(const toml::table& table, CalendarRules& rules) {
    const toml::node* node = table.get("open");
    if (node == nullptr) return;
    const toml::table* days = node->as_table();
    if (days == nullptr) return Wrong(node->source(), "`open` is a table: open.\"2026-12-06\" = [\"10:00-16:00\"]");
    for (const auto& [key, value] : *days) {
      const auto day = ParseDate(absl::string_view(key.str().data(), key.str().size()));
      DayRule rule{DayRule::kOpened};
      rule.periods = ReadPeriods(key, value);
      if (!day) {
        Wrong(key.source(), absl::StrCat("`", std::string(key.str()), "` is no date: write \"2026-12-06\""));
      } else if (rule.periods.empty()) {
        Wrong(key.source(), "opens at no time: make it one of the holidays");
      } else {
        rules.once[*day] = std::move(rule);
      }
    }
  }

  std::vector<std::string> problems_;
};

}  // namespace

absl::StatusOr<Calendars> ParseCalendars(std::string_view content) {
  try {
    return FileReader().Read(toml::parse(content));
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", error.source().begin.line, ": ", std::string(error.description())));
  }
}

absl::StatusOr<Calendars> ReadCalendars(const std::string& path) {
  const auto content = files::ReadFile(path);
  if (!content) return absl::NotFoundError(absl::StrCat(path, " cannot be read"));
  return ParseCalendars(*content);
}

}  // namespace throughline::calendar
