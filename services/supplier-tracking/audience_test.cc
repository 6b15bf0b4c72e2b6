// What staff and customers read of an order: TraceOrder and WatchOrder.

#include <algorithm>

#include <gmock/gmock.h>

#include "libs/service/testing.h"
#include "services/supplier-tracking/happenings.h"
#include "services/supplier-tracking/projections/order/customer_text.h"

namespace throughline::supplier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using OrderWatch = service::testing::Watching<v1::WatchOrderResponse>;

// All texts in the message.
void TextsIn(const google::protobuf::Message& message, std::vector<std::string>& texts) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  const auto& reflection = *message.GetReflection();
  reflection.ListFields(message, &fields);
  for (const auto* field : fields) {
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
        TextsIn(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                     : reflection.GetMessage(message, field),
                texts);
      } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
        texts.push_back(field->is_repeated() ? reflection.GetRepeatedString(message, field, i)
                                             : reflection.GetString(message, field));
      }
    }
  }
}

void ExpectNoneOf(const std::vector<std::string>& internal, const google::protobuf::Message& shown) {
  std::vector<std::string> texts;
  TextsIn(shown, texts);
  EXPECT_FALSE(texts.empty());
  for (const std::string& text : texts) {
    for (const std::string& word : internal) EXPECT_THAT(text, Not(HasSubstr(word)));
  }
}

v1::TraceOrderResponse Trace(ServiceUnderTest& service, v1::Audience audience) {
  v1::TraceOrderRequest request;
  request.set_order_id("SO-1");
  request.set_audience(audience);
  request.set_page_size(1000);
  auto response = TraceOrder(service.reader(), request, {}, "0800 1");
  EXPECT_TRUE(response.ok()) << response.status();
  return response.ok() ? *std::move(response) : v1::TraceOrderResponse();
}

std::vector<std::string> Texts(const v1::TraceOrderResponse& trace) {
  std::vector<std::string> texts;
  for (const v1::TraceEntry& entry : trace.entries()) texts.push_back(entry.text());
  return texts;
}

// An order with a vendor that has run out, a parcel on its way, and a case.
void Tell(ServiceUnderTest& service) {
  const int64_t noon = absl::ToUnixSeconds(service.now());
  ASSERT_TRUE(service.Place("SO-1", absl::StrCat(kOrder, " destination_zone: \"America/New_York\"")).ok());
  service.Pass(absl::Minutes(1));
  ASSERT_TRUE(
      service.VendorUpdate("SO-1", "acme", R"(dispatched { carrier: "ups" tracking_number: "1Z" hand_over: true })")
          .ok());
  ASSERT_TRUE(service
                  .Push(absl::StrCat(Scan("ups", "1Z", "IN_TRANSIT", noon + 90),
                                     R"( text: "LEFT SECRETDOCK" place { facility: "SECRETHUB" city: "Albany"
                                        region: "NY" country: "US" })"))
                  .ok());
  service.Pass(absl::Minutes(1));
  ASSERT_TRUE(service.VendorUpdate("SO-1", "bolt", R"(backordered { reason: "SECRETMILL" })").ok());
  service.Pass(absl::Minutes(1));
  service.Foreign<CaseEvent>(log::Topic::kIntake, "case/k1",
                             R"(opened { case_id: "k1" subject: "SECRETSUBJECT" text: "SECRETALERT" order_id: "SO-1"
                                         channel: CHANNEL_PROACTIVE owner: "ownerana" })");
  service.Foreign<OwnershipEvent>(log::Topic::kOwnership, "ownership/k1",
                                  R"(started { case_id: "k1" owner: "ownerana" order_id: "SO-1" })");
  service.Pass(absl::Minutes(1));
  service.Foreign<OwnershipEvent>(log::Topic::kOwnership, "ownership/k1",
                                  R"(work_note_added { by: "ownerana" text: "SECRETNOTE" })");
  service.Foreign<OwnershipEvent>(
      log::Topic::kOwnership, "ownership/k1",
      absl::StrCat(R"(commitment_made { by: "ownerana" commitment { commitment_id: "p1" kind: COMMITMENT_KIND_PROMISE
                      owed_to: "c1" text: "The bulbs come on Friday" due { seconds: )",
                   noon + 7200, " } } }"));
  service.Pass(absl::Minutes(1));
  service.Foreign<CaseEvent>(log::Topic::kIntake, "case/k1",
                             R"(interaction_recorded { direction: DIRECTION_OUTBOUND by: "ownerana"
                                                       text: "We are sorry" })");
}
const std::vector<std::string> kInternal = {"SECRET", "acme", "bolt", "ownerana", "sam"};

TEST(Audience, TheCustomerReadsTheirOwnWordsAndNoNamesOfOurs) {
  ServiceUnderTest service;
  Tell(service);
  const v1::TraceOrderResponse shown = Trace(service, v1::AUDIENCE_CUSTOMER);
  ExpectNoneOf(kInternal, shown);
  EXPECT_THAT(Texts(shown),
              ElementsAre("Your order is placed; we promised all of it by 2026-03-04 07:00 America/New_York",
                          "Sent with UPS, tracking number 1Z: lamp", "On its way, Albany, NY, US",
                          "Not in stock: bulb; we do not know yet when it is back",
                          "It may come later than we promised; we see to it",
                          "We noticed that something is not right, and see to it",
                          "We promised you: \"The bulbs come on Friday\" by 2026-03-01 14:00 UTC",
                          "We told you: \"We are sorry\""));
  EXPECT_EQ(shown.order().contact(), "0800 1; name order SO-1 and case k1");
  EXPECT_EQ(shown.order().next_step().text(), "We promised you: \"The bulbs come on Friday\"");
  EXPECT_TRUE(shown.order().at_risk());
  EXPECT_FALSE(shown.order().has_at_risk_cause());
}

TEST(Audience, StaffReadWhoDidWhatAndWhatItChanged) {
  ServiceUnderTest service;
  Tell(service);
  const v1::TraceOrderResponse trace = Trace(service, v1::AUDIENCE_UNSPECIFIED);
  EXPECT_EQ(Texts(trace), Texts(Trace(service, v1::AUDIENCE_STAFF)));
  const std::vector<v1::TraceEntry> entries(trace.entries().begin(), trace.entries().end());
  for (const v1::TraceEntry& entry : entries) {
    EXPECT_EQ(entry.commit().topic(), absl::StrCat("throughline.", entry.service(), ".log"));
    EXPECT_EQ(entry.local_time().zone(), "America/New_York") << entry.ShortDebugString();
    EXPECT_EQ(entry.time_certainty(), v1::TIME_CERTAINTY_CERTAIN);
  }
  const v1::TraceEntry& scan = *Find(entries, "StatusRecorded");
  EXPECT_EQ(scan.effect().shipment_state().before(), v1::TRACKING_STATE_UNSPECIFIED);
  EXPECT_EQ(scan.effect().shipment_state().after(), v1::TRACKING_STATE_IN_TRANSIT);
  EXPECT_EQ(scan.local_time().time(), "2026-03-01T07:01:30");
  EXPECT_EQ(scan.local_time().at(), v1::LOCAL_TIME_PLACE_EVENT);
  const v1::TraceEntry& backordered = *Find(entries, "VendorBackordered");
  EXPECT_TRUE(backordered.effect().risk().after()) << "the first of its commit has all that it changed";
  ASSERT_EQ(backordered.effect().lines_size(), 1);
  EXPECT_EQ(backordered.effect().lines(0).after(), v1::LINE_STATUS_BACKORDERED);
  EXPECT_EQ(Find(entries, "PromiseAtRisk")->commit().offset(), backordered.commit().offset());
  EXPECT_NE(Find(entries, "PromiseAtRisk")->commit().event_index(), backordered.commit().event_index());
  const v1::TraceEntry& opened = *Find(entries, "CaseOpened");
  EXPECT_EQ(opened.effect().owner().before(), "sam");
  EXPECT_EQ(opened.effect().owner().after(), "ownerana");
  EXPECT_EQ(trace.order().owner(), "ownerana");
}

TEST(Audience, AScanThatComesLateIsSeenToChangeNothing) {
  ServiceUnderTest service;
  Tell(service);
  const int64_t noon = absl::ToUnixSeconds(service.now());
  ASSERT_TRUE(service.Push(Scan("ups", "1Z", "PICKED_UP", noon - 3600)).ok());
  const v1::TraceOrderResponse trace = Trace(service, v1::AUDIENCE_STAFF);
  const auto late = std::find_if(trace.entries().begin(), trace.entries().end(), [](const v1::TraceEntry& entry) {
    return entry.state() == v1::TRACKING_STATE_PICKED_UP;
  });
  ASSERT_NE(late, trace.entries().end());
  EXPECT_FALSE(late->has_effect()) << late->ShortDebugString();
}

TEST(Audience, AnEtaNamesTheScanThatItFollowsFrom) {
  ServiceUnderTest service;
  const int64_t noon = absl::ToUnixSeconds(service.now());
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  ASSERT_TRUE(service.Add("SO-1", R"(order_id: "SO-1" carrier: "ups" tracking_number: "1Z")").ok());
  ASSERT_TRUE(
      service
          .Push(absl::StrCat(Scan("ups", "1Z", "IN_TRANSIT", noon), " eta { latest { seconds: ", noon + 86400, " } }"))
          .ok());
  const auto entries = service.Trace("SO-1");
  const v1::TraceEntry* scan = Find(entries, "StatusRecorded");
  const v1::TraceEntry* changed = Find(entries, "EtaChanged");
  ASSERT_TRUE(scan != nullptr && changed != nullptr);
  EXPECT_EQ(scan->effect().shipment_eta().after().latest().seconds(), noon + 86400);
  EXPECT_EQ(changed->caused_by(), absl::StrCat(scan->stream(), "@", scan->version()));
  EXPECT_EQ(changed->effect().eta().after().latest().seconds(), noon + 86400);
  EXPECT_FALSE(changed->effect().eta().has_before());
  EXPECT_FALSE(Find(entries, "OrderPlaced")->has_caused_by());
}

// In a store of ours, the customer is not told to come before the store has the parcel.
TEST(Audience, TheCustomerIsNotToldToComeBeforeTheStoreHasIt) {
  v1::ScanView scan;
  scan.set_state(v1::TRACKING_STATE_READY_FOR_PICKUP);
  EXPECT_EQ(CustomerText(scan), "Ready for collection") << "at a counter of the carrier's";
  scan.set_store("store-7");
  EXPECT_EQ(CustomerText(scan), "");
  scan.set_store_receipt(true);
  EXPECT_EQ(CustomerText(scan), "Our store has received it");
  scan.set_corrected(true);
  EXPECT_EQ(CustomerText(scan), "");
}

// An event of an order is told to the customer, or kept for a reason. A new one fails here until it is decided which.
TEST(Audience, EveryEventOfAnOrderIsToldOrKept) {
  const std::set<std::string> kept = {"vendor_dispatched",  // its shipment says it
                                      "shipment_observed",  // its consequences are events of their own
                                      "forecast",           // PromiseAtRisk says what matters of it
                                      "receipt_awaited",    // the scan of the arrival says it
                                      "leg_awaited",        // the scan of the hand-over says it
                                      "leg_taken",          // the scan of the next carrier says it
                                      "delivery_verified",  // what it settles says it
                                      "proof_awaited",      // our own work
                                      "serial_recorded",    // what does not fit is a concern
                                      "reassigned",         // who of us owns it
                                      "link_created",       // whoever reads this has one
                                      "link_revoked"};
  v1::OrderView order;
  for (int i = 0; i < v1::OrderEvent::descriptor()->field_count(); ++i) {
    const auto* field = v1::OrderEvent::descriptor()->field(i);
    v1::OrderEvent event;
    google::protobuf::Message* inside = event.GetReflection()->MutableMessage(&event, field);
    if (const auto* last_leg = inside->GetDescriptor()->FindFieldByName("last_leg")) {
      inside->GetReflection()->SetBool(inside, last_leg, true);
    }
    EXPECT_EQ(CustomerText(event, order).empty(), kept.contains(field->name())) << field->name();
  }
}

TEST(Audience, NoHistoryShowsTheCustomerAnInternalName) {
  const std::vector<std::string> internal = {"acme", "bolt", "storm", "first", "rep", "sam", "called"};
  size_t shown = 0;
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    ServiceUnderTest service;
    Happenings happenings(service, seed);
    for (int i = 0; i < 60; ++i) happenings.Happen();
    const v1::TraceOrderResponse trace = Trace(service, v1::AUDIENCE_CUSTOMER);
    ExpectNoneOf(internal, trace);
    shown += static_cast<size_t>(trace.entries_size());
    EXPECT_LT(trace.entries_size(), Trace(service, v1::AUDIENCE_STAFF).entries_size());
  }
  EXPECT_GT(shown, 100u);
}

TEST(Audience, AWatchOfTheCustomersShowsWhatTheirTraceShows) {
  ServiceUnderTest service;
  const auto api = MakeApi(service.streams(), {});
  Happenings happenings(service, 5);
  v1::WatchOrderRequest request;
  request.set_order_id("SO-1");
  request.set_from_start(true);
  request.set_audience(v1::AUDIENCE_CUSTOMER);
  const OrderWatch watch(*api, "WatchOrder", request, service.now());
  std::set<std::string> ids, expected;
  for (int i = 0; i < 60; ++i) happenings.Happen();
  EXPECT_FALSE(watch.status()) << *watch.status();
  for (const v1::WatchOrderResponse& message : watch.messages()) {
    ExpectNoneOf({"acme", "bolt", "storm", "first", "rep", "sam"}, message);
    for (const v1::TraceEntry& entry : message.entries()) ids.insert(entry.entry_id());
  }
  const v1::TraceOrderResponse trace = Trace(service, v1::AUDIENCE_CUSTOMER);
  for (const v1::TraceEntry& entry : trace.entries()) expected.insert(entry.entry_id());
  EXPECT_EQ(ids, expected);
  // It resumes for the customer only.
  v1::WatchOrderRequest other = request;
  other.set_audience(v1::AUDIENCE_STAFF);
  other.set_resume_from(watch.messages().front().consistency_token());
  const OrderWatch of_staff(*api, "WatchOrder", other, service.now());
  ASSERT_TRUE(of_staff.status());
  EXPECT_EQ(runtime::BadFieldsOf(*of_staff.status()), std::vector<std::string>{"resume_from"});
}

}  // namespace
}  // namespace throughline::supplier
