#include "services/intake/domain/matter.h"

#include "libs/runtime/domain/testing_given.h"

namespace throughline::intake {
namespace {

using namespace runtime::testing;  // NOLINT
using common::v1::ROLE_REP;
using common::v1::ROLE_SERVICE;

ReserveMatter Reserve(const std::string& case_id, const std::string& closed = "") {
  ReserveMatter command;
  command.request = FromText<v1::OpenCaseRequest>(
      R"pb(customer_id: "kim" subject: "late" text: "Where?" channel: CHANNEL_PHONE order_id: "SO-1")pb");
  command.opening.request = command.request;
  command.opening.case_id = case_id;
  command.closed_case_id = closed;
  return command;
}

std::string Reserved(const std::string& case_id) {
  v1::MatterEvent event = FromText<v1::MatterEvent>(R"pb(
    reserved {
      opening {
        customer_id: "kim"
        subject: "late"
        text: "Where?"
        channel: CHANNEL_PHONE
        order_id: "SO-1"
        owner: "ana"
        assignment_reason: ASSIGNMENT_REASON_TOOK_INTERACTION
        opened_by: "ana"
        next_update_due { seconds: 1772452800 }
      }
    })pb");
  event.mutable_reserved()->mutable_opening()->set_case_id(case_id);
  return event.DebugString();
}

TEST(Matter, IsReservedWithAllThatTheOpeningOfItsCaseNeeds) {
  Given<Matter>().When(Reserve("c1"), By("ana", ROLE_REP)).Then({Reserved("c1")});
}

TEST(Matter, ASecondCaseDoesNotGetItWhileTheFirstIsOpen) {
  Given<Matter>({Reserved("c1")}).When(Reserve("c2"), By("ben", ROLE_REP)).Then({}).AndState([](const auto& state) {
    EXPECT_EQ(state.opening().case_id(), "c1");
    EXPECT_EQ(state.opening().owner(), "ana");
  });
  Given<Matter>({Reserved("c1")}).When(Reserve("c1"), By("ana", ROLE_REP)).Then({});
}

TEST(Matter, IsReservedAnewOnceItsCaseIsClosedAndOnlyOnce) {
  Given<Matter>({Reserved("c1")}).When(Reserve("c2", "c1"), By("ana", ROLE_REP)).Then({Reserved("c2")});
  Given<Matter>({Reserved("c1"), Reserved("c2")}).When(Reserve("c3", "c1"), By("ana", ROLE_REP)).Then({});
}

TEST(Matter, WhatWeNoticedGoesToTheCaseThatHasIt) {
  ReserveMatter command = Reserve("c2");
  command.alert = FromText<v1::AlertAttached>(R"pb(text: "late" origin: "o" alert_id: "a1")pb");
  const auto reactor = By("throughline.intake", ROLE_SERVICE);
  Given<Matter>({Reserved("c1")})
      .When(command, reactor)
      .Then({R"pb(alerted {
                    case_id: "c1"
                    alert { text: "late" origin: "o" alert_id: "a1" }
                  })pb"})
      .AndState([](const auto& state) { EXPECT_EQ(state.opening().case_id(), "c1"); });
  command.opening.candidates.rep = "ana";
  Given<Matter>().When(command, reactor).AndState([](const auto& state) {
    EXPECT_EQ(state.opening().case_id(), "c2");
  });
}

TEST(Matter, ACaseThatNobodyCanOwnDoesNotReserveIt) {
  Given<Matter>()
      .When(Reserve("c1"), By("shop", ROLE_SERVICE))
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "nobody can own");
}

TEST(Matter, NoTwoMattersShareAKey) {
  EXPECT_EQ(OrderMatter("kim", "SO-1"), "kim/order/SO-1");
  EXPECT_NE(OrderMatter("kim/order/a", "b"), OrderMatter("kim", "a/order/b"));
  EXPECT_NE(OrderMatter("kim%2Fx", "b"), OrderMatter("kim/x", "b"));
  EXPECT_NE(OrderMatter("kim", "web"), ComponentMatter("kim", "web"));
  const auto request = FromText<v1::OpenCaseRequest>(
      R"pb(customer_id: "kim" order_id: "SO-1" component_id: "web" further_component_ids: "app")pb");
  EXPECT_EQ(MattersOf(request), (std::vector<std::string>{"kim/order/SO-1", "kim/component/web", "kim/component/app"}));
}

}  // namespace
}  // namespace throughline::intake
