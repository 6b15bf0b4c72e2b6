#include "services/throughline/output/times.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/throughline/output/testing_time.h"
#include "services/throughline/output/words.h"
#include "throughline/ownership/v1/views.pb.h"

namespace throughline::tool {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ParseTime, TakesRfc3339WithItsOffset) {
  EXPECT_EQ(*ParseTime("2026-11-24T18:00:00Z", kNow), *ParseTime("2026-11-24T19:00:00+01:00", kNow));
  EXPECT_EQ(*ParseTime("1970-01-01T00:00:01.5Z", kNow), absl::FromUnixMillis(1500));
  EXPECT_EQ(*ParseTime("1970-01-01t01:00:01.5+01:00", kNow), absl::FromUnixMillis(1500));
}

TEST(ParseTime, TakesPeriodsFromNow) {
  EXPECT_EQ(*ParseTime("now", kNow), kNow);
  EXPECT_EQ(*ParseTime("+2h", kNow), kNow + absl::Hours(2));
  EXPECT_EQ(*ParseTime("+3d", kNow), kNow + absl::Hours(72));
  EXPECT_EQ(*ParseTime("+1d12h", kNow), kNow + absl::Hours(36));
  EXPECT_EQ(*ParseTime("-15m", kNow), kNow - absl::Minutes(15));
}

TEST(ParseTime, RefusesAmbiguousTimes) {
  for (const char* text : {"", "tomorrow", "18:00", "2026-11-24", "2026-11-24T18:00:00", "2026-13-01T00:00:00Z", "+2",
                           "+h", "2h", "+2x", "+-2h", "+0s", "infinite-future", "+99999999999w"}) {
    EXPECT_EQ(ParseTime(text, kNow).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_THAT(std::string(ParseTime("tomorrow", kNow).status().message()), HasSubstr("with the offset"));
}

TEST(ParseTime, RefusesWhatRfc3339DoesNotHave) {
  for (const char* text :
       {"2026-11-24T18:00:00+0100", "2026-11-24T18:00:00+01", "2026-11-24T18:00Z", "2026-1-2T18:00:00Z",
        " 2026-11-24T18:00:00Z", "2026-11-24T18:00:00.Z", "2026-11-24 18:00:00Z", "infinite-future",
        "2026-11-24T18:00:00Zx", "2026-13-24T18:00:00Z"}) {
    EXPECT_EQ(ParseTime(text, kNow).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(ParseEta, KeepsADateADate) {
  const auto date = ParseEta("2026-11-24", kNow);
  ASSERT_TRUE(date.ok());
  EXPECT_EQ(date->date(), "2026-11-24");
  EXPECT_FALSE(date->has_zone());
  EXPECT_FALSE(date->has_latest());
  EXPECT_EQ(ParseEta("2026-11-24@Europe/Berlin", kNow)->zone(), "Europe/Berlin");
  const auto moment = ParseEta("2026-11-24T18:00:00Z", kNow);
  ASSERT_TRUE(moment.ok());
  EXPECT_TRUE(moment->has_latest());
  EXPECT_FALSE(moment->has_date());
  EXPECT_FALSE(ParseEta("2026-02-30", kNow).ok());
}

TEST(ShowTime, ShowsAnotherYear) {
  EXPECT_THAT(ShowTime(kNow, kNow), Not(HasSubstr("20")));
  EXPECT_THAT(ShowTime(kNow - absl::Hours(24 * 800), kNow), HasSubstr("2024"));
  EXPECT_EQ(ShowTime(google::protobuf::Timestamp(), kNow), "");
  supplier::v1::Eta eta;
  eta.set_date("2026-11-24");
  EXPECT_EQ(ShowEta(eta, kNow), "Tue 24 Nov");
}

TEST(ShowTimesIn, GivesTheTimesOfASentenceTheFormOfTheOthers) {
  const std::string time = ShowTime(absl::FromCivil(absl::CivilMinute(2026, 9, 22, 10, 0), absl::UTCTimeZone()), kNow);
  const auto shown = [](const char* text) { return ShowTimesIn(text, kNow); };
  EXPECT_EQ(shown("promised by 2026-09-22 10:00 UTC"), "promised by " + time);
  EXPECT_EQ(shown("2026-09-22 10:00 UTC; \"by 2026-09-22 10:00 UTC\""), time + "; \"by " + time + "\"");
  EXPECT_EQ(shown("by 2026-09-22 10:00 America/New_York."), "by Tue 22 Sep 10:00 America/New_York.");
  EXPECT_EQ(shown("now 2026-09-22, before 2025-09-21"), "now Tue 22 Sep, before 21 Sep 2025");
  for (const char* kept : {"order SO-2026-09-22 is late", "\"on 2026-09-22 please\"", "2026-09-22T10:00:00Z",
                           "2026-19-22 10:00 UTC", "1-2026-09-22", "2026-09-22-1", "2026-09", ""}) {
    EXPECT_EQ(shown(kept), kept);
  }
}

TEST(ShowTime, CarriesTheOffset) {
  for (const std::string& shown :
       {ShowTime(kNow, kNow), ShowTime(kNow - absl::Hours(24 * 800), kNow), ShowDay(kNow, kNow)}) {
    EXPECT_THAT(shown, Not(HasSubstr("localtime")));
    EXPECT_THAT(shown, testing::ContainsRegex("(UTC|[+-][0-9][0-9]:[0-9][0-9])$"));
  }
  EXPECT_THAT(ShowClock(kNow), testing::ContainsRegex("^[0-9:]+[+-][0-9][0-9]:[0-9][0-9]$"));
  supplier::v1::Eta eta;
  eta.set_date("2026-11-24");
  eta.set_zone("Europe/Berlin");
  EXPECT_EQ(ShowEta(eta, kNow), "Tue 24 Nov Europe/Berlin");
}

TEST(ShowFromNow, IsShort) {
  EXPECT_EQ(ShowFromNow(kNow + absl::Minutes(90), kNow), "in 90 min");
  EXPECT_EQ(ShowFromNow(kNow - absl::Hours(72), kNow), "3 d ago");
  EXPECT_EQ(ShowFromNow(kNow + absl::Hours(5), kNow), "in 5 h");
  EXPECT_EQ(ShowFromNow(kNow, kNow), "now");
}

TEST(Words, AreEnumsWithoutTheirPrefix) {
  using ownership::v1::WorklistReason;
  EXPECT_EQ(Word(ownership::v1::WORKLIST_REASON_PROMISE_OPEN), "PROMISE_OPEN");
  EXPECT_EQ(Word(ownership::v1::WORKLIST_REASON_UNSPECIFIED), "");
  EXPECT_EQ(Word(static_cast<WorklistReason>(99)), "99");
  const auto& type = *ownership::v1::WorklistReason_descriptor();
  EXPECT_EQ(ParseWord(type, "promise-open"), ownership::v1::WORKLIST_REASON_PROMISE_OPEN);
  EXPECT_EQ(ParseWord(type, "PROMISE_OPEN"), ownership::v1::WORKLIST_REASON_PROMISE_OPEN);
  EXPECT_EQ(ParseWord(type, "unspecified"), std::nullopt);
  EXPECT_EQ(Choices(type).front(), "owned");
}

}  // namespace
}  // namespace throughline::tool
