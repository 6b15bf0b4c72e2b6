#include "services/throughline/output/times.h"

#include <filesystem>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "libs/calendar/rfc3339.h"
#include "libs/runtime/domain/time.h"
#include "services/throughline/output/terminal.h"

namespace throughline::tool {
namespace {

const absl::TimeZone& Zone() {
  static const auto& zone = *new absl::TimeZone(absl::LocalTimeZone());
  return zone;
}

std::optional<absl::Duration> Unit(absl::string_view name) {
  if (name == "ms") return absl::Milliseconds(1);
  if (name == "s") return absl::Seconds(1);
  if (name == "m" || name == "min") return absl::Minutes(1);
  if (name == "h") return absl::Hours(1);
  if (name == "d") return absl::Hours(24);
  if (name == "w") return absl::Hours(24 * 7);
  return std::nullopt;
}

}  // namespace

absl::StatusOr<absl::Duration> ParsePeriod(std::string_view given) {
  absl::string_view text(given.data(), given.size());
  const auto wrong = [&] {
    return absl::InvalidArgumentError(absl::StrCat("`", text, "` is no period: write for instance 30s, 90m, 2h or 3d"));
  };
  absl::Duration sum;
  for (absl::string_view rest = text; !rest.empty();) {
    size_t digits = 0, end = 0;
    while (digits < rest.size() && (absl::ascii_isdigit(rest[digits]) || rest[digits] == '.')) ++digits;
    for (end = digits; end < rest.size() && absl::ascii_isalpha(rest[end]);) ++end;
    double number = 0;
    const auto unit = Unit(rest.substr(digits, end - digits));
    if (digits == 0 || !unit || !absl::SimpleAtod(rest.substr(0, digits), &number)) return wrong();
    sum += *unit * number;
    rest.remove_prefix(end);
  }
  // A Timestamp ends with the year 9999: longer periods are useless and could overflow.
  if (sum <= absl::ZeroDuration() || sum > absl::Hours(24 * 366 * 1000)) return wrong();
  return sum;
}

bool CountsFromNow(std::string_view text) {
  return text == "now" || (!text.empty() && (text[0] == '+' || text[0] == '-'));
}

absl::StatusOr<absl::Time> ParseTime(std::string_view text, absl::Time now) {
  if (text == "now") return now;
  if (CountsFromNow(text)) {
    auto period = ParsePeriod(text.substr(1));
    if (!period.ok()) return period.status();
    return text[0] == '+' ? now + *period : now - *period;
  }
  if (const auto time = calendar::ParseRfc3339(text)) return *time;
  return absl::InvalidArgumentError(absl::StrCat(
      "`", absl::string_view(text.data(), text.size()),
      "` is no time: write 2026-11-24T18:00:00+01:00, with the offset and its colon, or from now: +2h, +3d"));
}

absl::StatusOr<supplier::v1::Eta> ParseEta(std::string_view text, absl::Time now) {
  supplier::v1::Eta eta;
  const std::string_view date = text.substr(0, text.find('@'));
  absl::CivilDay day;
  if (date.size() == 10 && absl::ParseCivilTime(absl::string_view(date.data(), date.size()), &day)) {
    eta.set_date(std::string(date));
    if (date.size() < text.size()) eta.set_zone(std::string(text.substr(date.size() + 1)));
    return eta;
  }
  const auto time = ParseTime(text, now);
  if (!time.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(time.status().message(),
                                                   "; a date alone is 2026-11-24 or "
                                                   "2026-11-24@Europe/Berlin"));
  }
  *eta.mutable_latest() = runtime::ToProto(*time);
  return eta;
}

namespace {

// The IANA name of the local zone; empty if it is not known.
std::string ZoneName() {
  std::string name = Zone().name();
  if (name == "localtime" || absl::StartsWith(name, "/")) {
    std::error_code none;
    const std::string target = std::filesystem::read_symlink("/etc/localtime", none).string();
    if (name == "localtime" || name == "/etc/localtime") name = target;
    const size_t at = name.find("zoneinfo/");
    name = at == std::string::npos ? "" : name.substr(at + std::string_view("zoneinfo/").size());
  }
  return name == "UTC" || name == "Etc/UTC" ? "" : Clean(name);  // the offset says it
}

// `2026-11-24 17:00`.
bool ParseMinute(absl::string_view text, absl::CivilMinute& minute) {
  return absl::ParseCivilTime(absl::StrCat(text.substr(0, 10), "T", text.substr(11)), &minute);
}

// `UTC`, or an offset such as `+01:00`.
std::string Offset(absl::Time time) {
  return Zone().At(time).offset == 0 ? "UTC" : absl::FormatTime("%Ez", time, Zone());
}

}  // namespace

std::string ShowTime(absl::Time time, absl::Time now) {
  const bool this_year = absl::ToCivilYear(time, Zone()) == absl::ToCivilYear(now, Zone());
  return absl::StrCat(absl::FormatTime(this_year ? "%a %d %b %H:%M" : "%d %b %Y %H:%M", time, Zone()), " ",
                      Offset(time));
}

std::string ShowTime(const google::protobuf::Timestamp& time, absl::Time now) {
  if (time.seconds() == 0 && time.nanos() == 0) return "";
  return ShowTime(runtime::FromProto(time), now);
}

std::string ShowDay(absl::Time time, absl::Time now) {
  const bool this_year = absl::ToCivilYear(time, Zone()) == absl::ToCivilYear(now, Zone());
  const std::string name = ZoneName();
  return absl::StrCat(absl::FormatTime(this_year ? "%a %d %b" : "%d %b %Y", time, Zone()), ", ",
                      name.empty() ? "" : name + " ", Offset(time));
}

int OffsetMinutes(absl::Time time) { return Zone().At(time).offset / 60; }

std::string ShowTimesIn(std::string_view text, absl::Time now) {
  constexpr size_t kDate = 10, kMinute = 16;  // `2026-11-24`, `2026-11-24 17:00`
  std::string out;
  bool quoted = false;
  for (size_t i = 0; i < text.size();) {
    const absl::string_view rest(text.data() + i, text.size() - i);
    absl::CivilDay day;
    absl::CivilMinute minute;
    const bool inside = i > 0 && (absl::ascii_isalnum(text[i - 1]) || text[i - 1] == '-' || text[i - 1] == '_');
    if (inside || rest.size() < kDate || rest[4] != '-' || !absl::ParseCivilTime(rest.substr(0, kDate), &day)) {
      quoted ^= text[i] == '"';
      out += text[i++];
      continue;
    }
    const bool this_year = day.year() == absl::ToCivilYear(now, Zone()).year();
    const std::string date = absl::FormatTime(this_year ? "%a %d %b" : "%d %b %Y",
                                              absl::FromCivil(day, absl::UTCTimeZone()), absl::UTCTimeZone());
    const bool to_minute = rest.size() > kMinute && rest[kDate] == ' ' && rest[kMinute] == ' ' &&
                           ParseMinute(rest.substr(0, kMinute), minute);
    const absl::string_view after = rest.substr(std::min(rest.size(), to_minute ? kMinute + 1 : kDate));
    if (to_minute && absl::StartsWith(after, "UTC")) {
      out += ShowTime(absl::FromCivil(minute, absl::UTCTimeZone()), now);
      i += kMinute + 4;
    } else if (to_minute && after.substr(0, after.find(' ')).find('/') != absl::string_view::npos) {
      absl::StrAppend(&out, date, rest.substr(kDate, kMinute - kDate));
      i += kMinute;
    } else if (quoted || (!after.empty() && (absl::ascii_isalnum(after[0]) || after[0] == '-' || after[0] == '_'))) {
      absl::StrAppend(&out, rest.substr(0, kDate));
      i += kDate;
    } else {
      out += date;
      i += kDate;
    }
  }
  return out;
}
std::string ShowClockOfDay(absl::Time time) { return absl::FormatTime("%H:%M:%S", time, Zone()); }
std::string ShowClock(absl::Time time) { return absl::FormatTime("%H:%M:%S%Ez", time, Zone()); }

std::string ShowPeriod(absl::Duration period) {
  const int64_t seconds = absl::ToInt64Seconds(absl::AbsDuration(period));
  if (seconds < 60) return absl::StrCat(seconds, " s");
  if (seconds < 2 * 3600) return absl::StrCat(seconds / 60, " min");
  if (seconds < 48 * 3600) return absl::StrCat(seconds / 3600, " h");
  return absl::StrCat(seconds / 86400, " d");
}

std::string ShowFromNow(absl::Time time, absl::Time now) {
  if (absl::AbsDuration(time - now) < absl::Seconds(1)) return "now";
  return time > now ? absl::StrCat("in ", ShowPeriod(time - now)) : absl::StrCat(ShowPeriod(now - time), " ago");
}

std::string ShowEta(const supplier::v1::Eta& eta, absl::Time now) {
  absl::CivilDay day;
  if (!eta.has_date() || !absl::ParseCivilTime(eta.date(), &day)) return ShowTime(eta.latest(), now);
  const bool this_year = day.year() == absl::ToCivilYear(now, Zone()).year();
  return absl::StrCat(absl::FormatTime(this_year ? "%a %d %b" : "%d %b %Y", absl::FromCivil(day, absl::UTCTimeZone()),
                                       absl::UTCTimeZone()),
                      eta.has_zone() ? absl::StrCat(" ", Clean(eta.zone())) : "");
}

}  // namespace throughline::tool
