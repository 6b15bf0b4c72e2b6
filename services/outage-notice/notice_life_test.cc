// What becomes of a notice: its expected end, corrections, beginning and end by themselves, what depends on it, whom it
// hits, and what is learned from it.

#include "services/outage-notice/testing.h"

namespace throughline::outage {
namespace {

TEST_F(OutageNotice, RevisionsOfItsExpectedEndStayVisibleAndAreScored) {
  DefineCheckout();
  const std::string id = Publish();  // unknown
  const auto expect = [&](const std::string& end) {
    return Give<Notice>(id,
                        UpdateNotice{FromText<v1::UpdateNoticeRequest>(
                            R"(text: "Still down." next_update_due { seconds: 1772400000 } )" + end)},
                        Ana());
  };
  ASSERT_TRUE(expect("expected_end { seconds: 1772373600 }").ok());  // 14:00
  ASSERT_TRUE(expect("expected_end { seconds: 1772373600 }").ok());  // the same again is no revision
  ASSERT_TRUE(expect("expected_end_unknown: true").ok());
  ASSERT_TRUE(expect("expected_end { seconds: 1772380800 }").ok());  // 16:00
  Pass(absl::Hours(3));
  ASSERT_TRUE(Give<Notice>(
                  id, FromText<v1::ResolveNoticeRequest>(R"(text: "It works." cause: "A disk" changed: "Logs")"), Ana())
                  .ok());
  const auto notice = *kNotices.Get(store_, id);
  ASSERT_EQ(notice.expected_ends_size(), 4);
  EXPECT_FALSE(notice.expected_ends(0).has_expected_end());
  EXPECT_EQ(notice.expected_ends(1).expected_end().seconds(), 1772373600);
  EXPECT_FALSE(notice.expected_ends(2).has_expected_end());
  EXPECT_EQ(notice.expected_ends(3).expected_end().seconds(), 1772380800);
  EXPECT_EQ(notice.expected_end_score().revision_count(), 3u);
  EXPECT_EQ(notice.expected_end_score().first_error().seconds(), 3600) << "over at 15:00";
  EXPECT_EQ(notice.expected_end_score().last_error().seconds(), -3600);
  EXPECT_EQ(notice.cause(), "A disk");
  EXPECT_EQ(notice.stage(), v1::NOTICE_STAGE_RESOLVED);
  EXPECT_EQ(notice.published_stage(), v1::NOTICE_STAGE_INVESTIGATING);
  EXPECT_EQ(notice.updates(0).stage(), v1::NOTICE_STAGE_INVESTIGATING);
  EXPECT_EQ(notice.updates().rbegin()->stage(), v1::NOTICE_STAGE_RESOLVED);
}

TEST_F(OutageNotice, ACorrectionShowsWhatWasAndMovesItToItsComponents) {
  DefineCheckout();
  ASSERT_TRUE(
      Give<Component>("search",
                      DefineComponent{FromText<v1::DefineComponentRequest>(R"(component_id: "search" name: "Search")")},
                      Ana())
          .ok());
  const std::string id = Publish();
  ASSERT_TRUE(Give<Notice>(id,
                           CorrectNotice{FromText<v1::CorrectNoticeRequest>(
                               R"(reason: "It is the search." component_ids: "search" description: "No finding.")")},
                           Ana())
                  .ok());
  EXPECT_TRUE(Check().operational());
  const auto search = Check("search");
  ASSERT_EQ(search.notices_size(), 1);
  EXPECT_EQ(search.notices(0).current_text(), "No finding.");
  const v1::NoticeCorrectionView& correction = search.notices(0).corrections(0);
  EXPECT_EQ(correction.reason(), "It is the search.");
  ASSERT_EQ(correction.changes_size(), 2);
  EXPECT_EQ(correction.changes(0).was(), "No paying.");
  EXPECT_EQ(correction.changes(1).was(), "checkout");
  EXPECT_EQ(correction.changes(1).is(), "search");
  EXPECT_EQ(Listed(R"(component_id: "checkout")"), 0);
  EXPECT_EQ(Listed(R"(component_id: "search" status: NOTICE_STATUS_ACTIVE)"), 1);
}

TEST_F(OutageNotice, WhatIsAnnouncedBeginsAndEndsByItself) {
  DefineCheckout();
  const std::string id = Publish(R"(kind: NOTICE_KIND_CHANGE since { seconds: 1772370000 } reason: "law"
      customer_options: "pay by card" valid_until { seconds: 1772380000 } next_update_due { seconds: 1772971200 })");
  EXPECT_EQ(kNotices.Get(store_, id)->stage(), v1::NOTICE_STAGE_ANNOUNCED);
  Pass(absl::Hours(1));
  EXPECT_EQ(kNotices.Get(store_, id)->stage(), v1::NOTICE_STAGE_IN_FORCE);
  Pass(absl::Hours(4));
  const auto over = *kNotices.Get(store_, id);
  EXPECT_EQ(over.status(), v1::NOTICE_STATUS_RESOLVED);
  EXPECT_EQ(over.stage(), v1::NOTICE_STAGE_WITHDRAWN);
  EXPECT_EQ(over.resolved_at().seconds(), 1772380000);
}

TEST_F(OutageNotice, TroubleOfWhatAComponentNeedsIsToldWithIt) {
  DefineCheckout();
  const auto define = [&](const std::string& text) {
    DefineComponent command{FromText<v1::DefineComponentRequest>(text)};
    command.circle = CircleOf(store_, command.request);
    return Give<Component>(command.request.component_id(), command, Ana());
  };
  ASSERT_TRUE(define(R"(component_id: "shop" name: "Shop" depends_on_component_ids: "checkout")").ok());
  ASSERT_TRUE(define(R"(component_id: "app" name: "App" depends_on_component_ids: "shop")").ok());
  EXPECT_EQ(runtime::ReasonOf(define(R"(component_id: "checkout" name: "C" depends_on_component_ids: "app")")),
            "CIRCULAR_DEPENDENCY");
  Publish(R"(scope { regions: "north" })");
  const auto app = Check("app", R"(region: "north")");
  EXPECT_TRUE(app.operational());
  EXPECT_TRUE(app.degraded());
  ASSERT_EQ(app.dependencies_size(), 1);
  EXPECT_EQ(app.dependencies(0).component_id(), "checkout");
  EXPECT_EQ(app.dependencies(0).name(), "Checkout");
  EXPECT_FALSE(Check("app", R"(region: "south")").degraded());
  EXPECT_TRUE(Check("checkout", R"(region: "south")").operational());
  EXPECT_FALSE(Check("checkout").operational());
}

TEST_F(OutageNotice, CountsCustomersOnceAndNotThoseWhoseCaseWasUnlinked) {
  DefineCheckout();
  const std::string id = Publish();
  const auto hit = [&] { return kNotices.Get(store_, id)->linked_customer_count(); };
  OpenCase("c1", id, "kim");
  OpenCase("c2", id, "kim");
  OpenCase("c3", id, "lee");
  EXPECT_EQ(hit(), 2u);
  const auto unlink = [&](const std::string& case_id, const std::string& customer) {
    intake::v1::CaseEvent event;
    event.mutable_unlinked_from_notice()->set_notice_id(id);
    event.mutable_unlinked_from_notice()->set_customer_id(customer);
    Foreign(case_id, 2, "throughline.intake.v1.CaseUnlinkedFromNotice", event);
  };
  unlink("c1", "kim");
  EXPECT_EQ(hit(), 2u);
  unlink("c2", "kim");
  EXPECT_EQ(hit(), 1u);
  EXPECT_EQ(kNotices.Get(store_, id)->linked_case_count(), 1u);
}

TEST_F(OutageNotice, AFollowUpThatIsNotDoneInTimeIsBroken) {
  DefineCheckout();
  const std::string id = Publish();
  ASSERT_TRUE(Give<Notice>(
                  id, FromText<v1::ResolveNoticeRequest>(R"(text: "It works." cause: "A disk" changed: "Logs")"), Ana())
                  .ok());
  PublishPostmortem learned{
      FromText<v1::PublishPostmortemRequest>(
          R"(text: "Nobody looked." follow_ups { text: "Alert" team: "t" due { seconds: 1772370000 } }
                                   follow_ups { text: "Page" team: "t" due { seconds: 1772370000 } })"),
      {"sue", "sue"}};
  ASSERT_TRUE(Give<Notice>(id, learned, Ana()).ok());
  const auto follow_up = [&](int i) { return kNotices.Get(store_, id)->postmortem().follow_ups(i); };
  v1::CompleteFollowUpRequest done;
  done.set_follow_up_id(follow_up(0).follow_up_id());
  done.set_evidence("Alert 17");
  ASSERT_TRUE(Give<Notice>(id, done, Ana()).ok());
  Pass(absl::Hours(2));
  EXPECT_EQ(follow_up(0).outcome(), ownership::v1::COMMITMENT_OUTCOME_KEPT);
  EXPECT_EQ(follow_up(1).outcome(), ownership::v1::COMMITMENT_OUTCOME_BROKEN);
  EXPECT_EQ(kNotices.Get(store_, id)->stage(), v1::NOTICE_STAGE_POSTMORTEM);
}

}  // namespace
}  // namespace throughline::outage
