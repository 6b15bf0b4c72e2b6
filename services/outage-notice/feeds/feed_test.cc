#include "services/outage-notice/feeds/feed.h"

#include <gmock/gmock.h>

#include "services/outage-notice/testing.h"

namespace throughline::outage {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class FeedTest : public OutageNotice {
 protected:
  v1::GetNoticeFeedResponse Feed(v1::FeedFormat format, const std::string& component = "",
                                 const std::string& site = "https://status.example.com") {
    v1::GetNoticeFeedRequest request;
    request.set_format(format);
    request.set_component_id(component);
    const auto feed = NoticeFeed(store_, request, site);
    EXPECT_TRUE(feed.ok()) << feed.status();
    return feed.value_or(v1::GetNoticeFeedResponse());
  }
  static size_t CountOf(const std::string& text, const std::string& what) {
    size_t count = 0;
    for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++count;
    return count;
  }
};

TEST_F(FeedTest, HasAnEntryForEachThingThatIsTold) {
  DefineCheckout();
  const std::string id = Publish(R"(title: "Down & <out>")");
  Pass(absl::Minutes(1));
  ASSERT_TRUE(Give<Notice>(
                  id, FromText<v1::ResolveNoticeRequest>(R"(text: "It works." cause: "A disk" changed: "Logs")"), Ana())
                  .ok());
  const auto atom = Feed(v1::FEED_FORMAT_ATOM);
  EXPECT_EQ(atom.content_type(), "application/atom+xml; charset=utf-8");
  EXPECT_EQ(CountOf(atom.document(), "<entry>"), 2u);
  EXPECT_THAT(atom.document(), HasSubstr("<title>Resolved: Down &amp; &lt;out&gt;</title>"));
  EXPECT_THAT(atom.document(), HasSubstr("<id>urn:throughline:notice:" + id + ":1</id>"));
  EXPECT_THAT(atom.document(), HasSubstr("href=\"https://status.example.com/notices/" + id + "\""));
  EXPECT_LT(atom.document().find(":2</id>"), atom.document().find(":1</id>")) << "newest first";
  EXPECT_EQ(atom.updated_at().seconds(), 1772366460);
  const auto rss = Feed(v1::FEED_FORMAT_RSS, "checkout");
  EXPECT_EQ(CountOf(rss.document(), "<item>"), 2u);
  EXPECT_THAT(rss.document(), HasSubstr("<pubDate>Sun, 01 Mar 2026 12:01:00 +0000</pubDate>"));
  EXPECT_EQ(Feed(v1::FEED_FORMAT_RSS, "checkout").etag(), rss.etag());
  EXPECT_NE(atom.etag(), rss.etag());
}

TEST_F(FeedTest, OfAComponentHasItsNoticesOnly) {
  DefineCheckout();
  EXPECT_TRUE(
      Give<Component>(
          "app", DefineComponent{FromText<v1::DefineComponentRequest>(R"(component_id: "app" name: "App")")}, Ana())
          .ok());
  Publish();
  EXPECT_EQ(CountOf(Feed(v1::FEED_FORMAT_ATOM, "app").document(), "<entry>"), 0u);
  EXPECT_EQ(CountOf(Feed(v1::FEED_FORMAT_ATOM, "checkout").document(), "<entry>"), 1u);
  v1::GetNoticeFeedRequest request;
  request.set_component_id("unknown");
  EXPECT_EQ(NoticeFeed(store_, request, "").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(FeedTest, HasAtMostFiftyEntriesAndNoLinksWithoutASite) {
  DefineCheckout();
  for (int i = 0; i < 52; ++i) {
    Publish();
    Pass(absl::Seconds(1));
  }
  const auto feed = Feed(v1::FEED_FORMAT_UNSPECIFIED, "", "");
  EXPECT_EQ(CountOf(feed.document(), "<entry>"), 50u);
  EXPECT_THAT(feed.document(), Not(HasSubstr("<link")));
}

TEST_F(FeedTest, WhatXmlCannotHoldIsLeftOut) {
  EXPECT_EQ(EscapeXml("a\x01\x1f\tb\n\"<&>\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd"),
            "a\tb\n&quot;&lt;&amp;&gt;\xef\xbf\xbd");
}

}  // namespace
}  // namespace throughline::outage
