// The service through the engine: notices, their timer, linked cases, lists and watches.

#include "services/outage-notice/outage_notice.h"

#include <map>

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/ids.h"
#include "libs/runtime/testing/bench.h"
#include "libs/service/testing.h"
#include "services/outage-notice/api/notice_board.h"
#include "services/outage-notice/domain/component.h"
#include "services/outage-notice/domain/notice.h"
#include "services/outage-notice/projections/read.h"
#include "services/outage-notice/projections/tables.h"
#include "throughline/intake/v1/case.pb.h"

namespace throughline::outage {
namespace {

using runtime::testing::FromText;

class OutageNotice : public testing::Test {
 protected:
  OutageNotice() {
    replica_ = std::make_unique<runtime::testing::Replica>(Define({}), log_, store_, &assignment_, clock_);
    EXPECT_TRUE(replica_->Start().ok());
    std::vector<log::Position> held;
    for (int32_t i = 0; i < book_.partitions; ++i) held.push_back({{log::Topic::kOutageNotice, i}, 0});
    assignment_.Hold(held);
    Run();
  }

  void Run() { ASSERT_TRUE(replica_->Run().ok()); }
  void Pass(absl::Duration time) {
    clock_.Pass(time);
    Run();
  }
  template <typename S, typename C>
  absl::Status Give(const std::string& key, const C& command, runtime::Caller caller) {
    auto answer = replica_->Send<S>(key, command, caller, clock_.Now() + absl::Seconds(10));
    Run();
    return answer->has_value() ? (**answer).status() : absl::InternalError("no answer");
  }
  runtime::Caller Ana() {
    auto caller = runtime::testing::By("ana", common::v1::ROLE_SUPERVISOR, "", clock_.Now());
    caller.command_id = "command-" + std::to_string(++commands_);
    return caller;
  }
  void DefineCheckout() {
    EXPECT_TRUE(Give<Component>("checkout",
                                DefineComponent{FromText<v1::DefineComponentRequest>(
                                    R"(component_id: "checkout" name: "Checkout")")},
                                Ana())
                    .ok());
  }
  // Returns the id. Noon is 1772366400; the next update is due in an hour.
  std::string Publish(const std::string& more = "") {
    const runtime::Caller ana = Ana();
    PublishNotice command{
        FromText<v1::PublishNoticeRequest>(R"(kind: NOTICE_KIND_OUTAGE component_ids: "checkout" title: "Down"
                                              description: "No paying." next_update_due { seconds: 1772370000 }
                                              expected_end_unknown: true)"),
        {}};
    command.request.MergeFrom(FromText<v1::PublishNoticeRequest>(more));
    if (command.request.has_expected_end()) command.request.clear_expected_end_unknown();
    command.unknown_components = UnknownOf(store_, command.request.component_ids());
    const std::string id = runtime::DerivedId(ana, "notice");
    EXPECT_TRUE(Give<Notice>(id, command, ana).ok());
    return id;
  }
  void OpenCase(const std::string& id, const std::string& notice, const std::string& customer = "kim") {
    intake::v1::CaseEvent event;
    event.mutable_opened()->set_case_id(id);
    event.mutable_opened()->set_customer_id(customer);
    event.mutable_opened()->add_notice_ids(notice);
    Foreign(id, 1, "throughline.intake.v1.CaseOpened", event);
  }
  void Foreign(const std::string& id, uint64_t version, const std::string& type, const intake::v1::CaseEvent& event) {
    throughline::log::v1::Commit commit;
    commit.set_stream("case/" + id);
    commit.set_version(version);
    commit.set_follows(last_digests_[id]);
    commit.set_command_id(id + "-" + std::to_string(version));
    commit.mutable_actor()->set_id("ana");
    commit.set_schema_version(1);
    commit.add_events()->set_type(type);
    commit.mutable_events(0)->set_data(event.SerializeAsString());
    const std::string record = commit.SerializeAsString();
    last_digests_[id] = crypto::Sha256(record);
    book_.WriteForeign(commit.stream(), record);
    Run();
  }
  static v1::CheckComponentRequest Checking(const std::string& component, const std::string& more = "") {
    auto request = FromText<v1::CheckComponentRequest>(more);
    request.set_component_id(component);
    return request;
  }
  v1::CheckComponentResponse Check(const std::string& component = "checkout", const std::string& more = "") {
    auto checked = CheckComponent(store_, Checking(component, more), clock_.Now());
    EXPECT_TRUE(checked.ok()) << checked.status();
    return checked.ok() ? *checked : v1::CheckComponentResponse();
  }
  int Listed(const std::string& filter) {
    auto listed = ListNotices(store_, FromText<v1::ListNoticesRequest>(filter));
    EXPECT_TRUE(listed.ok()) << listed.status();
    return listed.ok() ? listed->notices_size() : -1;
  }

  runtime::testing::Book book_{3};
  runtime::testing::ScriptedLog log_{book_};
  store::MemoryKeyValue store_;
  runtime::ManualClock clock_{runtime::testing::Noon()};
  runtime::testing::ScriptedAssignment assignment_;
  std::unique_ptr<runtime::testing::Replica> replica_;
  int commands_ = 0;
  std::map<std::string, std::string> last_digests_;  // of the case streams
};

// A watch of notices.
class Follower {
 public:
  Follower(const server::Api& api, const std::string& request, absl::Time now)
      : call_(std::make_shared<service::testing::FakeCall>(FromText<v1::WatchNoticesRequest>(request),
                                                           runtime::testing::By("eve", common::v1::ROLE_REP),
                                                           now + absl::Hours(1000))) {
    for (const auto& method : api.methods()) {
      if (method.descriptor->name() == "WatchNotices") method.run(call_);
    }
  }
  ~Follower() { call_->Finish(absl::OkStatus()); }

  // The messages since the last call as "title: text", sorted.
  std::vector<std::string> News() {
    std::vector<std::string> news;
    for (; read_ < call_->responses.size(); ++read_) {
      v1::WatchNoticesResponse response;
      response.ParseFromString(call_->responses[read_]);
      EXPECT_FALSE(response.consistency_token().empty());
      news.push_back(response.notice().title() + ": " + response.notice().current_text());
    }
    std::sort(news.begin(), news.end());
    return news;
  }

 private:
  const std::shared_ptr<service::testing::FakeCall> call_;
  size_t read_ = 0;
};

TEST_F(OutageNotice, AWatchIsSentChangesOfTheNoticesThatItFollows) {
  using News = std::vector<std::string>;
  DefineCheckout();
  EXPECT_TRUE(
      Give<Component>("search",
                      DefineComponent{FromText<v1::DefineComponentRequest>(R"(component_id: "search" name: "Search")")},
                      Ana())
          .ok());
  const std::string down = Publish();
  const auto api = MakeApi(replica_->streams(), {});
  Follower all(*api, "", clock_.Now());
  Follower checkout(*api, R"(component_ids: "checkout" component_ids: "search")", clock_.Now());
  Follower search(*api, R"(component_ids: "search")", clock_.Now());
  EXPECT_EQ(all.News(), News{"Down: No paying."});
  EXPECT_EQ(checkout.News(), News{"Down: No paying."});
  EXPECT_EQ(search.News(), News());

  const std::string both = Publish(R"(title: "Both" component_ids: "search")");
  EXPECT_EQ(all.News(), News{"Both: No paying."}) << "an unchanged notice is not sent again";
  EXPECT_EQ(checkout.News(), News{"Both: No paying."});
  EXPECT_EQ(search.News(), News{"Both: No paying."});

  const double calls = replica_->Metric("throughline_watch_calls_total");
  OpenCase("c1", down);
  EXPECT_EQ(all.News(), News{"Down: No paying."});
  EXPECT_EQ(checkout.News(), News{"Down: No paying."});
  EXPECT_EQ(search.News(), News());
  EXPECT_EQ(replica_->Metric("throughline_watch_calls_total"), calls + 2) << "a watch of other components is not woken";

  v1::ResolveNoticeRequest resolve;
  resolve.set_notice_id(both);
  resolve.set_text("It works.");
  resolve.set_cause("A disk was full.");
  resolve.set_changed("Old logs go.");
  EXPECT_TRUE(Give<Notice>(both, resolve, Ana()).ok());
  EXPECT_EQ(all.News(), News{"Both: It works."});
  EXPECT_EQ(search.News(), News{"Both: It works."});
  Follower late(*api, "", clock_.Now());
  EXPECT_EQ(late.News(), News{"Down: No paying."});
}

TEST_F(OutageNotice, AWatchThatSkippedASnapshotOfTheBoardGetsAllThatIsNew) {
  const auto titles = [](const std::vector<NoticeBoard::NoticePtr>& notices) {
    std::vector<std::string> titles;
    for (const auto& notice : notices) titles.push_back(notice->title());
    return titles;
  };
  using Titles = std::vector<std::string>;
  DefineCheckout();
  NoticeBoard board(replica_->streams());
  const std::string down = Publish();
  const auto first = board.Now().notices;
  Publish(R"(title: "Slow")");
  const auto second = board.Now().notices;
  ASSERT_TRUE(Give<Notice>(down,
                           FromText<v1::ResolveNoticeRequest>(R"(text: "It works." cause: "A disk" changed: "Logs")"),
                           Ana())
                  .ok());
  const auto third = board.Now().notices;
  for (const std::vector<std::string>& components : {Titles{}, Titles{"checkout"}}) {
    EXPECT_EQ(titles(second->Since(*first, components).changed), Titles{"Slow"});
    EXPECT_EQ(titles(second->Since(*first, components).over), Titles{});
    EXPECT_EQ(titles(third->Since(*second, components).changed), Titles{});
    EXPECT_EQ(titles(third->Since(*second, components).over), Titles{"Down"});
    EXPECT_EQ(titles(third->Since(*first, components).changed), Titles{"Slow"});
    EXPECT_EQ(titles(third->Since(*first, components).over), Titles{"Down"});
    EXPECT_EQ(titles(third->Since(*third, components).changed), Titles{});
  }
}

TEST_F(OutageNotice, ACheckShowsTheActiveNoticesOfTheComponent) {
  DefineCheckout();
  EXPECT_TRUE(Check().operational());
  Publish(R"(workaround: "Pay by phone.")");
  const v1::CheckComponentResponse checked = Check();
  EXPECT_FALSE(checked.operational());
  ASSERT_EQ(checked.notices_size(), 1);
  EXPECT_EQ(checked.notices(0).current_text(), "No paying.");
  EXPECT_EQ(checked.notices(0).since().seconds(), 1772366400);
  EXPECT_EQ(checked.notices(0).next_update_due().seconds(), 1772370000);
  EXPECT_FALSE(checked.notices(0).has_expected_end()) << "not given, so unknown";
  EXPECT_EQ(checked.notices(0).workaround(), "Pay by phone.");
}

TEST_F(OutageNotice, IsNotPublishedAboutUndefinedComponents) {
  PublishNotice command{
      FromText<v1::PublishNoticeRequest>(
          R"(kind: NOTICE_KIND_OUTAGE component_ids: "checkout" title: "Down" description: "x"
                               next_update_due { seconds: 1772370000 } expected_end_unknown: true)"),
      UnknownOf(store_, FromText<v1::PublishNoticeRequest>(R"(component_ids: "checkout")").component_ids())};
  EXPECT_EQ(runtime::ReasonOf(Give<Notice>("n1", command, Ana())), "COMPONENT_UNKNOWN");
  EXPECT_EQ(runtime::ReasonOf(CheckComponent(store_, Checking("checkout"), clock_.Now()).status()),
            "COMPONENT_UNKNOWN");
}

TEST_F(OutageNotice, AMissedUpdateIsShownUntilTheNextUpdate) {
  DefineCheckout();
  const std::string id = Publish();
  Pass(absl::Minutes(59));
  EXPECT_FALSE(Check().notices(0).overdue());
  Pass(absl::Minutes(1));
  EXPECT_TRUE(Check().notices(0).overdue());
  EXPECT_EQ(Listed("overdue: true"), 1);
  EXPECT_EQ(runtime::Counted(store_, kNoticesOverdue), 1);
  Pass(absl::Hours(5));
  EXPECT_EQ(Check().notices(0).missed_update_count(), 1u) << "once";

  ASSERT_TRUE(
      Give<Notice>(id,
                   UpdateNotice{FromText<v1::UpdateNoticeRequest>(
                       R"(text: "Still down." next_update_due { seconds: 1772400000 } expected_end_unknown: true)")},
                   Ana())
          .ok());
  EXPECT_FALSE(Check().notices(0).overdue());
  EXPECT_EQ(Check().notices(0).current_text(), "Still down.");
  EXPECT_EQ(runtime::Counted(store_, kNoticesOverdue), 0);
  Pass(absl::Hours(10));
  EXPECT_EQ(Check().notices(0).missed_update_count(), 2u) << "the next update has a timer, too";
}

TEST_F(OutageNotice, AResolvedNoticeIsNotActiveAndMissesNoUpdate) {
  DefineCheckout();
  const std::string id = Publish();
  Pass(absl::Minutes(10));
  ASSERT_TRUE(Give<Notice>(
                  id, FromText<v1::ResolveNoticeRequest>(R"(text: "It works." cause: "A disk" changed: "Logs")"), Ana())
                  .ok());
  EXPECT_TRUE(Check().operational());
  EXPECT_EQ(Check().notices_size(), 0);
  Pass(absl::Hours(5));
  const auto notice = kNotices.Get(store_, id);
  EXPECT_EQ(notice->version(), 2u);
  EXPECT_EQ(notice->current_text(), "It works.");
  EXPECT_EQ(Listed("status: NOTICE_STATUS_ACTIVE"), 0);
  EXPECT_EQ(Listed("status: NOTICE_STATUS_RESOLVED"), 1);
  EXPECT_EQ(runtime::Counted(store_, kNoticesActive), 0);
}

TEST_F(OutageNotice, MaintenanceDoesNotAffectTheComponentBeforeItBegins) {
  DefineCheckout();
  Publish("kind: NOTICE_KIND_MAINTENANCE since { seconds: 1772369000 } expected_end { seconds: 1772377200 }");
  EXPECT_TRUE(Check().operational());
  EXPECT_EQ(Check().notices_size(), 1);
  Pass(absl::Minutes(50));
  EXPECT_FALSE(Check().operational());
}

TEST_F(OutageNotice, CountsLinkedCasesEvenBeforeTheNoticeIsFolded) {
  DefineCheckout();
  runtime::Caller next = runtime::testing::By("ana", common::v1::ROLE_SUPERVISOR);
  next.command_id = "command-2";
  const std::string id = runtime::DerivedId(next, "notice");
  OpenCase("k1", id);
  EXPECT_EQ(Listed(""), 0) << "a row with a count only is not a notice";
  ASSERT_EQ(Publish(), id);
  OpenCase("k2", id);
  EXPECT_EQ(Check().notices(0).linked_case_count(), 2u);
}

TEST_F(OutageNotice, APageTokenBelongsToOneQuery) {
  DefineCheckout();
  for (int i = 0; i < 3; ++i) {
    Publish();
    Pass(absl::Minutes(1));
  }
  v1::ListNoticesRequest request;
  request.set_page_size(2);
  const auto first = ListNotices(store_, request);
  ASSERT_TRUE(first.ok());
  ASSERT_EQ(first->notices_size(), 2);
  EXPECT_GT(first->notices(0).published_at().seconds(), first->notices(1).published_at().seconds());
  request.set_page_token(first->next_page_token());
  EXPECT_EQ(ListNotices(store_, request)->notices_size(), 1);
  request.set_overdue(true);
  EXPECT_EQ(ListNotices(store_, request).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(OutageNotice, NoticesAreFoundByTheBeginningOfTheirIds) {
  DefineCheckout();
  for (int i = 0; i < 3; ++i) Publish();
  const auto all = ListNotices(store_, v1::ListNoticesRequest());
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->notices_size(), 3);
  for (const auto& notice : all->notices()) {
    v1::ListNoticesRequest request;
    request.set_notice_id_prefix(notice.notice_id().substr(0, 12));
    const auto found = ListNotices(store_, request);
    ASSERT_TRUE(found.ok());
    ASSERT_EQ(found->notices_size(), 1);
    EXPECT_EQ(found->notices(0).notice_id(), notice.notice_id());
    request.set_notice_id_prefix(notice.notice_id() + "X");
    EXPECT_EQ(ListNotices(store_, request)->notices_size(), 0);
  }
}

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
