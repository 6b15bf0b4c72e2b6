// "You should talk to the carrier", as the customer lives it: what they are told of their order, before they ask, and
// what they are not told to do. Each test is a sentence of the story.

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/time/clock.h"

#include "libs/runtime/domain/time.h"
#include "tests/stories/story.h"
#include "throughline/intake/v1/message_check.pb.h"

namespace throughline::stories {
namespace {

using supplier::v1::AUDIENCE_CUSTOMER;
using supplier::v1::NextStep;
using supplier::v1::OrderView;
using supplier::v1::TraceEntry;
using supplier::v1::TraceOrderResponse;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using Kinds = std::set<std::string>;

class TheCustomer : public Story<TheCustomer> {
 protected:
  void Begin() override { ana.IsAvailable(); }

  // A lamp by acme for mira in New York, promised in two days; ben owns the order.
  void OrdersALamp(const std::string& order_id) {
    supplier::v1::PlaceOrderRequest order;
    order.set_order_id(order_id);
    order.set_customer_id("mira");
    auto& line = *order.add_lines();
    line.set_line_id("1");
    line.set_sku("LAMP-7");
    line.set_description("Desk lamp");
    line.set_quantity(1);
    line.set_vendor_id("acme");
    *order.mutable_promised_time() = In(absl::Hours(48));
    order.set_owner("ben");
    order.set_destination_zone("America/New_York");
    ASSERT_EQ(webshop.PlacesOrder(order)->owner(), "ben");
  }

  static const TraceEntry& Find(const TraceOrderResponse& trace, const std::string& kind) {
    static const TraceEntry none;
    const auto found = absl::c_find_if(trace.entries(), [&](const auto& entry) { return entry.kind() == kind; });
    EXPECT_NE(found, trace.entries().end()) << "the trace has no " << kind;
    return found == trace.entries().end() ? none : *found;
  }
  static std::vector<std::string> Texts(const TraceOrderResponse& trace) {
    std::vector<std::string> texts;
    for (const TraceEntry& entry : trace.entries()) texts.push_back(entry.text());
    return texts;
  }
  static std::vector<NextStep> Steps(const OrderView& order) {
    std::vector<NextStep> steps(order.later_steps().begin(), order.later_steps().end());
    if (order.has_next_step()) steps.insert(steps.begin(), order.next_step());
    return steps;
  }
};

// The vendor's reasons are the vendor's; the customer reads what it means for them.
TEST_F(TheCustomer, IsToldOfAVendorsDelayBeforeTheyAskByAnOwner) {
  const std::string order = "SO-7431";
  OrdersALamp(order);
  acme.IsLate(order, In(absl::Hours(24)), "High demand, beyond our control.");
  EXPECT_FALSE(dashboard.Traces(order).order().at_risk());
  EXPECT_EQ(runtime::FromProto(dashboard.Traces(order).order().eta().latest()),
            runtime::FromProto(Find(dashboard.Traces(order), "EtaChanged").effect().eta().after().latest()))
      << "a vendor's delay moves the expectation";
  std::string c;
  ASSERT_TRUE(dashboard.ShowsLive(
      order,
      [&] { EXPECT_TRUE(acme.IsLate(order, In(absl::Hours(72)), "High demand, beyond our control.")->at_risk()); },
      [&](const OrderView& now, const Kinds& kinds) {
        for (const std::string& opened : now.case_ids()) c = opened;
        return !c.empty() && now.owner() == "ana" && kinds.contains("CaseOpened");
      }));
  EXPECT_EQ(ana.SeesCase(c).channel(), intake::v1::CHANNEL_PROACTIVE);
  EXPECT_EQ(ana.SeesCase(c).inbound_interactions(), 0u) << "the customer has not asked";
  const std::string words = "Your lamp leaves our supplier later. I tell you tomorrow how it goes on.";
  ana.TellsCustomer(c, words);
  ana.Promises(c, "You hear from me tomorrow.", In(absl::Hours(20)));
  ASSERT_TRUE(dashboard.ShowsLive(order, [](const OrderView&, const Kinds& kinds) {
    return kinds.contains("InteractionRecorded") && kinds.contains("CommitmentMade");
  }));

  const TraceOrderResponse staff = dashboard.Traces(order), customer = dashboard.Traces(order, AUDIENCE_CUSTOMER);
  EXPECT_THAT(Texts(customer), Contains(HasSubstr(words)));
  EXPECT_THAT(Texts(customer), Contains(HasSubstr("It may come later than we promised")));
  for (const std::string& text : Texts(customer)) {
    for (const char* internal : {"acme", "ana", "ben", "demand"}) EXPECT_THAT(text, Not(HasSubstr(internal)));
  }
  EXPECT_EQ(customer.order().owner(), "");
  EXPECT_EQ(customer.order().contact(), "Call 0800 555 0100; name order " + order + " and case " + c);
  EXPECT_TRUE(absl::c_any_of(Steps(customer.order()), [](const NextStep& step) {
    return step.text() == "We promised you: \"You hear from me tomorrow.\"";
  })) << customer.order().ShortDebugString();
  EXPECT_TRUE(absl::c_any_of(Steps(staff.order()), [](const NextStep& step) {
    return step.by() == "acme" && step.kind() == supplier::v1::NEXT_STEP_KIND_DISPATCH && step.has_due();
  })) << staff.order().ShortDebugString();
  EXPECT_EQ(staff.order().later_steps(staff.order().later_steps_size() - 1).kind(),
            supplier::v1::NEXT_STEP_KIND_PROMISE);
}

// What each entry of the one call says besides.
TEST_F(TheCustomer, SeesLocalTimesAndStaffSeeWhatEachEntryChangedAndItsCommit) {
  const std::string order = "SO-7432", number = "1Z204W4R0300000001";
  OrdersALamp(order);
  acme.Dispatches(order, "ups", number, Date(21), /*hand_over=*/false);
  const auto at = runtime::ToProto(absl::Now() - absl::Hours(1));
  ASSERT_EQ(ups.Reports(number, R"(status { state: TRACKING_STATE_IN_TRANSIT }
                                   place { city: "Los Angeles" region: "CA" country: "US" })",
                        at)
                ->result(),
            supplier::v1::PUSH_RESULT_ACCEPTED);
  ASSERT_EQ(ups.Reports(number, R"(status { state: TRACKING_STATE_PICKED_UP }
                                   time { local_time: "2026-03-04" } place { city: "Reno" })",
                        at)
                ->result(),
            supplier::v1::PUSH_RESULT_ACCEPTED);
  ASSERT_TRUE(dashboard.ShowsLive(order, [](const OrderView& now, const Kinds& kinds) {
    return kinds.contains("StatusRecorded") && now.shipments_size() == 1;
  }));
  const TraceOrderResponse trace = dashboard.Traces(order);
  for (const TraceEntry& entry : trace.entries()) {
    EXPECT_EQ(entry.commit().topic(), "throughline." + entry.service() + ".log") << entry.ShortDebugString();
    EXPECT_TRUE(entry.has_local_time()) << entry.ShortDebugString();
    EXPECT_NE(entry.time_certainty(), supplier::v1::TIME_CERTAINTY_UNSPECIFIED);
  }
  EXPECT_EQ(Find(trace, "OrderPlaced").local_time().zone(), "America/New_York");
  for (const auto& audience : {supplier::v1::AUDIENCE_STAFF, AUDIENCE_CUSTOMER}) {
    int scans = 0;
    const TraceOrderResponse shown = dashboard.Traces(order, audience);
    for (const TraceEntry& entry : shown.entries()) {
      if (entry.state() == supplier::v1::TRACKING_STATE_IN_TRANSIT) {
        ++scans;
        EXPECT_EQ(entry.local_time().zone(), "America/Los_Angeles");
        EXPECT_EQ(entry.local_time().at(), supplier::v1::LOCAL_TIME_PLACE_EVENT);
        EXPECT_EQ(entry.time_certainty(), supplier::v1::TIME_CERTAINTY_CERTAIN);
        EXPECT_EQ(entry.effect().shipment_state().after(), supplier::v1::TRACKING_STATE_IN_TRANSIT);
      }
      if (entry.state() == supplier::v1::TRACKING_STATE_PICKED_UP) {
        ++scans;
        EXPECT_EQ(entry.time_certainty(), supplier::v1::TIME_CERTAINTY_DATE_ONLY);
        EXPECT_EQ(entry.local_time().time(), "2026-03-04");
        EXPECT_FALSE(entry.effect().has_shipment_state()) << "it came late and took nothing back";
      }
    }
    EXPECT_EQ(scans, 2);
  }
}

TEST_F(TheCustomer, IsNotToldToComeBeforeTheStoreHasIt) {
  const std::string order = "SO-7433", number = "1Z204W4R0300000002";
  OrdersALamp(order);
  acme.Dispatches(order, "ups", number, Date(21), /*hand_over=*/false);
  const auto hour_ago = runtime::ToProto(absl::Now() - absl::Hours(1));
  ups.Reports(number, "status { state: TRACKING_STATE_IN_TRANSIT }", runtime::ToProto(absl::Now() - absl::Hours(5)));
  ASSERT_TRUE(dashboard.ShowsLive(
      order,
      [&] {
        ups.Reports(number, R"(status { state: TRACKING_STATE_READY_FOR_PICKUP }
                               place { facility: "Hearth & Home, Main Street" country: "US" })",
                    hour_ago);
      },
      [](const OrderView& now, const Kinds&) {
        return now.shipments_size() == 1 &&
               absl::c_linear_search(now.shipments(0).flags(), supplier::v1::TRACKING_FLAG_CONFLICTING);
      }))
      << "the two contradict each other";
  const auto says_come = [](const TraceOrderResponse& trace) {
    return absl::c_any_of(
               trace.entries(),
               [](const TraceEntry& entry) { return absl::StrContains(entry.text(), "eady for collection"); }) ||
           absl::c_any_of(Steps(trace.order()),
                          [](const NextStep& step) { return step.kind() == supplier::v1::NEXT_STEP_KIND_COLLECTION; });
  };
  EXPECT_TRUE(dashboard.ShowsLive(order, [](const OrderView& now, const Kinds&) {
    return now.concerns_size() == 1 && now.concerns(0).kind() == supplier::v1::CONCERN_KIND_CONTRADICTION;
  })) << "and it is raised";
  EXPECT_FALSE(says_come(dashboard.Traces(order, AUDIENCE_CUSTOMER)));
  EXPECT_NE(dashboard.Traces(order).order().shipments(0).state(), supplier::v1::TRACKING_STATE_READY_FOR_PICKUP);

  ASSERT_EQ(webshop.ReceivesInStore(kOurStore, "ups", number)->result(), supplier::v1::PUSH_RESULT_ACCEPTED);
  ASSERT_TRUE(dashboard.ShowsLive(order, [](const OrderView& now, const Kinds&) {
    return now.shipments(0).state() == supplier::v1::TRACKING_STATE_READY_FOR_PICKUP && now.concerns().empty();
  })) << "the receipt is the evidence";
  EXPECT_TRUE(says_come(dashboard.Traces(order, AUDIENCE_CUSTOMER)));
  EXPECT_THAT(Texts(dashboard.Traces(order, AUDIENCE_CUSTOMER)), Contains(HasSubstr("Our store has received it")));
}

TEST_F(TheCustomer, IsNotSentAwayByAMessageThatWasChecked) {
  intake::v1::CheckMessageRequest message;
  message.set_text(
      "Thank you for waiting. The delay is a supplier issue, beyond our control. You should talk to the carrier.");
  const auto checked = ana.Asks<intake::v1::CheckMessageResponse>(message);
  std::vector<std::string> sentences;
  for (const auto& finding : checked->findings()) {
    sentences.push_back(finding.sentence());
    EXPECT_EQ(message.text().substr(finding.begin(), finding.end() - finding.begin()), finding.phrase());
    EXPECT_FALSE(finding.say_instead().empty());
  }
  EXPECT_THAT(sentences, Contains(HasSubstr("beyond our control")));
  EXPECT_THAT(sentences, Contains(HasSubstr("talk to the carrier")));
  EXPECT_THAT(sentences, Not(Contains(HasSubstr("Thank you for waiting"))));
}

}  // namespace
}  // namespace throughline::stories
