// The service through the engine: notices, their timer, linked cases, lists and watches.

#include "libs/service/testing.h"
#include "services/outage-notice/api/notice_board.h"
#include "services/outage-notice/testing.h"

namespace throughline::outage {
namespace {

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

}  // namespace
}  // namespace throughline::outage
