// A deactivated person owes nothing any more: all of it has moved, each with an event that says why.

#include "tests/people/world.h"

namespace throughline::people {
namespace {

using namespace ownership::v1;  // NOLINT

class Deactivation : public AtWork {
 protected:
  // The last event of the stream, as text.
  template <typename Event>
  std::string LastEvent(const std::string& stream) {
    std::string last;
    for (const auto& [partition, records] : world_.book.records) {
      for (const auto& record : records) {
        throughline::log::v1::Commit commit;
        if (record->key != stream || !commit.ParseFromString(record->value)) continue;
        Event event;
        if (event.ParseFromString(commit.events().rbegin()->data())) last = event.ShortDebugString();
      }
    }
    return last;
  }
};

TEST_F(Deactivation, MovesEverythingThatThePersonOwesEachWithAnEventThatSaysWhy) {
  DefineComponent();
  const std::string own = OpenCase("ana"), offered = OpenCase("ben"), order = PlaceOrder("ana"),
                    notice = PublishNotice("ana");
  Do<OfferHandoffResponse, OfferHandoffRequest>(*ownership_, "to: \"ana\" reason: \"r\" case_id: \"" + offered + "\"",
                                                "ben", ROLE_REP);
  Deactivate("ana");
  for (const auto& [stream, event] :
       {std::pair("ownership/" + own, LastEvent<OwnershipEvent>("ownership/" + own)),
        std::pair("order/" + order, LastEvent<supplier::v1::OrderEvent>("order/" + order)),
        std::pair("notice/" + notice, LastEvent<outage::v1::NoticeEvent>("notice/" + notice))}) {
    EXPECT_THAT(event,
                ::testing::AllOf(::testing::HasSubstr("reassigned"), ::testing::HasSubstr("from: \"ana\""),
                                 ::testing::HasSubstr("to: \"zoe\""), ::testing::HasSubstr("`ana` was deactivated")))
        << stream;
  }
  EXPECT_THAT(
      LastEvent<OwnershipEvent>("ownership/" + offered),
      ::testing::AllOf(::testing::HasSubstr("handoff_withdrawn"), ::testing::HasSubstr("`ana` was deactivated")));
  EXPECT_EQ(Case(offered).owner(), "ben");
  EXPECT_EQ(OwnerOfOrder(order), "zoe");
  EXPECT_EQ(OwnerOfNotice(notice), "zoe");
  EXPECT_EQ(intake_node_.Gauge("throughline_cases_without_owner"), 0);
}

TEST_F(Deactivation, WhatIsDoneStaysAsItWas) {
  DefineComponent();
  const std::string notice = PublishNotice("ana");
  Do<outage::v1::ResolveNoticeResponse, outage::v1::ResolveNoticeRequest>(
      *outage_, "text: \"works\" cause: \"c\" changed: \"d\" notice_id: \"" + notice + "\"", "ana", ROLE_REP);
  Deactivate("ana");
  EXPECT_EQ(OwnerOfNotice(notice), "ana");
}

// A case, an order and a notice that were decided before the service knew of the deactivation.
TEST_F(Deactivation, MovesAlsoWhatIsGivenInTheSameMoment) {
  DefineComponent();
  for (Node* node : {&intake_node_, &supplier_node_, &outage_node_}) node->log().withheld = {log::Topic::kOwnership};
  Deactivate("ana");
  const std::string own = OpenCase("ana"), order = PlaceOrder("ana"), notice = PublishNotice("ana");
  for (Node* node : {&intake_node_, &supplier_node_, &outage_node_}) node->log().withheld = {};
  world_.Run();
  EXPECT_EQ(Case(own).owner(), "zoe");
  EXPECT_EQ(OwnerOfOrder(order), "zoe");
  EXPECT_EQ(OwnerOfNotice(notice), "zoe");
}

// The replica that reacts to the opening is not the one that reacted to the deactivation, and lags behind.
TEST_F(Deactivation, MovesWhatIsGivenInTheSameMomentWhicheverReplicaReacts) {
  Node& other = world_.Add(ownership::Define({}));
  ownership_node_.Hold({log::Topic::kOwnership, log::Topic::kOutageNotice});
  other.Hold({log::Topic::kIntake});
  world_.Run();
  for (Node* node : {&intake_node_, &other}) node->log().withheld = {log::Topic::kOwnership};
  Deactivate("ana");
  const std::string own = OpenCase("ana");
  EXPECT_EQ(Case(own).owner(), "ana");
  for (Node* node : {&intake_node_, &other}) node->log().withheld = {};
  world_.Run();
  EXPECT_EQ(Case(own).owner(), "zoe");
}

// Whoever takes over is deactivated, too.
TEST_F(Deactivation, OfOneAfterTheOtherMovesItOn) {
  const std::string own = OpenCase("ana");
  Deactivate("ana");
  Deactivate("zoe");
  EXPECT_EQ(Case(own).owner(), "abe");
}

TEST_F(Deactivation, LeavesNothingToTheirAvailability) {
  Meet("ana", ROLE_REP, "available: true");
  const auto opened_for = [&] {
    return Do<intake::v1::OpenCaseResponse, intake::v1::OpenCaseRequest>(
               *intake_, R"pb(customer_id: "kim" subject: "s" text: "t" channel: CHANNEL_WEB)pb", "shop", ROLE_SERVICE)
        .owner();
  };
  EXPECT_EQ(opened_for(), "ana");
  Absent("ana");
  EXPECT_EQ(opened_for(), "abe") << "absent";
  world_.Pass(absl::Hours(25));
  EXPECT_EQ(opened_for(), "ana") << "back";
  Deactivate("ana");
  EXPECT_EQ(opened_for(), "abe");
}

// Of the time before only persons owned.
TEST_F(Deactivation, ACaseOfNobodyOfOursIsCountedAsWithoutOwner) {
  world_.Write(log::Topic::kIntake, "case/old",
               FromText<intake::v1::CaseEvent>(R"pb(opened { case_id: "old" customer_id: "kim" owner: "ups" })pb"));
  EXPECT_EQ(intake_node_.Gauge("throughline_cases_without_owner"), 1);
  Do<ReassignCaseResponse, ReassignCaseRequest>(*ownership_, R"pb(case_id: "old" to: "ben" reason: "r")pb", "zoe",
                                                ROLE_SUPERVISOR);
  EXPECT_EQ(intake_node_.Gauge("throughline_cases_without_owner"), 0);
}

}  // namespace
}  // namespace throughline::people
