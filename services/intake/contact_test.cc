// One matter, one case: who joins whom, on whatever replica and in whatever order; merged, split and continued cases.

#include "libs/runtime/domain/ids.h"
#include "services/intake/domain/matter.h"
#include "services/intake/reactors/complete_openings.h"
#include "services/intake/testing.h"
#include "throughline/outage/v1/component.pb.h"

namespace throughline::intake {
namespace {

class Contact : public IntakeService {
 protected:
  v1::RecordInteractionResponse Say(const std::string& case_id, const std::string& text = "Again!",
                                    const std::string& more = "direction: DIRECTION_INBOUND") {
    auto request = FromText<v1::RecordInteractionRequest>("channel: CHANNEL_PHONE " + more);
    request.set_case_id(case_id);
    request.set_text(text);
    auto said = Give<v1::RecordInteractionResponse>(*api_, "RecordInteraction", request, "ana", ROLE_REP);
    EXPECT_TRUE(said.ok()) << said.status();
    return said.value_or(v1::RecordInteractionResponse());
  }
  v1::GetCaseResponse Get(const std::string& case_id) {
    v1::GetCaseRequest request;
    request.set_case_id(case_id);
    return Give<v1::GetCaseResponse>(*api_, "GetCase", request, "ana", ROLE_REP).value_or(v1::GetCaseResponse());
  }
  size_t Cases() { return List(R"pb(customer_id: "kim")pb").size(); }
};

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

TEST_F(Contact, AnUnknownComponentIsMarkedAndNearOnesAreNamed) {
  const auto define = [&](const std::string& id) {
    world_.Write(Topic::kOutageNotice, "component/" + id,
                 FromText<outage::v1::ComponentEvent>("defined { component_id: \"" + id + "\" }"));
  };
  for (const char* id : {"web-checkout", "web-checkin", "billing"}) define(id);
  const auto opened = Open(R"pb(customer_id: "kim"
                                subject: "s"
                                text: "t"
                                channel: CHANNEL_WEB
                                component_id: "billing"
                                further_component_ids: [ "web-chekout", "zzz" ])pb");
  ASSERT_EQ(opened.unknown_components_size(), 2);
  EXPECT_EQ(opened.unknown_components(0).component_id(), "web-chekout");
  ASSERT_GE(opened.unknown_components(0).near_size(), 1);
  EXPECT_EQ(opened.unknown_components(0).near(0), "web-checkout");
  EXPECT_EQ(opened.unknown_components(1).near_size(), 0);
  using Strings = std::vector<std::string>;
  const auto unknown = [&] {
    const auto view = View(opened.case_id());
    return Strings(view.unknown_component_ids().begin(), view.unknown_component_ids().end());
  };
  EXPECT_EQ(unknown(), (Strings{"web-chekout", "zzz"}));
  // Once it is defined, it is linked like any other.
  v1::WatchCaseRequest watch;
  watch.set_case_id(opened.case_id());
  const Watching<v1::WatchCaseResponse> live(*api_, "WatchCase", watch, world_.clock.Now());
  define("zzz");
  EXPECT_EQ(unknown(), Strings{"web-chekout"});
  ASSERT_EQ(live.messages().size(), 2u);
  EXPECT_EQ(live.messages().back().case_().unknown_component_ids_size(), 1);
  Notice(R"pb(published { notice_id: "n1" component_ids: "zzz" title: "t" description: "d" })pb");
  ASSERT_EQ(View(opened.case_id()).notices_size(), 1);
  EXPECT_EQ(View(opened.case_id()).notices(0).component_id(), "zzz");
}

TEST_F(Contact, FurtherComponentsAreLinkedAndListedAsTheFirstIs) {
  Notice(R"pb(published {
                notice_id: "n1"
                component_ids: [ "app", "web" ]
                title: "t"
                description: "d"
              })pb");
  const auto opened = Open(R"pb(customer_id: "kim"
                                subject: "s"
                                text: "t"
                                channel: CHANNEL_WEB
                                component_id: "pay"
                                further_component_ids: [ "web", "app" ])pb");
  ASSERT_EQ(opened.notices_size(), 1);
  EXPECT_EQ(opened.notices(0).component_id(), "web") << "the first of the case's that the notice is about";
  for (const char* component : {"pay", "web", "app"}) {
    EXPECT_EQ(List("component_id: '" + std::string(component) + "'").size(), 1u) << component;
  }
  world_.Write(Topic::kOutageNotice, "notice/n2", FromText<outage::v1::NoticeEvent>(R"pb(
                 published {
                   notice_id: "n2"
                   component_ids: [ "app", "web" ]
                   title: "t"
                   description: "d"
                 })pb"));
  EXPECT_EQ(View(opened.case_id()).notices_size(), 2) << "linked once";
  Close(opened.case_id(), "sam");
  world_.Write(Topic::kOutageNotice, "notice/n3", FromText<outage::v1::NoticeEvent>(R"pb(
                 published { notice_id: "n3" component_ids: "app" title: "t" description: "d" })pb"));
  EXPECT_EQ(View(opened.case_id()).notices_size(), 2) << "closed";
}

TEST_F(Contact, APartBecomesACaseOfItsOwnWithTheSameOwner) {
  Available("ana");
  Available("ben");
  const std::string id = Open(kLate, "ana", ROLE_REP).case_id();
  HandOver(id, "ana", "ben");
  auto request = FromText<v1::SplitCaseRequest>(
      R"pb(subject: "scratched" text: "And it is scratched." reason: "two things" order_id: "SO-2")pb");
  request.set_case_id(id);
  const auto caller = Asking("ana", ROLE_REP, "split");
  const auto split = Ask<v1::SplitCaseResponse>(world_, *api_, "SplitCase", request, caller);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->case_id(), id);
  EXPECT_EQ(split->owner(), "ben");
  EXPECT_EQ(split->version(), 2u);
  const v1::CaseView part = View(split->new_case_id());
  EXPECT_EQ(part.split_from_case_id(), id);
  EXPECT_EQ(part.owner(), "ben");
  EXPECT_EQ(part.assignment_reason(), v1::ASSIGNMENT_REASON_SAME_OWNER);
  EXPECT_EQ(part.customer_id(), "kim");
  EXPECT_EQ(part.order_id(), "SO-2");
  ASSERT_EQ(View(id).split_off_case_ids_size(), 1);
  EXPECT_EQ(View(id).split_off_case_ids(0), split->new_case_id());
  // What comes about the part's matter joins the part.
  auto about = FromText<v1::OpenCaseRequest>(kLate);
  about.set_order_id("SO-2");
  EXPECT_EQ(Give<v1::OpenCaseResponse>(*api_, "OpenCase", about, "cleo", ROLE_REP)->case_id(), split->new_case_id());
  world_.Pass(absl::Minutes(1));
  EXPECT_EQ(View(id).version(), 2u) << "the reactor finds it recorded";
  Close(id, "ben");
  EXPECT_EQ(Ask<v1::SplitCaseResponse>(world_, *api_, "SplitCase", request, caller)->new_case_id(),
            split->new_case_id());
  const auto closed = Give<v1::SplitCaseResponse>(*api_, "SplitCase", request, "ana", ROLE_REP);
  EXPECT_EQ(runtime::ReasonOf(closed.status()), "CASE_CLOSED");
  request.set_case_id("c9");
  EXPECT_EQ(runtime::ReasonOf(Give<v1::SplitCaseResponse>(*api_, "SplitCase", request, "ana", ROLE_REP).status()),
            "CASE_UNKNOWN");
}

TEST_F(Contact, ASplitWhoseHandlerIsGoneIsRecordedByTheReactor) {
  const std::string id = Open(kLate, "ana", ROLE_REP).case_id();
  OpenCase part;
  part.request = FromText<v1::OpenCaseRequest>(kWeb);
  part.case_id = "part";
  part.split_from_case_id = id;
  part.same_owner = "ana";
  node_.streams().Execute<Case>({Case::kKind, "part"}, part, Asking("ana", ROLE_REP, "gone"), absl::InfiniteFuture(),
                                [](const auto&) {});
  world_.Run();
  EXPECT_EQ(View(id).split_off_case_ids_size(), 0);
  world_.Pass(CompleteOpenings::kPatience + absl::Seconds(1));
  ASSERT_EQ(View(id).split_off_case_ids_size(), 1);
  EXPECT_EQ(View(id).split_off_case_ids(0), "part");
}

TEST_F(Contact, WhatWeSaidCanBeMarkedAsOurMistakeLater) {
  const std::string id = Open(kLate, "ana", ROLE_REP).case_id();
  const auto said = Say(id, "It comes on Monday.", "direction: DIRECTION_OUTBOUND");
  EXPECT_EQ(said.owner(), "ana");
  const auto mark = [&](const std::string& interaction) {
    auto request = FromText<v1::MarkMistakeRequest>(R"pb(reason: "it comes on Tuesday")pb");
    request.set_case_id(id);
    request.set_interaction_id(interaction);
    return Give<v1::MarkMistakeResponse>(*api_, "MarkMistake", request, "sue", ROLE_SUPERVISOR).status();
  };
  EXPECT_FALSE(View(id).company_mistake());
  EXPECT_EQ(runtime::ReasonOf(mark("nothing")), "INTERACTION_UNKNOWN");
  EXPECT_TRUE(mark(said.interaction_id()).ok());
  const auto shown = Get(id);
  EXPECT_TRUE(shown.case_().company_mistake());
  EXPECT_TRUE(shown.interactions(0).company_mistake());
  EXPECT_EQ(shown.interactions(0).mistake(), "it comes on Tuesday");
  EXPECT_EQ(shown.case_().last_interaction().mistake(), "it comes on Tuesday");
  EXPECT_EQ(shown.interactions(0).text(), "It comes on Monday.") << "word for word";
  EXPECT_TRUE(mark(id).ok()) << "the opening";
}

TEST_F(Contact, ASystemDoesNotSpeakForUs) {
  const std::string id = Open(kLate, "ana", ROLE_REP).case_id();
  auto request = FromText<v1::RecordInteractionRequest>(R"pb(channel: CHANNEL_EMAIL
                                                             direction: DIRECTION_OUTBOUND
                                                             text: "We are on it.")pb");
  request.set_case_id(id);
  const auto refused = Give<v1::RecordInteractionResponse>(*api_, "RecordInteraction", request, "shop", ROLE_SERVICE);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(runtime::ReasonOf(refused.status()), "STAFF_ONLY");
}

// Cases that were closed long ago.
class Continued : public Contact {
 protected:
  Continued() {
    Config config;
    config.reopen_within = absl::Hours(24 * 30);
    // The fixture's node reacts by the default settings, under which nothing is continued.
    its_node_ = &world_.Add(Define(config));
    its_api_ = MakeApi(its_node_->streams(), config);
  }
  absl::StatusOr<v1::RecordInteractionResponse> Hear(const std::string& case_id, const std::string& command,
                                                     const std::string& direction = "DIRECTION_INBOUND") {
    auto request = FromText<v1::RecordInteractionRequest>("channel: CHANNEL_EMAIL text: 'It broke again.' direction: " +
                                                          direction);
    request.set_case_id(case_id);
    return Ask<v1::RecordInteractionResponse>(world_, *its_api_, "RecordInteraction", request,
                                              Asking("ana", ROLE_REP, command));
  }

  Node* its_node_ = nullptr;
  std::unique_ptr<server::Api> its_api_;
};

TEST_F(Continued, WordsOnACaseClosedLongAgoOpenOneThatContinuesIt) {
  Available("ana");
  const std::string old = Open(kLate, "ana", ROLE_REP).case_id();
  Close(old, "ana");
  world_.Pass(absl::Hours(24 * 29));
  EXPECT_EQ(Hear(old, "soon")->continued_by_case_id(), "") << "the case itself goes on";
  EXPECT_EQ(View(old).status(), ownership::v1::CASE_STATUS_OPEN) << "ownership reopens it";
  EXPECT_TRUE(Hear(old, "answer", "DIRECTION_OUTBOUND").ok());
  Close(old, "ana");
  world_.Pass(absl::Hours(24 * 31));
  const auto before = View(old);
  const auto heard = Hear(old, "late");
  ASSERT_TRUE(heard.ok()) << heard.status();
  EXPECT_EQ(heard->case_id(), old) << "the words are on record where they were said";
  EXPECT_EQ(heard->owner(), "ana");
  const std::string next = heard->continued_by_case_id();
  ASSERT_NE(next, "");
  const auto view = View(next);
  EXPECT_EQ(view.continues_case_id(), old);
  EXPECT_EQ(view.owner(), "ana");
  EXPECT_EQ(view.text(), "It broke again.");
  EXPECT_EQ(view.order_id(), "SO-1");
  EXPECT_EQ(view.channel(), v1::CHANNEL_EMAIL);
  EXPECT_EQ(View(old).inbound_interactions(), before.inbound_interactions()) << "they count in the new case";
  EXPECT_FALSE(View(old).status() == ownership::v1::CASE_STATUS_OPEN);
  // A retry finds it; later words and contacts go to the new case.
  EXPECT_EQ(Hear(old, "late")->continued_by_case_id(), next);
  const auto later = Hear(old, "later");
  EXPECT_EQ(later->case_id(), next);
  EXPECT_EQ(later->continued_by_case_id(), "");
  EXPECT_EQ(Open(kLate, "ben", ROLE_REP).case_id(), next);
  EXPECT_EQ(Cases(), 2u);
  world_.Pass(absl::Minutes(1));
  EXPECT_EQ(Cases(), 2u);
}

TEST_F(Continued, OurOwnWordsDoNotContinueACase) {
  const std::string old = Open(kLate, "ana", ROLE_REP).case_id();
  Close(old, "ana");
  world_.Pass(absl::Hours(24 * 31));
  EXPECT_EQ(Hear(old, "ours", "DIRECTION_OUTBOUND")->continued_by_case_id(), "");
  EXPECT_EQ(Cases(), 1u);
}

TEST_F(Continued, OfTwoThatSpeakAtOnceOneContinuesItAndTheOtherJoins) {
  const std::string old = Open(kLate, "ana", ROLE_REP).case_id();
  Close(old, "ana");
  world_.Pass(absl::Hours(24 * 31));
  auto request = FromText<v1::RecordInteractionRequest>(R"pb(channel: CHANNEL_EMAIL
                                                             text: "Again."
                                                             direction: DIRECTION_INBOUND)pb");
  request.set_case_id(old);
  std::vector<std::shared_ptr<FakeCall>> calls;
  for (int i = 0; i < 5; ++i) {
    calls.push_back(Begin(world_, *its_api_, "RecordInteraction", request, Asking("ana", ROLE_REP, std::to_string(i))));
  }
  world_.Run();
  std::map<std::string, int> on;
  std::string next;
  for (const auto& call : calls) {
    ASSERT_TRUE(call->status && call->status->ok()) << *call->status;
    v1::RecordInteractionResponse response;
    response.ParseFromString(call->responses.at(0));
    ++on[response.case_id()];
    if (!response.continued_by_case_id().empty()) next = response.continued_by_case_id();
  }
  EXPECT_EQ(on[old], 1);
  EXPECT_EQ(on[next], 4);
  EXPECT_EQ(Cases(), 2u);
}

TEST_F(Continued, AContinuationWhoseHandlerIsGoneIsOpenedByTheReactorOrByWhoSpeaksNext) {
  for (const bool speaks : {false, true}) {
    const std::string old = Open(kWeb, "ana", ROLE_REP).case_id();
    Close(old, "ana");
    world_.Pass(absl::Hours(24 * 31));
    RecordInteraction words;
    words.request = FromText<v1::RecordInteractionRequest>(R"pb(channel: CHANNEL_EMAIL
                                                                text: "Again."
                                                                direction: DIRECTION_INBOUND)pb");
    words.request.set_case_id(old);
    auto caller = Asking("ana", ROLE_REP, "gone");
    caller.time = world_.clock.Trusted();
    const std::string next = ContinuationId(old, runtime::DerivedId(caller, "interaction"));
    words.continued_by_case_id = next;
    node_.streams().Execute<Case>({Case::kKind, old}, words, caller, absl::InfiniteFuture(), [](const auto&) {});
    world_.Run();
    EXPECT_EQ(View(next).case_id(), "");
    if (speaks) {
      EXPECT_EQ(Hear(old, "next " + old)->case_id(), next);
    } else {
      world_.Pass(CompleteOpenings::kPatience + absl::Seconds(1));
    }
    EXPECT_EQ(View(next).continues_case_id(), old);
    EXPECT_EQ(View(next).owner(), "ana");
    world_.Pass(absl::Minutes(1));
    EXPECT_EQ(View(next).interaction_count(), speaks ? 1u : 0u);
  }
}

// Merges, as ownership's topic tells them.
class Merged : public ::testing::Test {
 protected:
  Merged() {
    world_.Write(Topic::kOwnership, "availability/ana", FromText<ownership::v1::AvailabilityEvent>(R"pb(
                   set { person: "ana" kind: PERSON_KIND_REP available: true })pb"));
  }
  template <typename Response>
  absl::StatusOr<Response> Give(std::string_view method, const google::protobuf::Message& request) {
    return Ask<Response>(world_, *api_, method, request, Asking("ana", ROLE_REP, std::to_string(++commands_)));
  }
  std::string Open(const std::string& request) {
    return Give<v1::OpenCaseResponse>("OpenCase", FromText<v1::OpenCaseRequest>(request))->case_id();
  }
  void Own(const std::string& case_id, const std::string& event) {
    world_.Write(Topic::kOwnership, "ownership/" + case_id, FromText<ownership::v1::OwnershipEvent>(event));
  }
  void Merge(const std::string& from, const std::string& into) {
    Own(from, "started { owner: 'ana' customer_id: 'kim' }");
    Own(from, "merged { into_case_id: '" + into + "' by: 'ana' reason: 'the same' }");
  }

  World world_;
  Node& node_ = world_.Add(Define({}));
  const std::unique_ptr<server::Api> api_ = MakeApi(node_.streams(), {});
  int commands_ = 0;
};

TEST_F(Merged, WordsAndContactsGoToTheCaseThatGoesOn) {
  const std::string older = Open(kWeb);
  const std::string middle = Open(kWeb);
  const std::string younger = Open(kLate);
  Merge(younger, middle);
  Merge(middle, older);
  v1::GetCaseRequest get;
  get.set_case_id(younger);
  const auto shown = Give<v1::GetCaseResponse>("GetCase", get);
  EXPECT_EQ(shown->case_().merged_into_case_id(), middle);
  EXPECT_EQ(shown->case_().status(), ownership::v1::CASE_STATUS_CLOSED_MERGED);
  auto words = FromText<v1::RecordInteractionRequest>(R"pb(channel: CHANNEL_EMAIL
                                                           text: "Again."
                                                           direction: DIRECTION_INBOUND)pb");
  words.set_case_id(younger);
  const auto said = Give<v1::RecordInteractionResponse>("RecordInteraction", words);
  ASSERT_TRUE(said.ok()) << said.status();
  EXPECT_EQ(said->case_id(), older);
  EXPECT_EQ(said->owner(), "ana");
  const auto joined = Give<v1::OpenCaseResponse>("OpenCase", FromText<v1::OpenCaseRequest>(kLate));
  EXPECT_TRUE(joined->joined());
  EXPECT_EQ(joined->case_id(), older);
  EXPECT_EQ(runtime::Counted(node_.store(), kOpenCases), 1);
}

TEST_F(Merged, ARetryStaysWhereTheWordsAre) {
  const std::string older = Open(kWeb);
  const std::string younger = Open(kLate);
  auto words = FromText<v1::RecordInteractionRequest>(R"pb(channel: CHANNEL_EMAIL
                                                           text: "Again."
                                                           direction: DIRECTION_INBOUND)pb");
  words.set_case_id(younger);
  const auto caller = Asking("ana", ROLE_REP, "retry");
  const auto say = [&] {
    return Ask<v1::RecordInteractionResponse>(world_, *api_, "RecordInteraction", words, caller)->case_id();
  };
  EXPECT_EQ(say(), younger);
  Merge(younger, older);
  EXPECT_EQ(say(), younger);
  EXPECT_EQ(kCases.Get(node_.store(), older)->view().interaction_count(), 0u);
}

TEST_F(Merged, ACircleOfMergesEnds) {
  const std::string one = Open(kWeb);
  const std::string two = Open(kLate);
  Merge(one, two);
  Merge(two, one);
  auto words = FromText<v1::RecordInteractionRequest>(R"pb(channel: CHANNEL_EMAIL
                                                           text: "Again."
                                                           direction: DIRECTION_INBOUND)pb");
  words.set_case_id(one);
  EXPECT_TRUE(Give<v1::RecordInteractionResponse>("RecordInteraction", words).ok());
}

}  // namespace
}  // namespace throughline::intake
