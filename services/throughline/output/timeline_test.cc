#include "services/throughline/output/timeline.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

#include "libs/runtime/domain/time.h"
#include "services/throughline/output/testing_time.h"
#include "services/throughline/output/times.h"

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

TEST(Timeline, TellsTheStoryAndOnlyWhatChanged) {
  Timeline timeline({}, kNow);
  EXPECT_THAT(timeline.Entry(Parse<supplier::v1::TraceEntry>(kBackordered)),
              AllOf(HasSubstr("acme lacks line 2\n"), Not(HasSubstr("VendorBackordered")), Not(HasSubstr("owner")),
                    Not(HasSubstr("promised")), Not(HasSubstr("expected"))));
  EXPECT_THAT(timeline.Entry(Parse<supplier::v1::TraceEntry>(kScan)),
              AllOf(HasSubstr("Departed (Louisville, US)"), HasSubstr("DELAYED"), HasSubstr("shipment/ups/1Z/1"),
                    HasSubstr("by ups"), HasSubstr("known 2 h later")));
  EXPECT_THAT(timeline.Entry(Parse<supplier::v1::TraceEntry>(kScan)), Not(HasSubstr("shipment/ups/1Z/1")))
      << "it is the same shipment";
}

TEST(Timeline, ShowsWhatIsWrongWithTheOrder) {
  const auto order = Parse<supplier::v1::OrderView>(R"(order_id: "SO-1"
    concerns { kind: CONCERN_KIND_SERIAL_MISMATCH about: "line/1" text: "packed A, on the box B"
               since { seconds: 1790000000 } })");
  EXPECT_THAT(RenderOrder(order, {}, kNow), HasSubstr("SERIAL_MISMATCH packed A, on the box B since "));
  auto entry = Parse<supplier::v1::TraceEntry>(kBackordered);
  entry.set_kind("OrderConcernRaised");
  EXPECT_THAT(Timeline({}, kNow).Entry(entry), HasSubstr(" ! acme lacks line 2"));
  entry.set_kind("OrderConcernCleared");
  EXPECT_THAT(Timeline({}, kNow).Entry(entry), HasSubstr(" + acme lacks line 2"));
}

TEST(Timeline, ShowsWhatHistorySaysOfThePromise) {
  const auto order = Parse<supplier::v1::OrderView>(
      R"(order_id: "SO-1" forecast { late_probability: 0.72 expected { latest { seconds: 1790300000 } } })");
  EXPECT_THAT(RenderOrder(order, {}, kNow), HasSubstr("history late with a probability of 72 %, expected "));
}

TEST(Timeline, ShowsWhatAnEntryChanged) {
  auto entry = Parse<supplier::v1::TraceEntry>(kBackordered);
  entry.mutable_effect()->mutable_owner()->set_before("sam");
  entry.mutable_effect()->mutable_owner()->set_after("ana");
  entry.mutable_effect()->mutable_shipment_eta()->mutable_before()->set_date("2026-11-24");
  entry.mutable_effect()->mutable_promise()->mutable_before()->set_seconds(1790200000);
  entry.mutable_effect()->mutable_promise()->mutable_after()->set_seconds(1790300000);
  EXPECT_THAT(Timeline({}, kNow).Entry(entry),
              AllOf(HasSubstr("owner sam -> ana"), HasSubstr("shipment expected Tue 24 Nov -> unknown"),
                    HasSubstr("promised " + ShowTime(entry.effect().promise().before(), kNow) + " -> ")));
}

TEST(Timeline, PutsWhatFollowsBelowWithoutATime) {
  Timeline timeline({}, kNow);
  auto first = Parse<supplier::v1::TraceEntry>(kBackordered);
  first.mutable_commit()->set_topic("throughline.supplier-tracking.log");
  first.mutable_commit()->set_offset(7);
  first.set_stream("order/SO-1");
  first.set_version(3);
  auto same = first, reaction = first, other = first;
  same.mutable_commit()->set_event_index(1);
  same.set_text("promise at risk");
  reaction.mutable_commit()->set_offset(9);
  reaction.set_caused_by("order/SO-1@3");
  other.mutable_commit()->set_offset(10);
  const std::string clock = ShowClockOfDay(runtime::FromProto(first.time()));
  EXPECT_THAT(timeline.Entry(first), HasSubstr(clock));
  EXPECT_THAT(timeline.Entry(same), AllOf(HasSubstr("promise at risk"), Not(HasSubstr(clock))));
  EXPECT_THAT(timeline.Entry(reaction), Not(HasSubstr(clock)));
  EXPECT_THAT(timeline.Entry(other), HasSubstr(clock));
  EXPECT_THAT(Timeline({}, kNow, /*commits=*/true).Entry(first), HasSubstr("supplier-tracking/0@7"));
}

TEST(Timeline, ShowsTheTimeThereAndHowSureItIs) {
  auto entry = Parse<supplier::v1::TraceEntry>(kScan);
  const auto shown = [&entry] { return Timeline({}, kNow).Entry(entry); };
  auto& local = *entry.mutable_local_time();
  local.set_time("2026-09-21T04:02:30");
  local.set_offset_minutes(OffsetMinutes(runtime::FromProto(entry.time())) - 90);
  local.set_at(supplier::v1::LOCAL_TIME_PLACE_EVENT);
  EXPECT_THAT(shown(), testing::ContainsRegex("there 04:02 [+-]"));
  local.set_zone("America/New_York");
  EXPECT_THAT(shown(), HasSubstr("there 04:02 America/New_York"));
  local.set_offset_minutes(OffsetMinutes(runtime::FromProto(entry.time())));
  EXPECT_THAT(shown(), Not(HasSubstr("there"))) << "the clocks are the same";
  entry.set_time_certainty(supplier::v1::TIME_CERTAINTY_UNCERTAIN);
  EXPECT_THAT(shown(), HasSubstr("time not certain"));
  entry.set_time_certainty(supplier::v1::TIME_CERTAINTY_DERIVED);
  EXPECT_THAT(shown(), HasSubstr("offset by the place"));
  entry.set_time_certainty(supplier::v1::TIME_CERTAINTY_DATE_ONLY);
  EXPECT_THAT(shown(), AllOf(HasSubstr("--:--:--"), HasSubstr("only the date is known")));
}

TEST(Timeline, HasOneFormOfDate) {
  auto entry = Parse<supplier::v1::TraceEntry>(kBackordered);
  entry.set_text("now expected 2026-09-22 10:00 UTC, before 2026-09-21");
  const std::string time = ShowTime(absl::FromCivil(absl::CivilMinute(2026, 9, 22, 10, 0), absl::UTCTimeZone()), kNow);
  EXPECT_THAT(Timeline({}, kNow).Entry(entry), HasSubstr("now expected " + time + ", before Mon 21 Sep"));
}

TEST(Timeline, ShowsTheDateOnce) {
  Timeline timeline({}, kNow);
  const auto entry = Parse<supplier::v1::TraceEntry>(kBackordered);
  const std::string day = ShowDay(runtime::FromProto(entry.time()), kNow);
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
  EXPECT_THAT(coloured, HasSubstr("\x1b[1;31m│")) << "the bar of what is at risk";
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
                    HasSubstr("AT RISK vendor acme: line 2 backordered"), Not(HasSubstr("shipment/ups/1Z/1"))));
  EXPECT_THAT(RenderParts(order, {}, kNow),
              AllOf(HasSubstr("BACKORDERED"), HasSubstr("LAMP-7"), HasSubstr("shipment/ups/1Z/1"), HasSubstr("1 last"),
                    HasSubstr("cases 01J9")));
}

TEST(RenderOrder, SaysHowManyWereSentAndHaveArrived) {
  const auto order = Parse<supplier::v1::OrderView>(R"(
    lines { line { line_id: "1" quantity: 3 } status: LINE_STATUS_BACKORDERED quantity_sent: 2 quantity_delivered: 1
            shipments: "shipment/ups/1Z/1" shipments: "shipment/ups/1Y/1" }
    lines { line { line_id: "2" quantity: 2 } status: LINE_STATUS_DISPATCHED quantity_sent: 2 quantity_delivered: 1 }
    lines { line { line_id: "3" quantity: 2 } status: LINE_STATUS_DELIVERED quantity_sent: 2 quantity_delivered: 2
            shipments: "shipment/ups/1X/1" }
    shipments { shipment: "shipment/ups/1Z/1" quantities { line_id: "1" quantity: 1 } }
    shipments { shipment: "shipment/ups/1Y/1" quantities { line_id: "1" quantity: 1 } }
    shipments { shipment: "shipment/ups/1X/1" quantities { line_id: "3" quantity: 2 } })");
  EXPECT_THAT(RenderParts(order, {}, kNow),
              AllOf(HasSubstr("BACKORDERED, 2 of 3 sent, 1 arrived"), HasSubstr("DISPATCHED, 1 of 2 arrived"),
                    HasSubstr("1 in shipment/ups/1Z/1 1 in shipment/ups/1Y/1"), Not(HasSubstr("2 in shipment")),
                    Not(HasSubstr("DELIVERED,"))));
}

TEST(RenderOrder, SaysWhatHappensNext) {
  supplier::v1::OrderView order;
  order.mutable_next_step()->set_text("ana calls");
  *order.mutable_next_step()->mutable_due()->mutable_latest() = runtime::ToProto(kNow - absl::Hours(3));
  order.add_later_steps()->set_text("acme sends line 2");
  *order.mutable_later_steps(0)->mutable_due()->mutable_latest() = runtime::ToProto(kNow + absl::Hours(5));
  order.add_later_steps()->set_text("bolt acknowledges line 3");
  order.set_contact("0800 1; name order SO-1");
  EXPECT_THAT(RenderOrder(order, {}, kNow),
              AllOf(HasSubstr("next ana calls, by " + ShowTime(kNow - absl::Hours(3), kNow) + " (overdue for 3 h)\n"),
                    HasSubstr("then acme sends line 2, by " + ShowTime(kNow + absl::Hours(5), kNow) + " (in 5 h)\n"),
                    HasSubstr("then bolt acknowledges line 3, nobody has said when\n"),
                    HasSubstr("reach 0800 1; name order SO-1"), Not(HasSubstr("owner"))));
}

}  // namespace
}  // namespace throughline::tool
