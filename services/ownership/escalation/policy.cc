#include "services/ownership/escalation/policy.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace throughline::ownership {
namespace {

constexpr size_t kMostLevels = 20;

absl::Time TimeOf(const calendar::Due& due, const calendar::Calendar& calendar, absl::Time now) {
  const auto time = calendar::Resolve(due, calendar, now);
  return time.ok() ? *time : now + absl::Hours(24);  // a calendar that is closed for years
}

}  // namespace

EscalationTerms EscalationPolicy::TermsAt(const calendar::Calendars& calendars, absl::Time now) const {
  const calendar::Calendar& calendar = *calendars.Find("");
  EscalationTerms terms;
  for (const calendar::Due& due : acknowledge_within) terms.acknowledge_by.push_back(TimeOf(due, calendar, now));
  terms.decide_by = TimeOf(decide_within, calendar, now);
  terms.after_broken = after_broken;
  return terms;
}

absl::StatusOr<calendar::Due> ParsePeriodInWords(std::string_view words) {
  absl::Duration elapsed;
  if (absl::ParseDuration(absl::string_view(words.data(), words.size()), &elapsed) && elapsed > absl::ZeroDuration() &&
      elapsed <= absl::Hours(24 * 366)) {
    calendar::Due period;
    period.kind = calendar::Due::kElapsed;
    period.amount = elapsed;
    return period;
  }
  auto due = calendar::ParseDue(words);
  if (!due.ok()) return due.status();
  switch (due->kind) {
    case calendar::Due::kBusinessDays:
    case calendar::Due::kBusinessTime:
    case calendar::Due::kElapsed:
      return due;
    case calendar::Due::kBusinessDay:
    case calendar::Due::kDayInZone:
    case calendar::Due::kTime:
      break;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("`", std::string(words), "` is a date: give a period such as `4 business hours`"));
}

absl::StatusOr<std::vector<calendar::Due>> ParseLevels(std::string_view words) {
  std::vector<calendar::Due> levels;
  for (absl::string_view part : absl::StrSplit(absl::string_view(words.data(), words.size()), ',')) {
    part = absl::StripAsciiWhitespace(part);
    auto due = ParsePeriodInWords(std::string_view(part.data(), part.size()));
    if (!due.ok()) return due.status();
    levels.push_back(*due);
  }
  if (levels.size() > kMostLevels) {
    return absl::InvalidArgumentError(absl::StrCat("has ", levels.size(), " levels: give at most ", kMostLevels));
  }
  return levels;
}

}  // namespace throughline::ownership
