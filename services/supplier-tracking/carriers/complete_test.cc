#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/carriers/carrier_adapter.h"

namespace throughline::supplier {
namespace {

using ::testing::HasSubstr;

template <class M>
M Make(const std::string& text) {
  M message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

absl::StatusOr<v1::CarrierTime> Time(const std::string& text, const std::string& place = "") {
  return Carriers::CompleteTime(Make<v1::CarrierTime>(text), Make<v1::Place>(place));
}

absl::Time At(const char* text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

TEST(CompleteTime, ComputesTheInstant) {
  const auto time =
      Time(R"(local_time: "2026-03-01T09:00:00" offset_minutes: -300 offset_source: OFFSET_SOURCE_EXPLICIT)");
  ASSERT_TRUE(time.ok()) << time.status();
  EXPECT_EQ(runtime::FromProto(time->instant()), At("2026-03-01T14:00:00Z"));
  EXPECT_FALSE(time->uncertain());
}

TEST(CompleteTime, ReturnsACompleteTimeUnchanged) {
  for (const char* given :
       {R"(local_time: "2026-03-01T09:00:00" offset_minutes: -300 offset_source: OFFSET_SOURCE_ABBREVIATION)",
        R"(local_time: "2026-03-01")", R"(local_time: "2026-03-01T09:00:00")", R"(instant { seconds: 1772373600 })"}) {
    const auto once = Time(given, R"(region: "NY" country: "US")");
    ASSERT_TRUE(once.ok()) << once.status();
    const auto twice = Carriers::CompleteTime(*once, Make<v1::Place>(R"(region: "NY" country: "US")"));
    ASSERT_TRUE(twice.ok()) << twice.status();
    EXPECT_EQ(once->SerializeAsString(), twice->SerializeAsString()) << given;
  }
}

TEST(CompleteTime, TakesTheOffsetOfThePlaceOrAssumesUtc) {
  EXPECT_EQ(Time(R"(local_time: "2026-07-01T09:00:00")", R"(region: "NY" country: "USA")")->offset_source(),
            v1::OFFSET_SOURCE_PLACE);
  EXPECT_EQ(Time(R"(local_time: "2026-07-01T09:00:00")", R"(region: "NY")")->offset_source(),
            v1::OFFSET_SOURCE_ASSUMED);
  const auto assumed = Time(R"(local_time: "2026-07-01T09:00:00")");
  EXPECT_EQ(assumed->offset_source(), v1::OFFSET_SOURCE_ASSUMED);
  EXPECT_TRUE(assumed->uncertain());
}

TEST(CompleteTime, KeepsAGivenInstant) {
  const auto time = Time("instant { seconds: 1772373600 }");
  ASSERT_TRUE(time.ok()) << time.status();
  EXPECT_EQ(time->instant().seconds(), 1772373600);
  EXPECT_EQ(time->local_time(), "2026-03-01T14:00:00");
  EXPECT_FALSE(time->uncertain());
}

TEST(CompleteTime, NamesTheFieldThatIsWrong) {
  EXPECT_THAT(Time("").status().message(), HasSubstr("event.time has no time"));
  EXPECT_THAT(Time(R"(local_time: "yesterday")").status().message(), HasSubstr("event.time.local_time"));
  EXPECT_THAT(Time(R"(local_time: "2026-03-01T09:00:00Z")").status().message(), HasSubstr("event.time.local_time"));
  EXPECT_THAT(Time(R"(local_time: "2026-03-01T09:00:00" offset_minutes: 2000)").status().message(),
              HasSubstr("event.time.offset_minutes"));
  EXPECT_THAT(Time(R"(local_time: "2026-03-01" offset_minutes: 60)").status().message(), HasSubstr("with a date"));
  EXPECT_THAT(
      Time(R"(local_time: "2026-03-01T09:00:00" offset_minutes: 0 instant { seconds: 1772373600 })").status().message(),
      HasSubstr("event.time.instant"));
  EXPECT_THAT(Time("instant { seconds: -62135596800 }").status().message(), HasSubstr("2000"));
}

TEST(CompleteEta, ADateMeansTheEndOfThatDayInItsZone) {
  const auto eta = Carriers::CompleteEta(Make<v1::Eta>(R"(date: "2026-07-01" zone: "America/New_York")"));
  ASSERT_TRUE(eta.ok()) << eta.status();
  EXPECT_EQ(eta->date(), "2026-07-01");
  EXPECT_EQ(eta->zone(), "America/New_York");
  EXPECT_EQ(runtime::FromProto(eta->latest()), At("2026-07-02T03:59:59Z"));
  const auto again = Carriers::CompleteEta(*eta);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->SerializeAsString(), eta->SerializeAsString());
  EXPECT_EQ(Carriers::CompleteEta(Make<v1::Eta>(R"(date: "2026-07-01")"))->zone(), "UTC");
}

TEST(CompleteEta, ReturnsACompleteEtaUnchanged) {
  const auto eta = Carriers::CompleteEta(Make<v1::Eta>("latest { seconds: 1772373600 }"));
  ASSERT_TRUE(eta.ok()) << eta.status();
  EXPECT_EQ(eta->latest().seconds(), 1772373600);
  EXPECT_FALSE(eta->has_zone());
}

TEST(CompleteEta, NamesTheFieldThatIsWrong) {
  const auto why = [](const std::string& text) {
    return std::string(Carriers::CompleteEta(Make<v1::Eta>(text), "dispatched.eta").status().message());
  };
  EXPECT_THAT(why(""), HasSubstr("dispatched.eta has no time"));
  EXPECT_THAT(why(R"(date: "1 July")"), HasSubstr("dispatched.eta.date"));
  EXPECT_THAT(why(R"(date: "2026-07-01T09:00:00")"), HasSubstr("dispatched.eta.date"));
  EXPECT_THAT(why(R"(date: "2026-07-01" zone: "Mars/Base")"), HasSubstr("dispatched.eta.zone"));
  EXPECT_THAT(why("latest { seconds: 10 } earliest { seconds: 11 }"), HasSubstr("dispatched.eta.earliest"));
}

}  // namespace
}  // namespace throughline::supplier
