#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/carriers/testing_payloads.h"

namespace throughline::supplier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Kind = ParsedItem::Kind;

const Carriers& BuiltIn() {
  static const Carriers& carriers = *Carriers::Load("").value().release();
  return carriers;
}

absl::StatusOr<std::vector<ParsedItem>> Parse(const char* format, const std::string& body) {
  return BuiltIn().Find(format)->Parse(body);
}

std::vector<ParsedItem> Items(const char* format, const std::string& body) {
  auto items = Parse(format, body);
  EXPECT_TRUE(items.ok()) << items.status();
  return items.ok() ? *std::move(items) : std::vector<ParsedItem>();
}

std::vector<v1::TrackingState> States(const std::vector<ParsedItem>& items) {
  std::vector<v1::TrackingState> states;
  for (const ParsedItem& item : items) states.push_back(item.judgement.meaning.state());
  return states;
}

std::string Instant(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", runtime::FromProto(time), absl::UTCTimeZone());
}

std::string With(const std::string& payload, const std::string& from, const std::string& to) {
  const std::string changed = absl::StrReplaceAll(payload, {{from, to}});
  EXPECT_NE(changed, payload) << from;
  return changed;
}

// All that is said against a payload, its items and their fields.
std::string Complaints(const char* format, const std::string& body) {
  const auto items = Parse(format, body);
  std::string all(items.status().message());
  if (!items.ok()) return all;
  for (const ParsedItem& item : *items) {
    all += " " + std::string(item.error.message());
    for (const std::string& warning : item.warnings) all += " " + warning;
  }
  return all;
}

TEST(Carriers, KnowTheirFormats) {
  const auto formats = BuiltIn().Formats();
  EXPECT_TRUE(std::is_sorted(formats.begin(), formats.end()));
  EXPECT_THAT(formats, SizeIs(18));
  EXPECT_EQ(BuiltIn().Find("ups"), nullptr);
  EXPECT_EQ(BuiltIn().Find("ups-track-alert")->Party(), "ups");
  EXPECT_EQ(BuiltIn().Find("easypost-webhook")->Party(), "easypost");
}

// One row per format; the document is compared with it.
TEST(Carriers, AreAllInTheDocument) {
  const auto readme = files::ReadFile("services/supplier-tracking/carriers/README.md");
  ASSERT_TRUE(readme);
  for (const Format& format : Formats()) {
    EXPECT_THAT(*readme, HasSubstr(std::string("| `") + format.name + "` | `" + format.party + "` | ")) << format.name;
    EXPECT_THAT(*readme, HasSubstr(std::string(" | ") + format.holds)) << format.name;
  }
}

TEST(Carriers, JudgeACodeWithoutAPayload) {
  v1::CarrierCode code;
  code.set_type("I");
  code.set_code("OT");
  EXPECT_EQ(BuiltIn().Judge("ups", code, "").meaning.state(), v1::TRACKING_STATE_OUT_FOR_DELIVERY);
  EXPECT_EQ(BuiltIn().Judge("nobody", code, "").kind, Judgement::Kind::kUnmapped);
}

TEST(Ups, GivesOneScanWithPlaceAndTime) {
  const auto items = Items("ups-track-alert", Payload("ups-track-alert/direct-5-out-for-delivery.json"));
  ASSERT_THAT(items, SizeIs(1));
  const v1::StatusEvent& event = items[0].event;
  EXPECT_EQ(items[0].kind, Kind::kEvent);
  EXPECT_EQ(items[0].judgement.kind, Judgement::Kind::kKnown);
  EXPECT_EQ(items[0].judgement.meaning.state(), v1::TRACKING_STATE_OUT_FOR_DELIVERY);
  EXPECT_EQ(event.carrier(), "ups");
  EXPECT_EQ(event.tracking_number(), "1Z204W4R0308071865");
  EXPECT_EQ(event.code().type(), "I");
  EXPECT_EQ(event.code().code(), "OT");
  EXPECT_EQ(event.code().api_version(), "track-alert/v1");
  EXPECT_EQ(event.text(), "Out for Delivery");
  EXPECT_EQ(event.place().city(), "Charlotte");
  EXPECT_EQ(event.place().region(), "NC");
  EXPECT_EQ(event.place().country(), "US");
  EXPECT_EQ(event.time().carrier_text(), "20250918 091519 -04.00");
  EXPECT_EQ(event.time().local_time(), "2025-09-18T09:15:19");
  EXPECT_EQ(event.time().offset_minutes(), -240);
  EXPECT_EQ(event.time().offset_source(), v1::OFFSET_SOURCE_EXPLICIT);
  EXPECT_FALSE(event.time().uncertain());
  EXPECT_EQ(Instant(event.time().instant()), "2025-09-18T13:15:19Z");
  EXPECT_EQ(event.eta().date(), "2025-09-18");
  EXPECT_FALSE(event.eta().has_zone()) << "the destination is not known here";
  EXPECT_EQ(Instant(event.eta().latest()), "2025-09-18T23:59:59Z");
  EXPECT_EQ(Instant(items[0].eta_stated_at), "2025-09-18T13:15:19Z");
}

TEST(Ups, GivesEveryStateOfADelivery) {
  const auto state = [](const char* name) {
    const auto items = Items("ups-track-alert", Payload(name));
    return items.size() == 1 ? items[0].judgement.meaning.state() : v1::TRACKING_STATE_UNSPECIFIED;
  };
  EXPECT_EQ(state("ups-track-alert/direct-1-label-created.json"), v1::TRACKING_STATE_ANNOUNCED);
  EXPECT_EQ(state("ups-track-alert/direct-2-pickup.json"), v1::TRACKING_STATE_PICKED_UP);
  EXPECT_EQ(state("ups-track-alert/direct-3-departure.json"), v1::TRACKING_STATE_IN_TRANSIT);
  EXPECT_EQ(state("ups-track-alert/direct-4-arrival.json"), v1::TRACKING_STATE_IN_TRANSIT);
  EXPECT_EQ(state("ups-track-alert/direct-6-delivered.json"), v1::TRACKING_STATE_DELIVERED);
  EXPECT_EQ(state("ups-track-alert/handover-2-origin-scan.json"), v1::TRACKING_STATE_PICKED_UP);
  EXPECT_EQ(state("ups-track-alert/handover-7-to-post-office.json"), v1::TRACKING_STATE_HANDED_OVER);
}

TEST(Ups, UnmappedCodesAreNotGuessed) {
  const auto items = Items("ups-track-alert", Payload("ups-track-alert/handover-5-unmapped.json"));
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].judgement.kind, Judgement::Kind::kUnmapped);
  EXPECT_EQ(items[0].judgement.meaning.state(), v1::TRACKING_STATE_UNSPECIFIED);
  EXPECT_EQ(items[0].judgement.why, "no map of ups names type \"I\" code \"QK\"");
}

TEST(Ups, AnUpdateGivesAnEtaAndNoScan) {
  const auto items = Items("ups-track-alert", Payload("ups-track-alert/handover-6-new-date.json"));
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].kind, Kind::kExpectation);
  EXPECT_EQ(items[0].event.eta().date(), "2025-09-20");
  EXPECT_EQ(Instant(items[0].eta_stated_at), "2025-09-17T10:45:00Z");
  EXPECT_FALSE(items[0].event.has_time());
}

TEST(Ups, TheOffsetIsExplicitOrFromGmtOrFromThePlaceOrAssumed) {
  const std::string payload = Payload("ups-track-alert/direct-4-arrival.json");
  const std::string no_offset = With(payload, "\"gmtOffset\": \"-04.00\"", "\"gmtOffset\": \"\"");
  const auto pair = Items("ups-track-alert", no_offset).at(0).event.time();
  EXPECT_EQ(pair.offset_source(), v1::OFFSET_SOURCE_GMT_PAIR);
  EXPECT_EQ(pair.offset_minutes(), -240);
  const std::string no_pair = With(no_offset, "\"gmtActivityDate\": \"20250917\"", "\"gmtActivityDate\": \"\"");
  const auto place = Items("ups-track-alert", no_pair).at(0).event.time();
  EXPECT_EQ(place.offset_source(), v1::OFFSET_SOURCE_PLACE);
  EXPECT_EQ(Instant(place.instant()), "2025-09-17T08:33:20Z");
  const std::string nowhere = With(no_pair, "\"stateProvince\": \"NC\"", "\"stateProvince\": \"\"");
  const auto assumed = Items("ups-track-alert", nowhere).at(0).event.time();
  EXPECT_EQ(assumed.offset_source(), v1::OFFSET_SOURCE_ASSUMED);
  EXPECT_TRUE(assumed.uncertain());
}

TEST(Ups, SaysWhichFieldIsWrong) {
  const std::string payload = Payload("ups-track-alert/direct-4-arrival.json");
  const auto why = [&](const std::string& from, const std::string& to) {
    return Complaints("ups-track-alert", With(payload, from, to));
  };
  EXPECT_THAT(why("1Z204W4R0308071865", ""), HasSubstr("trackingNumber is missing"));
  EXPECT_THAT(why("1Z204W4R0308071865", "1Z/../x"), HasSubstr("trackingNumber is not a tracking number"));
  EXPECT_THAT(why("\"code\": \"AR\"", "\"code\": {}"), HasSubstr("activityStatus.code is an object"));
  EXPECT_THAT(why("\"localActivityTime\": \"043320\"", "\"localActivityTime\": \"993320\""),
              HasSubstr("localActivityTime"));
  EXPECT_THAT(why("-04.00", "four"), HasSubstr("gmtOffset"));
  EXPECT_THAT(why("\"activityStatus\"", "\"status\""), HasSubstr("activityStatus is missing"));
  EXPECT_THAT(Complaints("ups-track-alert", "[]"), HasSubstr("the payload is an array"));
}

TEST(Ups, QuarantineDoesNotKeepThePhotograph) {
  const std::string payload = With(Payload("ups-track-alert/direct-6-delivered.json"), "\"receivedBy\"",
                                   "\"deliveryPhoto\": \"" + std::string(200'000, 'A') + "\", \"receivedBy\"");
  const auto items = Items("ups-track-alert", payload);
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_LT(items[0].raw.size(), 2000u);
}

TEST(Usps, GivesTheWholeHistoryInTheOrderOfThePayload) {
  const auto items = Items("usps-tracking-v3", Payload("usps-tracking-v3/4-delivered.json"));
  EXPECT_THAT(States(items),
              ElementsAre(v1::TRACKING_STATE_DELIVERED, v1::TRACKING_STATE_OUT_FOR_DELIVERY,
                          v1::TRACKING_STATE_IN_TRANSIT, v1::TRACKING_STATE_IN_TRANSIT, v1::TRACKING_STATE_PICKED_UP));
  EXPECT_EQ(items[0].event.tracking_number(), "9261290100130435082878");
  EXPECT_EQ(items[0].event.code().code(), "01");
  EXPECT_EQ(items[0].event.time().offset_source(), v1::OFFSET_SOURCE_GMT_PAIR);
  EXPECT_EQ(items[0].event.time().offset_minutes(), -240);
  EXPECT_FALSE(items[0].event.time().uncertain());
  EXPECT_EQ(Instant(items[0].event.time().instant()), "2025-09-20T18:14:00Z");
  EXPECT_EQ(items[0].event.eta().date(), "2025-09-20") << "with the newest scan";
  for (size_t i = 1; i < items.size(); ++i) EXPECT_FALSE(items[i].event.has_eta());
}

TEST(Usps, IgnoresAZAfterLocalTime) {
  const std::string payload = With(
      With(Payload("usps-tracking-v3/1-acceptance.json"), "\"2025-09-17T23:05:00Z\"", "null"), "\"-4:00\"", "null");
  const auto items = Items("usps-tracking-v3", With(payload, "2025-09-17T19:05:00", "2025-09-17T19:05:00Z"));
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].event.time().local_time(), "2025-09-17T19:05:00");
  EXPECT_EQ(items[0].event.time().carrier_text(), "2025-09-17T19:05:00Z");
  EXPECT_EQ(items[0].event.time().offset_source(), v1::OFFSET_SOURCE_ASSUMED) << "no country, no zone";
  EXPECT_TRUE(items[0].event.time().uncertain());
}

TEST(Usps, OneBadEventDoesNotSpoilTheOthers) {
  const auto items =
      Items("usps-tracking-v3",
            With(With(Payload("usps-tracking-v3/4-delivered.json"), "\"2025-09-20T08:31:00\"", "\"this morning\""),
                 "\"2025-09-20T12:31:00Z\"", "null"));
  ASSERT_THAT(items, SizeIs(5));
  EXPECT_EQ(items[1].kind, Kind::kMalformed);
  EXPECT_THAT(std::string(items[1].error.message()), HasSubstr("trackingEvents[1].eventTimestamp"));
  EXPECT_EQ(items[0].kind, Kind::kEvent);
  EXPECT_EQ(items[4].kind, Kind::kEvent);
}

TEST(Usps, AcceptsSeveralParcelsInOnePayload) {
  const std::string one = Payload("usps-tracking-v3/1-acceptance.json");
  EXPECT_THAT(
      Items("usps-tracking-v3", "[" + one + "," + With(one, "9261290100130435082878", "9261290100130435082885") + "]"),
      SizeIs(2));
  EXPECT_THAT(Complaints("usps-tracking-v3", "[" + one + ",{}]"), HasSubstr("[1].trackingNumber"));
  EXPECT_EQ(Items("usps-tracking-v3", "[{}," + one + "]")[1].kind, Kind::kEvent) << "one bad parcel spoils no other";
}

TEST(Usps, LimitsTheNumberOfEvents) {
  std::string many = R"({"trackingNumber":"9261290100130435082878","trackingEvents":[{})";
  for (int i = 0; i < 1000; ++i) many += ",{}";
  EXPECT_THAT(Complaints("usps-tracking-v3", many + "]}"), HasSubstr("more than 1000 events"));
  EXPECT_THAT(Items("usps-tracking-v3", many + "]}"), SizeIs(1));
}

TEST(Easypost, GivesTheHistoryUnderTheCarrierThatItNames) {
  const auto items = Items("easypost-webhook", Payload("easypost-webhook/2-delivered.json"));
  EXPECT_THAT(States(items), ElementsAre(v1::TRACKING_STATE_ANNOUNCED, v1::TRACKING_STATE_PICKED_UP,
                                         v1::TRACKING_STATE_IN_TRANSIT, v1::TRACKING_STATE_IN_TRANSIT,
                                         v1::TRACKING_STATE_OUT_FOR_DELIVERY, v1::TRACKING_STATE_DELIVERED));
  EXPECT_EQ(items[5].event.carrier(), "ups");
  EXPECT_EQ(items[5].event.tracking_number(), "1Z8A41E20390105678");
  EXPECT_EQ(items[5].event.code().type(), "delivered");
  EXPECT_EQ(items[5].event.code().code(), "arrived_at_destination");
  EXPECT_EQ(items[5].message_id, "evt_1a2b3c4d5e6f11eea0b1c2d3e4f50002");
  EXPECT_EQ(items[5].event.eta().date(), "2025-09-18");
  EXPECT_EQ(Instant(items[5].eta_stated_at), "2025-09-18T21:40:00Z");
  EXPECT_EQ(items[5].event.time().offset_source(), v1::OFFSET_SOURCE_EXPLICIT);
  EXPECT_FALSE(items[5].event.time().uncertain());
}

TEST(Easypost, TheSameHistoryGivesTheSameEvents) {
  const auto first = Items("easypost-webhook", Payload("easypost-webhook/1-in-transit.json"));
  const auto again = Items("easypost-webhook", Payload("easypost-webhook/2-delivered.json"));
  ASSERT_THAT(first, SizeIs(4));
  for (size_t i = 0; i < first.size(); ++i) {
    v1::StatusEvent a = first[i].event, b = again[i].event;
    a.clear_eta();
    b.clear_eta();
    EXPECT_EQ(a.SerializeAsString(), b.SerializeAsString());
  }
}

TEST(Easypost, PreTransitWithADeliveredTextIsAContradiction) {
  const auto items = Items("easypost-webhook", Payload("easypost-webhook/contradiction.json"));
  ASSERT_THAT(items, SizeIs(2));
  EXPECT_EQ(items[0].judgement.kind, Judgement::Kind::kConflicting);
  EXPECT_EQ(items[0].judgement.meaning.state(), v1::TRACKING_STATE_ANNOUNCED);
  EXPECT_EQ(items[0].judgement.other_state, v1::TRACKING_STATE_DELIVERED);
  EXPECT_EQ(items[1].kind, Kind::kExpectation) << "the ETA is kept all the same";
}

TEST(Easypost, ADeliveryOfAReturnIsReturned) {
  const auto items = Items("easypost-webhook", With(Payload("easypost-webhook/2-delivered.json"),
                                                    "\"is_return\": false", "\"is_return\": true"));
  ASSERT_THAT(items, Not(IsEmpty()));
  EXPECT_EQ(items.back().judgement.meaning.state(), v1::TRACKING_STATE_RETURNED);
  EXPECT_TRUE(items.back().judgement.return_leg);
}

TEST(Easypost, LocalTimeWrittenAsUtcIsUncertain) {
  const auto items = Items("easypost-webhook", Payload("easypost-webhook/local-time-as-zulu.json"));
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].event.carrier(), "usps");
  EXPECT_EQ(items[0].event.time().local_time(), "2025-09-20T08:20:00");
  EXPECT_EQ(items[0].event.time().offset_source(), v1::OFFSET_SOURCE_ASSUMED) << "no country, no zone";
  EXPECT_TRUE(items[0].event.time().uncertain());
}

TEST(Easypost, UnknownStatusesAreNotGuessed) {
  const auto items =
      Items("easypost-webhook", With(Payload("easypost-webhook/contradiction.json"), "pre_transit", "teleported"));
  ASSERT_THAT(items, SizeIs(2));
  EXPECT_EQ(items[0].judgement.kind, Judgement::Kind::kUnmapped);
  EXPECT_EQ(items[0].judgement.why, "no map of easypost names type \"teleported\" code \"status_update\"");
}

TEST(Easypost, AnEtaIsKeptEvenIfTheNewestStatusIsUnmapped) {
  const std::string newest = "\"in_transit\",\n        \"status_detail\": \"arrived_at_facility\"";
  const auto items = Items("easypost-webhook", With(Payload("easypost-webhook/1-in-transit.json"), newest,
                                                    "\"teleported\", \"status_detail\": \"\""));
  ASSERT_THAT(items, SizeIs(4));
  EXPECT_EQ(items[3].judgement.kind, Judgement::Kind::kUnmapped);
  EXPECT_FALSE(items[3].event.has_eta());
  EXPECT_EQ(items[2].event.eta().date(), "2025-09-18");
}

TEST(Easypost, OtherWebhooksGiveNoItems) {
  EXPECT_THAT(
      Items("easypost-webhook", R"({"object":"Event","description":"batch.created","result":{"object":"Batch"}})"),
      IsEmpty());
}

TEST(Easypost, SaysWhichFieldIsWrong) {
  const std::string payload = Payload("easypost-webhook/2-delivered.json");
  const auto why = [&](const std::string& from, const std::string& to) {
    return Complaints("easypost-webhook", With(payload, from, to));
  };
  EXPECT_THAT(why("\"tracking_code\"", "\"code\""), HasSubstr("result.tracking_code is missing"));
  EXPECT_THAT(why("\"carrier\": \"UPS\"", "\"carrier\": \"U/S\""), HasSubstr("result.carrier is not a carrier"));
  EXPECT_THAT(why("\"is_return\": false", "\"is_return\": 0"), HasSubstr("result.is_return is a number"));
  const auto items = Items("easypost-webhook", With(payload, "2025-09-17T13:02:00Z", "17/09/2025"));
  ASSERT_THAT(items, SizeIs(6));
  EXPECT_THAT(std::string(items[3].error.message()), HasSubstr("result.tracking_details[3].datetime"));
}

// The raw payload of an item is enough to read it again once the map is extended.
TEST(Raw, GivesTheSameItemAgain) {
  for (const auto& [format, path, body] : AllPayloads()) {
    for (const ParsedItem& item : Items(format.c_str(), body)) {
      if (item.kind == Kind::kExpectation) continue;  // never quarantined
      auto again = Items(format.c_str(), item.raw);
      std::erase_if(again, [](const ParsedItem& other) { return other.kind == Kind::kExpectation; });
      ASSERT_THAT(again, SizeIs(1)) << item.raw;
      v1::StatusEvent a = item.event, b = again[0].event;
      a.clear_eta();
      b.clear_eta();
      EXPECT_EQ(a.SerializeAsString(), b.SerializeAsString()) << item.raw;
      EXPECT_EQ(again[0].kind, item.kind);
      EXPECT_EQ(again[0].judgement.meaning.SerializeAsString(), item.judgement.meaning.SerializeAsString());
      EXPECT_EQ(again[0].raw, item.raw);
    }
  }
}

}  // namespace
}  // namespace throughline::supplier
