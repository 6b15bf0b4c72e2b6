#include "services/throughline/output/timeline.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

#include "services/throughline/output/testing_time.h"

namespace throughline::tool {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

template <class Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

constexpr char kBackordered[] = R"(
  time { seconds: 1790000000 } recorded_at { seconds: 1790000000 } kind: "VendorBackordered" text: "acme lacks line 2"
  service: "supplier-tracking" by: "acme" owner: "ana" promised_time { seconds: 1790200000 })";
constexpr char kScan[] = R"(
  time { seconds: 1790000000 } recorded_at { seconds: 1790010000 } kind: "TrackingEventRecorded" text: "Departed"
  service: "supplier-tracking" by: "ups" owner: "ana" promised_time { seconds: 1790200000 }
  eta { date: "2026-11-24" } at_risk: true shipment: "shipment/ups/1Z/1" state: TRACKING_STATE_IN_TRANSIT
  reason: TRACKING_REASON_WEATHER flags: TRACKING_FLAG_DELAYED place { city: "Louisville" country: "US" })";

TEST(Timeline, ShowsOwnerPromiseAndExpectationOfEveryEntry) {
  Timeline timeline({}, kNow);
  EXPECT_THAT(timeline.Entry(Parse<supplier::v1::TraceEntry>(kBackordered)),
              AllOf(HasSubstr("acme lacks line 2"), HasSubstr("VendorBackordered"), HasSubstr("owner ana"),
                    HasSubstr("promised "), HasSubstr("expected unknown"), Not(HasSubstr("AT RISK"))));
  EXPECT_THAT(
      timeline.Entry(Parse<supplier::v1::TraceEntry>(kScan)),
      AllOf(HasSubstr("IN_TRANSIT (WEATHER)"), HasSubstr("Departed (Louisville, US)"), HasSubstr("expected Tue 24 Nov"),
            HasSubstr("AT RISK"), HasSubstr("DELAYED"), HasSubstr("shipment/ups/1Z/1"), HasSubstr("known 2 h later")));
}

TEST(Timeline, ShowsTheDateOnce) {
  Timeline timeline({}, kNow);
  const auto entry = Parse<supplier::v1::TraceEntry>(kBackordered);
  const std::string day = std::to_string(2026);
  EXPECT_THAT(timeline.Entry(entry), HasSubstr(day));
  EXPECT_THAT(timeline.Entry(entry), Not(HasSubstr(day)));
}

TEST(Timeline, IsAsciiWithoutUtf8) {
  const auto entry = Parse<supplier::v1::TraceEntry>(kScan);
  const auto ascii = [](const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80 && (c >= 0x20 || c == '\n'); });
  };
  EXPECT_TRUE(ascii(Timeline({}, kNow).Entry(entry)));
  Terminal able;
  able.utf8 = able.color = true;
  const std::string coloured = Timeline(able, kNow).Entry(entry);
  EXPECT_THAT(coloured, HasSubstr("\x1b[1;31mAT RISK"));
  EXPECT_THAT(coloured, HasSubstr("│"));
}

TEST(Timeline, KeepsToTheTerminalsWidth) {
  auto entry = Parse<supplier::v1::TraceEntry>(kScan);
  entry.set_text(
      "The parcel left the facility in the early hours and is on its way to the next one over the mountains");
  Terminal narrow;
  narrow.width = 60;
  for (const absl::string_view line : absl::StrSplit(Timeline(narrow, kNow).Entry(entry), '\n')) {
    EXPECT_LE(Width({line.data(), line.size()}), 60u) << line;
  }
}

TEST(RenderOrder, BeginsWithPromiseExpectationAndOwner) {
  const auto order = Parse<supplier::v1::OrderView>(R"(
    order_id: "SO-1001" customer_id: "C-17" status: ORDER_STATUS_OPEN owner: "ana" at_risk: true
    at_risk_cause: "vendor acme: line 2 backordered" promised_time { seconds: 1790200000 }
    lines { line { line_id: "2" sku: "LAMP-7" quantity: 3 vendor_id: "acme" } status: LINE_STATUS_BACKORDERED }
    shipments { shipment: "shipment/ups/1Z/1" leg: 1 last_leg: true state: TRACKING_STATE_IN_TRANSIT }
    case_ids: "01J9")");
  EXPECT_THAT(RenderOrder(order, {}, kNow),
              AllOf(HasSubstr("Order SO-1001  OPEN"), HasSubstr("owner ana"), HasSubstr("expected unknown"),
                    HasSubstr("AT RISK vendor acme: line 2 backordered"), HasSubstr("BACKORDERED"), HasSubstr("LAMP-7"),
                    HasSubstr("shipment/ups/1Z/1"), HasSubstr("1 last"), HasSubstr("cases 01J9")));
}

}  // namespace
}  // namespace throughline::tool
