#include "services/supplier-tracking/carriers/carrier_time.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/carriers/place_zone.h"

namespace throughline::supplier {
namespace {

using ::testing::Eq;
using ::testing::Optional;

v1::Place PlaceIn(const std::string& region, const std::string& country) {
  v1::Place place;
  place.set_region(region);
  place.set_country(country);
  return place;
}

std::string Instant(const v1::CarrierTime& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", runtime::FromProto(time.instant()), absl::UTCTimeZone());
}

TEST(Offset, IsParsedAsCarriersWriteIt) {
  EXPECT_THAT(ParseOffset("-04:00"), Optional(-240));
  EXPECT_THAT(ParseOffset("-04.00"), Optional(-240));
  EXPECT_THAT(ParseOffset("-0400"), Optional(-240));
  EXPECT_THAT(ParseOffset("-04"), Optional(-240));
  EXPECT_THAT(ParseOffset("-7:00"), Optional(-420));
  EXPECT_THAT(ParseOffset("+05:30"), Optional(330));
  EXPECT_THAT(ParseOffset("+05.45"), Optional(345));
  EXPECT_THAT(ParseOffset("+00:00"), Optional(0));
  EXPECT_THAT(ParseOffset("Z"), Optional(0));
}

TEST(Offset, IsNotGuessed) {
  for (const char* text : {"", "4", "04:00", "-", "-4:0", "-04:60", "-19:00", "+99", "-04:00x", "--4", "-04:", "-.30",
                           "-04..00", "EST", "-04 00", "-040", "-04:00:00", "- 4:00"}) {
    EXPECT_FALSE(ParseOffset(text)) << text;
  }
}

TEST(Abbreviation, IsParsedOnlyIfItHasOneMeaning) {
  EXPECT_THAT(ParseAbbreviation("EST"), Optional(-300));
  EXPECT_THAT(ParseAbbreviation("PDT"), Optional(-420));
  EXPECT_THAT(ParseAbbreviation("NST"), Optional(-210));
  EXPECT_FALSE(ParseAbbreviation("IST"));
  EXPECT_FALSE(ParseAbbreviation("est"));
  EXPECT_FALSE(ParseAbbreviation(""));
}

TEST(Compact, IsParsedWhollyOrNotAtAll) {
  EXPECT_THAT(ParseCompact("20240423", "091519"), Optional(absl::CivilSecond(2024, 4, 23, 9, 15, 19)));
  EXPECT_THAT(ParseCompactDay("20240229"), Optional(absl::CivilDay(2024, 2, 29)));
  for (const char* day :
       {"20230229", "20241301", "20240400", "2024042", "202404231", "2024O423", "19891231", "21000101", ""}) {
    EXPECT_FALSE(ParseCompactDay(day)) << day;
  }
  for (const char* time : {"240000", "096000", "0915", "09151", "09:15:19", "-91519", ""}) {
    EXPECT_FALSE(ParseCompact("20240423", time)) << time;
  }
}

TEST(Iso, IsParsedWithAndWithoutAnOffset) {
  const auto local = ParseIso("2024-04-04T07:03:12");
  ASSERT_TRUE(local);
  EXPECT_THAT(local->evidence.local, Optional(absl::CivilSecond(2024, 4, 4, 7, 3, 12)));
  EXPECT_FALSE(local->evidence.offset_minutes);
  EXPECT_FALSE(local->zulu);

  const auto zulu = ParseIso("2024-04-04T14:03:12.041Z");
  ASSERT_TRUE(zulu);
  EXPECT_THAT(zulu->evidence.local, Optional(absl::CivilSecond(2024, 4, 4, 14, 3, 12)));
  EXPECT_THAT(zulu->evidence.offset_minutes, Optional(0));
  EXPECT_TRUE(zulu->zulu);

  const auto offset = ParseIso("2024-04-04T07:03-07:00");
  ASSERT_TRUE(offset);
  EXPECT_THAT(offset->evidence.local, Optional(absl::CivilSecond(2024, 4, 4, 7, 3, 0)));
  EXPECT_THAT(offset->evidence.offset_minutes, Optional(-420));

  const auto named = ParseIso("2024-01-04 07:03:12 EST");
  ASSERT_TRUE(named);
  EXPECT_THAT(named->evidence.offset_minutes, Optional(-300));
  EXPECT_TRUE(named->evidence.from_abbreviation);

  const auto day = ParseIso("2024-04-04");
  ASSERT_TRUE(day);
  EXPECT_THAT(day->evidence.day, Optional(absl::CivilDay(2024, 4, 4)));
  EXPECT_FALSE(day->evidence.local);
}

TEST(Iso, IsNotGuessed) {
  for (const char* text :
       {"", "2024", "2024-4-4", "04/04/2024", "2024-04-04T", "2024-04-04T07", "2024-04-04T07:", "2024-04-04T25:00:00",
        "2024-04-04T07:03:1", "2024-04-04T07:03:12.", "2024-04-04T07:03:12.Z", "2024-04-04T07:03:12 IST",
        "2024-04-04T07:03:12+25:00", "2024-02-30T00:00:00", "0001-01-01T00:00:00Z", "2024-04-04x07:03:12",
        "2024-04-04T07:03:12Zjunk", "3 Business Days"}) {
    EXPECT_FALSE(ParseIso(text)) << text;
  }
}

TEST(Resolve, KeepsTextLocalTimeOffsetAndItsSource) {
  TimeEvidence evidence;
  evidence.local = absl::CivilSecond(2024, 4, 23, 9, 15, 19);
  evidence.offset_minutes = -240;
  const auto time = Resolve("20240423 091519 -04.00", evidence, {});
  ASSERT_TRUE(time.ok()) << time.status();
  EXPECT_EQ(time->carrier_text(), "20240423 091519 -04.00");
  EXPECT_EQ(time->local_time(), "2024-04-23T09:15:19");
  EXPECT_EQ(time->offset_minutes(), -240);
  EXPECT_EQ(time->offset_source(), v1::OFFSET_SOURCE_EXPLICIT);
  EXPECT_EQ(Instant(*time), "2024-04-23T13:15:19Z");
  EXPECT_FALSE(time->uncertain());
}

TEST(Resolve, TakesTheOffsetFromGmt) {
  TimeEvidence evidence;
  evidence.local = absl::CivilSecond(2024, 4, 4, 7, 3, 12);
  evidence.gmt = absl::CivilSecond(2024, 4, 4, 14, 3, 12);
  const auto time = Resolve("", evidence, PlaceIn("NY", "US"));
  ASSERT_TRUE(time.ok());
  EXPECT_EQ(time->offset_minutes(), -420) << "GMT counts before the place";
  EXPECT_EQ(time->offset_source(), v1::OFFSET_SOURCE_GMT_PAIR);
  EXPECT_EQ(Instant(*time), "2024-04-04T14:03:12Z");
  EXPECT_TRUE(time->uncertain()) << "New York is never seven hours behind";
  EXPECT_FALSE(Resolve("", evidence, PlaceIn("WA", "US"))->uncertain());
  evidence.gmt = absl::CivilSecond(2024, 4, 4, 14, 3, 59);
  EXPECT_EQ(Instant(*Resolve("", evidence, {})), "2024-04-04T14:03:59Z") << "the moment in GMT is the instant";
}

// A place that is certain refutes an offset that cannot be there.
TEST(Resolve, ASurePlaceRefutesAWrongOffset) {
  TimeEvidence evidence;
  evidence.local = absl::CivilSecond(2024, 4, 23, 9, 15, 19);
  for (const int wrong : {0, 240, 840, -300}) {
    evidence.offset_minutes = wrong;
    EXPECT_TRUE(Resolve("", evidence, PlaceIn("NC", "US"))->uncertain()) << wrong;
    EXPECT_TRUE(Resolve("", evidence, PlaceIn("nc", "United States"))->uncertain()) << wrong;
    EXPECT_FALSE(Resolve("", evidence, PlaceIn("NC", ""))->uncertain()) << "no country, nothing to refute it";
    EXPECT_FALSE(Resolve("", evidence, PlaceIn("TX", "US"))->uncertain()) << "Texas has two zones";
  }
  evidence.offset_minutes = -240;
  EXPECT_FALSE(Resolve("", evidence, PlaceIn("NC", "USA"))->uncertain());
}

// USPS writes GMT's clock beside the day of local time.
TEST(Resolve, MendsADayOfGmtThatLocalTimeAndOffsetRefute) {
  TimeEvidence evidence;
  evidence.local = absl::CivilSecond(2024, 11, 25, 18, 31, 0);
  evidence.gmt = absl::CivilSecond(2024, 11, 25, 0, 31, 21);
  evidence.gmt_offset_minutes = -360;
  const auto time = Resolve("", evidence, {});
  ASSERT_TRUE(time.ok());
  EXPECT_EQ(Instant(*time), "2024-11-26T00:31:21Z");
  EXPECT_EQ(time->offset_minutes(), -360);
  EXPECT_TRUE(time->uncertain());
}

TEST(Resolve, IsUncertainIfPartsContradictEachOther) {
  TimeEvidence evidence;
  evidence.local = absl::CivilSecond(2024, 4, 23, 9, 15, 19);
  evidence.offset_minutes = -240;
  evidence.gmt = absl::CivilSecond(2024, 4, 23, 14, 15, 19);
  const auto time = Resolve("", evidence, {});
  ASSERT_TRUE(time.ok());
  EXPECT_EQ(time->offset_minutes(), -240);
  EXPECT_TRUE(time->uncertain());

  TimeEvidence odd;
  odd.local = absl::CivilSecond(2024, 4, 23, 9, 15, 19);
  odd.gmt = absl::CivilSecond(2024, 4, 26, 9, 15, 19);
  const auto assumed = Resolve("", odd, {});
  ASSERT_TRUE(assumed.ok());
  EXPECT_EQ(assumed->offset_source(), v1::OFFSET_SOURCE_ASSUMED);
  EXPECT_TRUE(assumed->uncertain());
}

TEST(Resolve, TakesTheOffsetOfThePlaceWithSummerTime) {
  TimeEvidence summer, winter;
  summer.local = absl::CivilSecond(2024, 7, 1, 12, 0, 0);
  winter.local = absl::CivilSecond(2024, 1, 1, 12, 0, 0);
  const auto in_summer = Resolve("", summer, PlaceIn("PA", "US")), in_winter = Resolve("", winter, PlaceIn("PA", "US"));
  ASSERT_TRUE(in_summer.ok() && in_winter.ok());
  EXPECT_EQ(in_summer->offset_minutes(), -240);
  EXPECT_EQ(in_winter->offset_minutes(), -300);
  EXPECT_EQ(in_summer->offset_source(), v1::OFFSET_SOURCE_PLACE);
  EXPECT_FALSE(in_summer->uncertain());
  EXPECT_TRUE(Resolve("", summer, PlaceIn("TX", "US"))->uncertain()) << "Texas has two zones";
  EXPECT_EQ(Resolve("", summer, PlaceIn("", "DE"))->offset_minutes(), 120);
}

TEST(Resolve, IsUncertainInTheHourThatAClockChangeRepeats) {
  TimeEvidence evidence;
  evidence.local = absl::CivilSecond(2024, 11, 3, 1, 30, 0);
  EXPECT_TRUE(Resolve("", evidence, PlaceIn("PA", "US"))->uncertain());
}

TEST(Resolve, AssumesUtcWithoutEvidenceAndIsUncertain) {
  TimeEvidence evidence;
  evidence.local = absl::CivilSecond(2024, 4, 23, 9, 15, 19);
  for (const v1::Place& place : {v1::Place(), PlaceIn("BR", "DE2"), PlaceIn("XX", "BR"), PlaceIn("NY", "")}) {
    const auto time = Resolve("", evidence, place);
    ASSERT_TRUE(time.ok());
    EXPECT_EQ(time->offset_source(), v1::OFFSET_SOURCE_ASSUMED);
    EXPECT_TRUE(time->uncertain());
    EXPECT_EQ(Instant(*time), "2024-04-23T09:15:19Z");
  }
}

TEST(Resolve, ADateStaysADate) {
  TimeEvidence evidence;
  evidence.day = absl::CivilDay(2024, 4, 23);
  const auto time = Resolve("20240423", evidence, PlaceIn("PA", "US"));
  ASSERT_TRUE(time.ok());
  EXPECT_EQ(time->local_time(), "2024-04-23");
  EXPECT_FALSE(time->has_offset_minutes());
  EXPECT_TRUE(time->uncertain());
  EXPECT_EQ(Instant(*time), "2024-04-23T12:00:00Z");
}

TEST(Resolve, GmtAloneIsGmt) {
  TimeEvidence evidence;
  evidence.gmt = absl::CivilSecond(2024, 4, 23, 13, 15, 19);
  const auto time = Resolve("", evidence, PlaceIn("PA", "US"));
  ASSERT_TRUE(time.ok());
  EXPECT_EQ(time->offset_source(), v1::OFFSET_SOURCE_EXPLICIT);
  EXPECT_EQ(time->offset_minutes(), 0);
  EXPECT_EQ(Instant(*time), "2024-04-23T13:15:19Z");
}

TEST(Resolve, FailsWithoutDateAndTime) { EXPECT_FALSE(Resolve("", {}, {}).ok()); }

TEST(Zone, IsNotAFileNameOrAPosixRule) {
  EXPECT_TRUE(ZoneByName("America/New_York"));
  for (const char* name : {"", "/etc/localtime", "../../etc/passwd", ":America/New_York", "Mars/Base"}) {
    EXPECT_FALSE(ZoneByName(name)) << name;
  }
}

}  // namespace
}  // namespace throughline::supplier
