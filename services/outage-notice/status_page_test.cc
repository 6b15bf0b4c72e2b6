// What the public is shown, through the engine.

#include "services/outage-notice/projections/status_page.h"

#include "gmock/gmock.h"

#include "services/outage-notice/testing.h"

namespace throughline::outage {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class StatusPage : public OutageNotice {
 protected:
  v1::GetStatusPageResponse Page(const std::string& request = "") {
    auto page = GetStatusPage(store_, FromText<v1::GetStatusPageRequest>(request));
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? *page : v1::GetStatusPageResponse();
  }
  void Resolve(const std::string& id) {
    ASSERT_TRUE(Give<Notice>(id,
                             FromText<v1::ResolveNoticeRequest>(R"(text: "It works." cause: "A disk" changed: "Logs")"),
                             Ana())
                    .ok());
  }
};

TEST_F(StatusPage, HasComponentsAndNoticesNewestFirst) {
  DefineCheckout();
  const std::string first = Publish(R"(title: "First")");
  Pass(absl::Minutes(1));
  const std::string second = Publish(R"(title: "Second")");
  Pass(absl::Minutes(1));
  const std::string third = Publish(R"(title: "Third")");
  Resolve(first);
  auto page = Page();
  ASSERT_EQ(page.components_size(), 1);
  EXPECT_EQ(page.components(0).name(), "Checkout");
  ASSERT_EQ(page.active_size(), 2);
  EXPECT_EQ(page.active(0).notice_id(), third);
  EXPECT_EQ(page.active(1).notice_id(), second);
  ASSERT_EQ(page.over_size(), 1);
  EXPECT_EQ(page.over(0).notice_id(), first);
  EXPECT_FALSE(page.incomplete());
  Resolve(second);
  Resolve(third);
  page = Page("over_size: 2");
  EXPECT_EQ(page.active_size(), 0);
  ASSERT_EQ(page.over_size(), 2);
  EXPECT_EQ(page.over(0).notice_id(), third);
}

TEST_F(StatusPage, SaysOnlyWhetherSomethingHasChanged) {
  DefineCheckout();
  const std::string id = Publish();
  const std::string digest = Page().digest();
  EXPECT_EQ(digest.size(), 32u);
  const auto same = Page("known_digest: \"" + digest + "\"");
  EXPECT_EQ(same.digest(), digest);
  EXPECT_EQ(same.components_size() + same.active_size(), 0);
  OpenCase("c1", id);
  EXPECT_EQ(Page().digest(), digest) << "how many cases there are is nobody's business";
  Pass(absl::Hours(2));  // the next update is missed
  const auto later = Page("known_digest: \"" + digest + "\"");
  EXPECT_NE(later.digest(), digest);
  ASSERT_EQ(later.active_size(), 1);
  EXPECT_TRUE(later.active(0).overdue());
}

TEST_F(StatusPage, NamesNobodyOfOurs) {
  EXPECT_TRUE(Give<Component>("checkout",
                              DefineComponent{FromText<v1::DefineComponentRequest>(
                                  R"(component_id: "checkout" name: "Checkout" keywords: "till-word")")},
                              Ana())
                  .ok());
  const std::string id = Publish(R"(keywords: "match-word")");
  ASSERT_TRUE(Give<Notice>(id,
                           UpdateNotice{FromText<v1::UpdateNoticeRequest>(
                               R"(text: "Still." next_update_due { seconds: 1772400000 } expected_end_unknown: true)")},
                           Ana())
                  .ok());
  ASSERT_TRUE(
      Give<Notice>(id, CorrectNotice{FromText<v1::CorrectNoticeRequest>(R"(reason: "Typo" title: "Off")")}, Ana())
          .ok());
  OpenCase("c1", id);
  const auto page = Page();
  ASSERT_EQ(page.active_size(), 1);
  EXPECT_EQ(page.active(0).updates_size(), 1);
  EXPECT_EQ(page.active(0).corrections_size(), 1);
  EXPECT_EQ(page.active(0).linked_case_count(), 0u);
  EXPECT_THAT(page.ShortDebugString(), Not(HasSubstr("ana")));
  EXPECT_THAT(page.ShortDebugString(), Not(HasSubstr("-word")));
}

TEST_F(StatusPage, IsBounded) {
  DefineCheckout();
  const std::string text(16000, 'x');
  for (int i = 0; i < 140; ++i) Publish("description: \"" + text + "\"");
  const auto page = Page();
  EXPECT_TRUE(page.incomplete());
  EXPECT_LT(page.ByteSizeLong(), size_t{2} << 20);
  EXPECT_GT(page.active_size(), 50);
}

}  // namespace
}  // namespace throughline::outage
