#include "services/throughline/output/times.h"

#include <optional>

#include "absl/strings/ascii.h"
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

std::string ShowDay(absl::Time time) {
  return absl::StrCat(absl::FormatTime("%A %d %B %Y", time, Zone()), ", ", Offset(time));
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
