#include "services/ownership/silence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/calendar/calendars_file.h"
#include "libs/calendar/rfc3339.h"

namespace throughline::ownership {
namespace {

absl::Time At(const char* text) { return *calendar::ParseRfc3339(text); }

// Friday before the clocks of Berlin go back; New York follows a week later.
const absl::Time kFriday = At("2026-10-23T15:00:00Z");

const calendar::Calendars& Offices() {
  static const auto* calendars = new calendar::Calendars(*calendar::ParseCalendars(R"(
default = "ours"
[calendar.ours]
zone = "UTC"
week.mon-fri = ["08:00-16:00"]
[calendar.berlin]
zone = "Europe/Berlin"
week.mon-fri = ["09:00-12:00", "13:00-17:00"]
holidays = ["2026-10-31"]
[calendar.new-york]
zone = "America/New_York"
week.mon-fri = ["09:00-17:00"]
)"));
  return *calendars;
}

SilenceRules Rules(const std::string& after, const std::string& before = "24h") {
  SilenceRules rules;
  rules.closes_after = *ReadSilence(after, absl::ZeroDuration());
  rules.announced_before = **ReadSilence(before, absl::Minutes(1));
  return rules;
}
Silence From(const SilenceRules& rules, const std::string& named, const std::string& of_customer) {
  auto silence = SilenceFrom(kFriday, rules, Offices(), named, of_customer);
  EXPECT_TRUE(silence.ok()) << silence.status();
  return silence.value_or(Silence());
}

TEST(Silence, CountsByTheCustomersCalendar) {
  const SilenceRules rules = Rules("5 business days", "1 business day");
  const Silence berlin = From(rules, "", "berlin"), new_york = From(rules, "", "new-york");
  EXPECT_EQ(berlin.closes_at, At("2026-10-30T17:00:00+01:00")) << "winter time";
  EXPECT_EQ(berlin.announce_at, At("2026-10-29T17:00:00+01:00"));
  EXPECT_EQ(berlin.calendar, "berlin");
  EXPECT_EQ(new_york.closes_at, At("2026-10-30T17:00:00-04:00")) << "still summer time";
}

TEST(Silence, CountsByWhatTheProposalNamesElseTheCaseElseTheSetting) {
  SilenceRules rules = Rules("1 business day");
  EXPECT_EQ(From(rules, "new-york", "berlin").calendar, "new-york");
  EXPECT_EQ(From(rules, "", "berlin").calendar, "berlin");
  EXPECT_EQ(From(rules, "", "a calendar of last year").calendar, "ours") << "no proposal fails for it";
  EXPECT_EQ(From(rules, "", "").calendar, "ours");
  rules.calendar = "new-york";
  EXPECT_EQ(From(rules, "", "").calendar, "new-york");
  EXPECT_TRUE(absl::IsNotFound(SilenceFrom(kFriday, rules, Offices(), "mars", "").status()));
}

TEST(Silence, PassesAtAnyTimeIfThatIsHowItIsConfigured) {
  const Silence week = From(SilenceRules(), "", "berlin");
  EXPECT_EQ(week.closes_at, kFriday + absl::Hours(168));
  EXPECT_EQ(week.announce_at, kFriday + absl::Hours(144));
  EXPECT_EQ(week.calendar, "") << "by none";
  EXPECT_EQ(From(Rules("0"), "", "").closes_at, absl::InfiniteFuture());
}

TEST(Silence, IsAnnouncedAtOnceIfItIsShorterThanThat) {
  EXPECT_EQ(From(Rules("4s"), "", "").announce_at, kFriday);
  EXPECT_EQ(From(Rules("1 business day", "3 business days"), "", "").announce_at, kFriday);
  const Silence hours = From(Rules("10 business hours", "2 business hours"), "", "berlin");
  EXPECT_EQ(hours.announce_at, At("2026-10-27T10:00:00+01:00")) << "Monday's seven hours, and one";
  EXPECT_EQ(hours.closes_at, At("2026-10-27T12:00:00+01:00"));
}

TEST(Silence, IsReadFromASetting) {
  EXPECT_EQ((*ReadSilence("7d", absl::ZeroDuration()))->amount, absl::Hours(168));
  EXPECT_EQ((*ReadSilence("3 hours", absl::ZeroDuration()))->amount, absl::Hours(3));
  EXPECT_EQ((*ReadSilence("5 working days", absl::ZeroDuration()))->days, 5);
  EXPECT_FALSE(ReadSilence("0s", absl::ZeroDuration())->has_value());
  for (const char* text : {"", "soon", "2026-12-24", "5 days", "400d", "367 business days", "-1h", "1s"}) {
    EXPECT_FALSE(ReadSilence(text, absl::Minutes(1)).ok()) << text;
  }
}

TEST(Silence, AnnouncementAndClosingCountTheSameWay) {
  EXPECT_TRUE(CheckSilence(Rules("5 business days", "24h"), Offices()).ok());
  EXPECT_TRUE(CheckSilence(Rules("5 business days", "1 business day"), Offices()).ok());
  EXPECT_TRUE(CheckSilence(Rules("0", "1 business day"), Offices()).ok());
  EXPECT_FALSE(CheckSilence(Rules("168h", "1 business day"), Offices()).ok());
  EXPECT_FALSE(CheckSilence(Rules("5 business days", "8 business hours"), Offices()).ok());
  SilenceRules nowhere = Rules("168h");
  nowhere.calendar = "mars";
  EXPECT_THAT(std::string(CheckSilence(nowhere, Offices()).message()), ::testing::HasSubstr("berlin, new-york, ours"));
}

}  // namespace
}  // namespace throughline::ownership
