// One matter, one case: who joins whom, on whatever replica and in whatever order.

#include "libs/runtime/domain/ids.h"
#include "services/intake/domain/matter.h"
#include "services/intake/reactors/complete_openings.h"
#include "services/intake/testing_contact.h"
#include "throughline/outage/v1/component.pb.h"

namespace throughline::intake {
namespace {

TEST_F(Contact, AboutTheSameOrderJoinsTheOpenCaseAndShowsItsOwner) {
  const auto first = Open(kLate, "ana", ROLE_REP);
  EXPECT_FALSE(first.joined());
  const auto second = Open(kLate, "ben", ROLE_REP);
  EXPECT_TRUE(second.joined());
  EXPECT_EQ(second.case_id(), first.case_id());
  EXPECT_EQ(second.owner(), "ana") << "not who took the second call";
  EXPECT_EQ(second.version(), 2u);
  const auto shown = Get(first.case_id());
  ASSERT_EQ(shown.interactions_size(), 1);
  EXPECT_EQ(shown.interactions(0).interaction_id(), second.interaction_id());
  EXPECT_EQ(shown.interactions(0).text(), "Where is it?");
  EXPECT_EQ(shown.interactions(0).by(), "ben");
  EXPECT_EQ(shown.interactions(0).direction(), v1::DIRECTION_INBOUND);
  EXPECT_TRUE(Open(kLate, "shop", ROLE_SERVICE).repeated_contact()) << "the third time, on a website";
  EXPECT_EQ(Cases(), 1u);
}

TEST_F(Contact, OfAnotherCustomerOrMatterOrASeparateOneDoesNotJoin) {
  const std::string id = Open(kLate, "ana", ROLE_REP).case_id();
  const std::string late = R"pb(subject: "late" text: "?" channel: CHANNEL_PHONE)pb";
  for (const char* other : {R"pb(customer_id: "lee" order_id: "SO-1")pb", R"pb(customer_id: "kim" order_id: "SO-2")pb",
                            R"pb(customer_id: "kim" component_id: "SO-1")pb", R"pb(customer_id: "kim")pb",
                            R"pb(customer_id: "kim" order_id: "SO-1" separate: true)pb"}) {
    const auto opened = Open(late + " " + other, "ana", ROLE_REP);
    EXPECT_FALSE(opened.joined()) << other;
    EXPECT_NE(opened.case_id(), id) << other;
  }
  EXPECT_EQ(Open(kLate, "ana", ROLE_REP).case_id(), id) << "the one that has the matter, not the separate one";
}

TEST_F(Contact, AboutAComponentJoinsWhereverTheCaseHasIt) {
  const std::string both = R"pb(customer_id: "kim"
                                subject: "s"
                                text: "t"
                                channel: CHANNEL_PHONE
                                order_id: "SO-1"
                                component_id: "web"
                                further_component_ids: "app")pb";
  const std::string id = Open(both, "ana", ROLE_REP).case_id();
  const std::string about = R"pb(customer_id: "kim" subject: "s" text: "t" channel: CHANNEL_PHONE)pb";
  EXPECT_EQ(Open(about + " " + R"pb(component_id: "web")pb", "ana", ROLE_REP).case_id(), id);
  EXPECT_EQ(Open(about + " " + R"pb(component_id: "app")pb", "ana", ROLE_REP).case_id(), id);
  EXPECT_EQ(
      Open(about + " " + R"pb(order_id: "SO-9" component_id: "x" further_component_ids: "app")pb", "ana", ROLE_REP)
          .case_id(),
      id);
  EXPECT_EQ(Cases(), 1u);
}

TEST_F(Contact, AfterTheCaseIsClosedOpensAnotherWhichHasTheMatterFromThen) {
  const std::string first = Open(kLate, "ana", ROLE_REP).case_id();
  Close(first, "ana");
  const auto second = Open(kLate, "ben", ROLE_REP);
  EXPECT_FALSE(second.joined());
  EXPECT_NE(second.case_id(), first);
  EXPECT_EQ(second.owner(), "ben");
  EXPECT_EQ(Open(kLate, "cleo", ROLE_REP).case_id(), second.case_id());
  EXPECT_EQ(Cases(), 2u);
}

TEST_F(Contact, ARetryOfAnOpeningOrAJoinHasNoSecondEffectWhateverHappenedSince) {
  const auto request = FromText<v1::OpenCaseRequest>(kLate);
  const auto ask = [&](const std::string& id) {
    return Ask<v1::OpenCaseResponse>(world_, *api_, "OpenCase", request, Asking("ana", ROLE_REP, id)).value();
  };
  const auto opened = ask("one");
  const auto joined = ask("two");
  EXPECT_EQ(ask("one").SerializeAsString(), opened.SerializeAsString());
  Say(opened.case_id(), "On Monday.", "direction: DIRECTION_OUTBOUND");  // it cannot be closed while the customer waits
  Close(opened.case_id(), "ana");
  const auto joined_again = ask("two");
  EXPECT_EQ(joined_again.case_id(), joined.case_id());
  EXPECT_EQ(joined_again.interaction_id(), joined.interaction_id());
  EXPECT_EQ(joined_again.version(), joined.version());
  EXPECT_EQ(ask("one").case_id(), opened.case_id());
  EXPECT_EQ(Cases(), 1u);
  EXPECT_EQ(View(opened.case_id()).interaction_count(), 2u) << "the join and our answer";
  auto other = request;
  other.set_text("Something else");
  for (const char* id : {"one", "two"}) {
    const auto reused = Ask<v1::OpenCaseResponse>(world_, *api_, "OpenCase", other, Asking("ana", ROLE_REP, id));
    EXPECT_EQ(runtime::ReasonOf(reused.status()), "COMMAND_ID_REUSED") << id;
  }
}

TEST_F(Contact, AReplicaThatLagsDoesNotOpenASecondCase) {
  Node& lagging = world_.Add(Define({}));
  const auto its_api = MakeApi(lagging.streams(), {});
  lagging.log().delivers = false;
  const std::string id = Open(kLate, "ana", ROLE_REP).case_id();
  const auto call =
      Begin(world_, *its_api, "OpenCase", FromText<v1::OpenCaseRequest>(kLate), Asking("ben", ROLE_REP, "late"));
  world_.Run();
  EXPECT_FALSE(call->status) << "it cannot know yet";
  lagging.log().delivers = true;
  world_.Run();
  ASSERT_TRUE(call->status && call->status->ok());
  v1::OpenCaseResponse response;
  response.ParseFromString(call->responses.at(0));
  EXPECT_TRUE(response.joined());
  EXPECT_EQ(response.case_id(), id);
  EXPECT_EQ(Cases(), 1u);
}

TEST_F(Contact, ManyAtOnceOnOneReplicaGiveOneCase) {
  std::vector<std::shared_ptr<FakeCall>> calls;
  for (int i = 0; i < 12; ++i) {
    calls.push_back(Begin(world_, *api_, "OpenCase", FromText<v1::OpenCaseRequest>(kLate),
                          Asking("p" + std::to_string(i), ROLE_REP, std::to_string(i))));
  }
  world_.Run();
  std::set<std::string> cases, owners;
  int joined = 0;
  for (const auto& call : calls) {
    ASSERT_TRUE(call->status && call->status->ok()) << *call->status;
    v1::OpenCaseResponse response;
    response.ParseFromString(call->responses.at(0));
    cases.insert(response.case_id());
    owners.insert(response.owner());
    joined += response.joined();
  }
  EXPECT_EQ(cases.size(), 1u);
  EXPECT_EQ(owners.size(), 1u);
  EXPECT_EQ(joined, 11);
  EXPECT_EQ(View(*cases.begin()).interaction_count(), 11u);
}

// The process that reserved the matter is gone before it opens the case.
TEST_F(Contact, AReservationWhoseHandlerIsGoneIsCompletedByTheReactor) {
  ReserveMatter reserve;
  reserve.request = FromText<v1::OpenCaseRequest>(kLate);
  reserve.opening.request = reserve.request;
  reserve.opening.case_id = "gone";
  bool reserved = false;
  node_.streams().Execute<Matter>({Matter::kKind, "kim/order/SO-1"}, reserve, Asking("ana", ROLE_REP, "gone"),
                                  absl::InfiniteFuture(), [&](const auto& outcome) { reserved = outcome.ok(); });
  world_.Run();
  EXPECT_TRUE(reserved);
  EXPECT_EQ(Cases(), 0u) << "the handler is given a moment";
  world_.Pass(CompleteOpenings::kPatience + absl::Seconds(1));
  ASSERT_EQ(List(R"pb(customer_id: "kim")pb"), std::vector<std::string>{"gone"});
  EXPECT_EQ(View("gone").owner(), "ana");
  EXPECT_EQ(View("gone").opened_by(), "ana");
  world_.Pass(absl::Minutes(1));
  EXPECT_EQ(View("gone").version(), 1u);
}

TEST_F(Contact, WhoMeetsAReservationOpensItsCaseAndJoins) {
  ReserveMatter reserve;
  reserve.request = FromText<v1::OpenCaseRequest>(kLate);
  reserve.opening.request = reserve.request;
  reserve.opening.case_id = "gone";
  node_.streams().Execute<Matter>({Matter::kKind, "kim/order/SO-1"}, reserve, Asking("ana", ROLE_REP, "gone"),
                                  absl::InfiniteFuture(), [](const auto&) {});
  world_.Run();
  const auto joined = Open(kLate, "ben", ROLE_REP);
  EXPECT_EQ(joined.case_id(), "gone");
  EXPECT_EQ(joined.owner(), "ana");
  EXPECT_TRUE(joined.joined());
}

TEST_F(Contact, WhatWeNoticeJoinsAsAnAlertAndNotAsWords) {
  const std::string id = Open(kLate, "ana", ROLE_REP).case_id();
  auto request = FromText<v1::OpenCaseRequest>(kLate);
  request.set_channel(v1::CHANNEL_PROACTIVE);
  request.set_text("The parcel is lost. Tell the customer.");
  request.set_origin("depot scan");
  const auto caller = Asking("shop", ROLE_SERVICE, "noticed");
  const auto noticed = Ask<v1::OpenCaseResponse>(world_, *api_, "OpenCase", request, caller);
  ASSERT_TRUE(noticed.ok()) << noticed.status();
  EXPECT_EQ(noticed->case_id(), id);
  EXPECT_TRUE(noticed->joined());
  EXPECT_EQ(noticed->owner(), "ana");
  EXPECT_EQ(noticed->interaction_id(), "");
  EXPECT_EQ(View(id).last_alert(), "The parcel is lost. Tell the customer.");
  EXPECT_EQ(View(id).interaction_count(), 0u);
  EXPECT_EQ(View(id).inbound_interactions(), 1u);
  Close(id, "ana");
  EXPECT_EQ(Ask<v1::OpenCaseResponse>(world_, *api_, "OpenCase", request, caller)->case_id(), id) << "a retry";
  EXPECT_EQ(Cases(), 1u);
}

TEST_F(Contact, APromiseAtRiskGoesToTheOwnerOfTheCustomersOpenCase) {
  Available("ben");
  const std::string id = Open(kLate, "ana", ROLE_REP).case_id();
  const auto risk = FromText<supplier::v1::OrderEvent>(R"pb(promise_at_risk {
                                                              promised_time { seconds: 1772500000 }
                                                              cause: "vendor acme: lines 2 backordered"
                                                              customer_id: "kim"
                                                              owner: "olga"
                                                            })pb");
  world_.Write(Topic::kSupplierTracking, "order/SO-1", risk);
  EXPECT_EQ(List(R"pb(order_id: "SO-1")pb"), std::vector<std::string>{id}) << "no second case for somebody else";
  EXPECT_NE(View(id).last_alert().find("lines 2 backordered"), std::string::npos);
  EXPECT_EQ(View(id).owner(), "ana");
  // A replica that reacts again to all of it attaches nothing, even after the case was closed.
  const uint64_t version = View(id).version();
  world_.Pass(absl::Seconds(1));
  Close(id, "ana");
  world_.Add(Define({}));
  EXPECT_EQ(View(id).version(), version);
  EXPECT_EQ(List(R"pb(order_id: "SO-1")pb").size(), 1u);
}

TEST_F(Contact, APromiseAtRiskAndTheCustomersCallMeetInOneCaseHoweverCloseTheyAre) {
  Available("ben");
  const auto risk = FromText<supplier::v1::OrderEvent>(R"pb(promise_at_risk {
                                                              promised_time { seconds: 1772500000 }
                                                              customer_id: "kim"
                                                            })pb");
  for (int round = 0; round < 2; ++round) {
    const std::string order = "SO-" + std::to_string(round);
    auto request = FromText<v1::OpenCaseRequest>(kLate);
    request.set_order_id(order);
    const auto call = [&] {
      return Begin(world_, *api_, "OpenCase", request, Asking("ana", ROLE_REP, "call " + order));
    };
    std::shared_ptr<FakeCall> called;
    if (round == 0) called = call();
    world_.Append(Topic::kSupplierTracking, "order/" + order, risk);
    if (round == 1) called = call();
    world_.Run();
    world_.Pass(absl::Seconds(3));
    ASSERT_TRUE(called->status && called->status->ok());
    const auto cases = List("order_id: \"" + order + "\"");
    ASSERT_EQ(cases.size(), 1u) << round;
    const v1::CaseView view = View(cases[0]);
    EXPECT_EQ(view.inbound_interactions(), 1u) << "the customer's words are there";
    EXPECT_TRUE(view.has_last_alert() || view.has_origin()) << "so is the alarm";
  }
}

TEST_F(Contact, AnAlarmThatLosesTheReservationReachesTheCaseThatWonIt) {
  ReserveMatter reserve;
  reserve.request = FromText<v1::OpenCaseRequest>(kLate);
  reserve.opening.request = reserve.request;
  reserve.opening.case_id = "first";
  ReserveMatter alarm = reserve;
  alarm.opening.case_id = "second";
  alarm.alert = FromText<v1::AlertAttached>(R"pb(text: "late" origin: "o" alert_id: "a1")pb");
  for (const auto& [command, id] : {std::pair(reserve, "1"), std::pair(alarm, "2")}) {
    node_.streams().Execute<Matter>({Matter::kKind, "kim/order/SO-1"}, command, Asking("ana", ROLE_REP, id),
                                    absl::InfiniteFuture(), [](const auto&) {});
  }
  world_.Run();
  world_.Pass(absl::Seconds(3));
  world_.Pass(absl::Seconds(3));
  EXPECT_EQ(List(R"pb(customer_id: "kim")pb"), std::vector<std::string>{"first"});
  EXPECT_EQ(View("first").last_alert(), "late");
}

}  // namespace
}  // namespace throughline::intake
