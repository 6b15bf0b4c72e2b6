// When a scan happened: the fields that say so, in every form that carriers use.

#include <cstdlib>

#include "absl/strings/str_cat.h"

#include "services/supplier-tracking/carriers/formats/draft.h"

namespace throughline::supplier {
namespace {

// `16.01.2015, 11:57`, `20150116 1157`.
std::optional<IsoTime> DayAndClock(std::string_view text) {
  const size_t blank = text.find(' ');
  std::string_view date = text.substr(0, blank);
  if (!date.empty() && date.back() == ',') date.remove_suffix(1);
  const std::optional<absl::CivilDay> day = ParseDay(date);
  if (!day) return std::nullopt;
  IsoTime time;
  if (blank == std::string_view::npos) {
    time.evidence.day = day;
    return time;
  }
  time.evidence.local = ParseClock(*day, text.substr(blank + 1));
  if (!time.evidence.local) return std::nullopt;
  return time;
}

std::string Joined(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() ? a + b : absl::StrCat(a, " ", b);
}

}  // namespace

void Draft::Unreadable(const NodeRef& ref, const std::string& what) {
  time_is_odd = true;
  if (time_problem_.empty()) {
    time_problem_path_ = ref.path();
    time_problem_ = what;
  }
  warnings.push_back(absl::StrCat(ref.path(), " ", what));
}

void Draft::SetTime(const NodeRef& ref, TimeStyle style) {
  const std::string text = May(ref);
  time_text = Joined(time_text, text);
  if (text.empty()) {
    if (time_problem_.empty()) time_problem_path_ = ref.path();
    return;
  }
  std::optional<IsoTime> iso = ParseIso(text);
  if (!iso) iso = DayAndClock(text);
  if (!iso) return Unreadable(ref, "is not a time between 2000 and 2099, such as 2024-04-04T07:03:12");
  const bool bare = iso->evidence.local && !iso->evidence.offset_minutes;
  if (style == TimeStyle::kBareMidnightIsDay && bare && IsMidnight(*iso->evidence.local)) {
    iso->evidence.day = absl::CivilDay(*iso->evidence.local);
    iso->evidence.local.reset();
  }
  if (style == TimeStyle::kUtc && iso->evidence.local && (iso->zulu || !iso->evidence.offset_minutes)) {
    time.gmt = iso->evidence.local;
    return;
  }
  time.day = iso->evidence.day;
  time.local = iso->evidence.local;
  if (style == TimeStyle::kZuluIsNone && iso->zulu) return;
  time.offset_minutes = iso->evidence.offset_minutes;
  time.from_abbreviation = iso->evidence.from_abbreviation;
}

void Draft::SetLocal(const NodeRef& date_ref, const NodeRef& time_ref) {
  const std::string date = May(date_ref), clock = May(time_ref);
  time_text = Joined(time_text, Joined(date, clock));
  if (date.empty()) {
    if (time_problem_.empty()) time_problem_path_ = date_ref.path();
    return;
  }
  const std::optional<absl::CivilDay> day = ParseDay(date);
  if (!day) return Unreadable(date_ref, "is not a date between 2000 and 2099, such as 20240423");
  if (clock.empty()) {
    time.day = day;
    return;
  }
  time.local = ParseClock(*day, clock);
  if (!time.local) Unreadable(time_ref, "is not a time, such as 091519");
}

void Draft::SetGmt(const NodeRef& date_ref, const NodeRef& time_ref) {
  const std::string date = May(date_ref), clock = May(time_ref);
  if (date.empty() || clock.empty()) return;
  const std::optional<absl::CivilDay> day = ParseDay(date);
  if (day) time.gmt = ParseClock(*day, clock);
  if (!time.gmt) {
    Unreadable(day ? time_ref : date_ref, "is not a date and time between 2000 and 2099, such as 20240423 and 131519");
  }
  if (time_text.empty()) time_text = Joined(date, clock);
}

void Draft::SetGmt(const NodeRef& ref) {
  const std::string text = May(ref);
  if (text.empty()) return;
  const std::optional<IsoTime> iso = ParseIso(text);
  if (!iso || !iso->evidence.local) {
    return Unreadable(ref, "is not a time between 2000 and 2099, such as 2024-04-04T14:03:12Z");
  }
  time.gmt = *iso->evidence.local - int64_t{iso->evidence.offset_minutes.value_or(0)} * 60;
  if (time_text.empty()) time_text = text;
}

void Draft::SetGmtNear(const NodeRef& ref) {
  const std::string text = May(ref);
  const bool is_clock = text.size() > 2 && text[2] == ':';
  if (!is_clock) return SetGmt(ref);
  if (!time.local || !time.gmt_offset_minutes) return;
  const absl::CivilSecond expected = *time.local - int64_t{*time.gmt_offset_minutes} * 60;
  for (const int days : {0, -1, 1}) {
    const std::optional<absl::CivilSecond> gmt = ParseClock(absl::CivilDay(expected) + days, text);
    if (!gmt) return Unreadable(ref, "is not a time, such as 12:31:32");
    if (std::llabs(*gmt - expected) > 120) continue;
    time.gmt = gmt;
    return;
  }
  Unreadable(ref, "is not the time that the offset leaves");
}

void Draft::SetOffset(const NodeRef& ref, bool of_pair) {
  const std::string text = May(ref);
  if (text.empty()) return;
  std::optional<int> minutes = ParseOffset(text);
  if (!minutes && !of_pair) {
    minutes = ParseAbbreviation(text);
    time.from_abbreviation = minutes.has_value();
  }
  if (!minutes) return Unreadable(ref, "is not an offset, such as -04:00");
  (of_pair ? time.gmt_offset_minutes : time.offset_minutes) = minutes;
  if (!of_pair) time_text = Joined(time_text, text);
}

}  // namespace throughline::supplier
