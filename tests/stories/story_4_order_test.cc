// "You should talk to the carrier": the story follows an order from its placement to the customer's door; at every
// point a person at our company owns it. In the middle of it the power fails.

#include <map>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/time/clock.h"

#include "libs/runtime/domain/time.h"
#include "tests/stories/story.h"

namespace throughline::stories {
namespace {

using supplier::v1::OrderView;
using supplier::v1::PushRawEventsResponse;
using supplier::v1::TraceEntry;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::UnorderedElementsAre;
using Kinds = std::set<std::string>;

constexpr char kUpsDirect[] = "shipment/ups/1Z204W4R0308071865/1";
constexpr char kUpsFirstLeg[] = "shipment/ups/1Z9W8F35YW12345677/1";
constexpr char kUspsLastLeg[] = "shipment/usps/9261290100130435082878/1";

// The result of each event of a payload.
std::vector<supplier::v1::PushResult> Results(const Reply<PushRawEventsResponse>& reply) {
  std::vector<supplier::v1::PushResult> results;
  for (const auto& event : reply->events()) results.push_back(event.result());
  return results;
}

class AnOrder : public Story<AnOrder> {
 protected:
  // Three lines, two by acme and one by globex; ben owns the order.
  supplier::v1::PlaceOrderRequest ThreeLines(const std::string& order_id) {
    supplier::v1::PlaceOrderRequest order;
    order.set_order_id(order_id);
    order.set_customer_id("mira");
    for (const auto& [sku, vendor] : {std::pair("KETTLE-2", "acme"), {"CUP-6", "acme"}, {"TRAY-OAK", "globex"}}) {
      auto& line = *order.add_lines();
      line.set_line_id(std::to_string(order.lines_size()));
      line.set_sku(sku);
      line.set_description(sku);
      line.set_quantity(1);
      line.set_vendor_id(vendor);
    }
    *order.mutable_placed_at() = At(14, "10:00:00-04:00");
    *order.mutable_promised_time() = At(19, "20:00:00-04:00");
    order.set_owner("ben");
    order.set_destination_zone("America/New_York");
    return order;
  }

  static Kinds KindsOf(const supplier::v1::TraceOrderResponse& trace) {
    Kinds kinds;
    for (const TraceEntry& entry : trace.entries()) kinds.insert(entry.kind());
    return kinds;
  }

  // Each entry as text.
  static std::vector<std::string> LinesOf(const supplier::v1::TraceOrderResponse& trace) {
    std::vector<std::string> lines;
    for (const TraceEntry& entry : trace.entries()) lines.push_back(entry.ShortDebugString());
    return lines;
  }

  // The owner is never a vendor, a carrier or nobody; while the case is open, it is the case's owner.
  static void ExpectAPersonOfOursAnswersThroughout(const supplier::v1::TraceOrderResponse& trace) {
    bool case_is_open = false;
    absl::Time before = absl::InfinitePast();
    for (const TraceEntry& entry : trace.entries()) {
      if (entry.kind() == "CaseOpened") case_is_open = true;
      if (entry.kind() == "CaseClosed") case_is_open = false;
      EXPECT_EQ(entry.owner(), case_is_open ? "ana" : "ben") << entry.ShortDebugString();
      EXPECT_EQ(runtime::FromProto(entry.promised_time()), runtime::FromProto(At(19, "20:00:00-04:00")));
      EXPECT_LE(before, runtime::FromProto(entry.time())) << "out of order: " << entry.ShortDebugString();
      EXPECT_FALSE(entry.text().empty()) << entry.ShortDebugString();
      before = runtime::FromProto(entry.time());
    }
  }

  static const TraceEntry& Find(const supplier::v1::TraceOrderResponse& trace, const std::string& kind) {
    static const TraceEntry none;
    for (const TraceEntry& entry : trace.entries()) {
      if (entry.kind() == kind) return entry;
    }
    ADD_FAILURE() << "the trace has no " << kind;
    return none;
  }
};

TEST_F(AnOrder, IsFollowedFromPlacementToTheDoor) {
  constexpr auto kNew = supplier::v1::PUSH_RESULT_ACCEPTED;
  constexpr auto kKnown = supplier::v1::PUSH_RESULT_DUPLICATE;
  constexpr auto kPutAside = supplier::v1::PUSH_RESULT_QUARANTINED;
  const std::string order = "SO-7421";
  ana.IsAvailable();
  EXPECT_EQ(webshop.PlacesOrder(ThreeLines(order))->owner(), "ben");
  EXPECT_FALSE(acme.Acknowledges(order, Date(18))->at_risk());

  // globex has run out: the order is at risk, and a case with an owner opens by itself before the customer asks.
  std::string c;
  ASSERT_TRUE(dashboard.ShowsLive(
      order, [&] { EXPECT_TRUE(globex.HasRunOut(order, "The mill burnt down.")->at_risk()); },
      [&](const OrderView& now, const Kinds& kinds) {
        if (now.case_ids().empty() || !kinds.contains("CaseOpened")) return false;
        c = now.case_ids(0);
        return now.at_risk() && !now.has_eta() && now.owner() == "ana";
      }));
  const auto opened = ana.SeesCase(c);
  EXPECT_EQ(opened.owner(), "ana");
  EXPECT_EQ(opened.assignment_reason(), intake::v1::ASSIGNMENT_REASON_LEAST_LOAD);
  EXPECT_EQ(opened.channel(), intake::v1::CHANNEL_PROACTIVE);
  EXPECT_EQ(opened.order_id(), order);
  EXPECT_EQ(opened.customer_id(), "mira");
  EXPECT_EQ(opened.inbound_interactions(), 0u);
  EXPECT_TRUE(dashboard.ShowsLive(
      order, [&] { ana.TellsCustomer(c, "The tray comes later than we promised: I see to it."); },
      [](const OrderView&, const Kinds& kinds) { return kinds.contains("InteractionRecorded"); }));

  // acme's parcel, as UPS reports it: out of order, and one event twice.
  acme.Dispatches(order, "ups", "1Z204W4R0308071865", Date(18), /*hand_over=*/false);
  EXPECT_THAT(Results(ups.Pushes("direct-1-label-created")), ElementsAre(kNew));
  EXPECT_THAT(Results(ups.Pushes("direct-3-departure")), ElementsAre(kNew));
  EXPECT_THAT(Results(ups.Pushes("direct-2-pickup")), ElementsAre(kNew));
  EXPECT_THAT(Results(ups.Pushes("direct-3-departure")), ElementsAre(kKnown));
  EXPECT_THAT(Results(ups.Pushes("direct-5-out-for-delivery")), ElementsAre(kNew));
  EXPECT_THAT(Results(ups.Pushes("direct-4-arrival")), ElementsAre(kNew));
  EXPECT_EQ(ups.SeesShipment(kUpsDirect)->shipment().state(), supplier::v1::TRACKING_STATE_OUT_FOR_DELIVERY)
      << "an old scan that comes late takes nothing back";
  EXPECT_EQ(ups.SeesShipment(kUpsDirect)->shipment().scan_count(), 5u);
  EXPECT_TRUE(dashboard.ShowsLive(
      order, [&] { EXPECT_THAT(Results(ups.Pushes("direct-6-delivered")), ElementsAre(kNew)); },
      [](const OrderView& now, const Kinds& kinds) {
        return kinds.contains("ShipmentDelivered") && now.lines(0).status() == supplier::v1::LINE_STATUS_DELIVERED &&
               now.lines(1).status() == supplier::v1::LINE_STATUS_DELIVERED &&
               now.lines(2).status() == supplier::v1::LINE_STATUS_BACKORDERED;
      }));

  // The tray, which UPS hands over to the post office; one of its codes has no mapping yet.
  globex.Dispatches(order, "ups", "1Z9W8F35YW12345677", Date(22), /*hand_over=*/true);
  for (const char* told :
       {"handover-1-label-created", "handover-2-origin-scan", "handover-4-arrival", "handover-3-departure"}) {
    EXPECT_THAT(Results(ups.Pushes(told)), ElementsAre(kNew)) << told;
  }
  EXPECT_THAT(Results(ups.Pushes("handover-5-unmapped")), ElementsAre(kPutAside));
  EXPECT_EQ(ups.SeesShipment(kUpsFirstLeg)->shipment().state(), supplier::v1::TRACKING_STATE_IN_TRANSIT)
      << "what is not understood moves nothing";
  EXPECT_THAT(Results(ups.Pushes("handover-6-new-date")), ElementsAre(kNew));
  EXPECT_THAT(Results(ups.Pushes("handover-7-to-post-office")), ElementsAre(kNew));
  EXPECT_EQ(ups.SeesShipment(kUpsFirstLeg)->shipment().state(), supplier::v1::TRACKING_STATE_HANDED_OVER);
  EXPECT_THAT(Results(usps.Pushes("1-acceptance")), ElementsAre(kNew)) << "before anybody named the parcel to us";
  ASSERT_TRUE(dashboard.ShowsLive(order, [](const OrderView& now, const Kinds& kinds) {
    return kinds.contains("StatusQuarantined") && now.shipments_size() == 2 &&
           now.shipments(1).state() == supplier::v1::TRACKING_STATE_HANDED_OVER;
  }));
  EXPECT_EQ(dashboard.Traces(order).order().status(), supplier::v1::ORDER_STATUS_OPEN) << "a hand-over is no delivery";
  const std::string p = ana.Promises(c, "The tray is with you by Saturday.", In(absl::Hours(48)))->promise_id();
  const auto before = dashboard.Traces(order);
  EXPECT_THAT(KindsOf(before), Contains("CommitmentMade"));

  const absl::Status started = company().LosesPowerAndStartsAgain();
  ASSERT_TRUE(started.ok()) << started;

  // Every acknowledged fact is still there, once.
  const auto after = dashboard.Traces(order);
  EXPECT_THAT(LinesOf(after), IsSupersetOf(LinesOf(before))) << "a reaction may have gone on; nothing may be gone";
  EXPECT_GE(after.order().version(), before.order().version());
  EXPECT_EQ(after.order().owner(), "ana");
  EXPECT_EQ(Only(ana.SeesOwnership(c).promises()).promise_id(), p);
  EXPECT_EQ(ana.SeesInteractions(c).size(), 1u);
  for (const char* told :
       {"direct-3-departure", "direct-6-delivered", "handover-5-unmapped", "handover-7-to-post-office"}) {
    EXPECT_THAT(Results(ups.Pushes(told)), ElementsAre(kKnown)) << told;
  }

  // The last leg. The post office sends its whole history each time.
  EXPECT_EQ(webshop.AddsLeg(order, "usps", "9261290100130435082878", kUpsFirstLeg)->shipment(), kUspsLastLeg);
  EXPECT_THAT(Results(usps.Pushes("3-out-for-delivery")), UnorderedElementsAre(kNew, kNew, kNew, kKnown));
  EXPECT_THAT(Results(usps.Pushes("2-arrived-at-facility")), ElementsAre(kKnown, kKnown));
  EXPECT_TRUE(dashboard.ShowsLive(
      order, [&] { EXPECT_THAT(Results(usps.Pushes("4-delivered")), Contains(kNew).Times(1)); },
      [](const OrderView& now, const Kinds& kinds) {
        return now.status() == supplier::v1::ORDER_STATUS_COMPLETED && kinds.contains("OrderCompleted");
      }))
      << "the last leg's delivery completes the order";
  EXPECT_EQ(usps.SeesShipment(kUspsLastLeg)->shipment().scan_count(), 5u);

  ana.Keeps(c, p, "Delivered on Saturday at 14:14.");
  ana.Proposes(c, "All three lines are with you; the delivery is on us.");
  ana.HearsYes(c, "Mira: \"All there, thank you for calling first.\"");
  ana.Closes(c);

  const auto trace = dashboard.Traces(order);
  ExpectAPersonOfOursAnswersThroughout(trace);
  EXPECT_THAT(KindsOf(trace),
              IsSupersetOf({"OrderPlaced", "VendorAcknowledged", "VendorBackordered", "PromiseAtRisk", "CaseOpened",
                            "InteractionRecorded", "CommitmentMade", "VendorDispatched", "ShipmentAdded",
                            "StatusRecorded", "StatusQuarantined", "ShipmentDelivered", "OrderCompleted",
                            "CommitmentSettled", "ResolutionProposed", "ResolutionConfirmed", "CaseClosed"}));
  EXPECT_EQ(trace.entries(0).kind(), "OrderPlaced");
  EXPECT_EQ(Find(trace, "CaseOpened").case_id(), c);
  EXPECT_EQ(Find(trace, "VendorBackordered").vendor_id(), "globex");
  EXPECT_TRUE(Find(trace, "PromiseAtRisk").at_risk());
  EXPECT_FALSE(Find(trace, "PromiseAtRisk").has_eta()) << "nobody knew, and nobody pretended";
  EXPECT_EQ(absl::c_count_if(trace.entries(),
                             [](const TraceEntry& entry) {
                               return entry.kind() == "CommitmentMade" &&
                                      absl::StrContains(entry.text(), "The tray is with you by Saturday.");
                             }),
            1);
  std::map<std::string, int> scans;
  for (const TraceEntry& entry : trace.entries()) scans[entry.shipment()] += entry.kind() == "StatusRecorded";
  EXPECT_EQ(scans[kUpsDirect], 6);
  EXPECT_EQ(scans[kUpsFirstLeg], 5);
  EXPECT_EQ(scans[kUspsLastLeg], 5) << "what came before the order knew the parcel is part of its story";

  const OrderView& done = trace.order();
  EXPECT_EQ(runtime::FromProto(done.completed_at()), runtime::FromProto(At(20, "14:14:00-04:00")));
  EXPECT_EQ(done.owner(), "ben") << "with the case closed, whom the order names";
  ASSERT_EQ(done.shipments_size(), 3);
  EXPECT_EQ(done.shipments(2).shipment(), kUspsLastLeg);
  EXPECT_EQ(done.shipments(2).follows(), kUpsFirstLeg);
  EXPECT_EQ(done.shipments(2).leg(), 2u);
  EXPECT_TRUE(done.shipments(2).last_leg());
  EXPECT_FALSE(done.shipments(1).last_leg());

  supplier::v1::ListQuarantineRequest put_aside;
  put_aside.set_carrier("ups");
  const auto unexplained = Only(dashboard.Asks<supplier::v1::ListQuarantineResponse>(put_aside)->codes());
  EXPECT_EQ(unexplained.code().code(), "QK");
  EXPECT_EQ(unexplained.count(), 1u);
  EXPECT_EQ(unexplained.last_shipment(), kUpsFirstLeg);
}

TEST_F(AnOrder, IsNeverOwnedByAVendorOrACarrier) {
  const std::string order = "SO-7422";
  ana.IsAvailable();
  webshop.PlacesOrder(ThreeLines(order));
  std::string c;
  ASSERT_TRUE(dashboard.ShowsLive(
      order, [&] { globex.HasRunOut(order, "High demand, beyond our control."); },
      [&](const OrderView& now, const Kinds&) {
        for (const std::string& opened : now.case_ids()) c = opened;
        return !c.empty();
      }));
  EXPECT_THAT(ana.Offers(c, "globex", "It is their fault."), IsRefused("PERSON_UNKNOWN"));
  EXPECT_THAT(ana.Offers(c, "ups", "Ask the carrier."), IsRefused("PERSON_UNKNOWN"));
  ownership::v1::SetAvailabilityRequest volunteer;
  volunteer.set_available(true);
  EXPECT_THAT(globex.Asks<ownership::v1::SetAvailabilityResponse>(volunteer), IsForbidden());

  ownership::v1::AddWorkNoteRequest blame;
  blame.set_case_id(c);
  blame.set_text("It is a supplier issue.");
  blame.set_waiting_on("globex");
  EXPECT_THAT(ana.Asks<ownership::v1::AddWorkNoteResponse>(blame), Lacks("next_action"));
  blame.set_next_action("Ask acme for the tray.");
  *blame.mutable_next_action_due() = In(absl::Hours(2));
  ana.Asks<ownership::v1::AddWorkNoteResponse>(blame);

  const auto waiting = dashboard.Traces(order);
  ExpectAPersonOfOursAnswersThroughout(waiting);
  EXPECT_EQ(waiting.order().owner(), "ana");
  ana.Closes(c, "Mira cancelled.", {"Another tray.", "Her money back."});
  EXPECT_EQ(dashboard.Traces(order).order().owner(), "ben");
  EXPECT_EQ(company().Number("intake", "throughline_cases_without_owner"), 0);
}

// Neither a vendor nor a carrier has reported anything, and the customer has not called.
TEST_F(AnOrder, WhosePromisedTimePassesSilentlyGetsACase) {
  auto order = ThreeLines("SO-7424");
  order.clear_placed_at();
  *order.mutable_promised_time() = In(absl::Seconds(2));
  ana.IsAvailable();
  webshop.PlacesOrder(order);
  std::string c;
  ASSERT_TRUE(dashboard.ShowsLive("SO-7424", [&](const OrderView& now, const Kinds& kinds) {
    for (const std::string& opened : now.case_ids()) c = opened;
    return now.overdue() && now.at_risk() && kinds.contains("OrderOverdue") && !c.empty();
  }));
  EXPECT_EQ(ana.SeesCase(c).owner(), "ana");
  EXPECT_EQ(ana.SeesCase(c).channel(), intake::v1::CHANNEL_PROACTIVE);
}

// The carrier had it five days ago, and has said nothing since.
TEST_F(AnOrder, WhoseCarrierIsSilentGetsACase) {
  const std::string order = "SO-7425", number = "1Z204W4R0300000021";
  auto placing = ThreeLines(order);
  placing.clear_placed_at();
  *placing.mutable_promised_time() = In(absl::Hours(48));
  ana.IsAvailable();
  webshop.PlacesOrder(placing);
  acme.Dispatches(order, "ups", number, Date(21), /*hand_over=*/false);
  std::string c;
  ASSERT_TRUE(dashboard.ShowsLive(
      order,
      [&] {
        ups.Reports(number, "status { state: TRACKING_STATE_IN_TRANSIT }",
                    runtime::ToProto(absl::Now() - absl::Hours(24 * 5)));
      },
      [&](const OrderView& now, const Kinds&) {
        for (const std::string& opened : now.case_ids()) c = opened;
        return !c.empty() && absl::c_any_of(now.concerns(), [](const auto& concern) {
          return concern.kind() == supplier::v1::CONCERN_KIND_SILENCE;
        });
      }));
  EXPECT_EQ(ana.SeesCase(c).owner(), "ana");
  EXPECT_EQ(ana.SeesCase(c).channel(), intake::v1::CHANNEL_PROACTIVE);
}

TEST_F(AnOrder, IsNotOpenToOtherPartners) {
  const std::string order = "SO-7423";
  webshop.PlacesOrder(ThreeLines(order));
  EXPECT_THAT(acme.AcknowledgesFor("globex", order), IsRefused("NOT_YOUR_PARTY"));
  EXPECT_THAT(ups.SeesShipment("shipment/usps/9261290100130435082878/1"), IsRefused("NOT_YOUR_PARTY"));
  const auto forged = usps.PushesFor(ups, "direct-6-delivered");
  EXPECT_EQ(forged->error().reason(), "NOT_YOUR_PARTY");
  EXPECT_EQ(forged->events_size(), 0);
  supplier::v1::TraceOrderRequest look;
  look.set_order_id(order);
  for (const Person* partner : std::initializer_list<const Person*>{&acme, &globex, &ups, &usps}) {
    EXPECT_THAT(partner->Asks<supplier::v1::TraceOrderResponse>(look), IsForbidden());
  }
  EXPECT_THAT(KindsOf(dashboard.Traces(order)), ElementsAre("OrderPlaced"));
}

}  // namespace
}  // namespace throughline::stories
