// A case's components, what is split off it, and what we said that was a mistake.

#include "libs/runtime/domain/ids.h"
#include "services/intake/domain/matter.h"
#include "services/intake/reactors/complete_openings.h"
#include "services/intake/testing_contact.h"
#include "throughline/outage/v1/component.pb.h"

namespace throughline::intake {
namespace {

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

}  // namespace
}  // namespace throughline::intake
