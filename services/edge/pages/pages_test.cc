#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/edge/pages/assets.h"
#include "services/edge/pages/layout.h"
#include "services/edge/pages/templates.h"

namespace throughline::edge::pages {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kHostile[] = "<script>alert(1)</script>\"'&\x01";

TEST(Pages, EscapeEveryText) {
  const Frame frame{.site = kHostile,
                    .title = kHostile,
                    .links = {{"javascript:alert(1)", kHostile, true}},
                    .feeds = {{"/a\"onload=\"x", kHostile}},
                    .script = "page.css",
                    .footer = kHostile};
  Values values;
  values.Set("HEADING", kHostile).Set("TEXT", kHostile);
  const std::string html = Page(frame, "message.html", std::move(values));
  EXPECT_THAT(html,
              AllOf(Not(HasSubstr("<script>")), Not(HasSubstr("javascript:")), Not(HasSubstr("\"onload")),
                    Not(HasSubstr("\x01")), HasSubstr("<h1>&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;")));
}

TEST(Pages, AreWhole) {
  const std::string html = Page({.site = "Acme", .title = "Hello", .footer = "The end"}, "message.html", Values());
  EXPECT_THAT(html, AllOf(HasSubstr("<title>Hello – Acme</title>"), HasSubstr("<html lang=\"en\">"),
                          HasSubstr("name=\"robots\" content=\"noindex\""), HasSubstr("The end"), HasSubstr("</html>"),
                          Not(HasSubstr("<nav")), Not(HasSubstr("<script")), Not(HasSubstr("{{"))));
}

// Without a pragma at its begin nothing would be escaped; Render ends the program then.
TEST(Pages, FillEveryTemplate) {
  for (const std::string_view name : TemplateNames()) EXPECT_THAT(Render(name, Values()), Not(HasSubstr("{{"))) << name;
}

TEST(PagesDeathTest, WantTemplatesThatAreThere) { EXPECT_DEATH(Render("none.html", Values()), "none.html"); }

TEST(Pages, RunNothingThatIsNotOurs) {
  const http::Response answer = Message({.site = "Acme"}, 404, "Not here", "Look elsewhere.");
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(*answer.headers.Find("content-security-policy"),
              AllOf(HasSubstr("default-src 'none'"), HasSubstr("frame-ancestors 'none'"), Not(HasSubstr("unsafe")),
                    Not(HasSubstr("http"))));
  EXPECT_EQ(*answer.headers.Find("referrer-policy"), "no-referrer");
  EXPECT_EQ(*answer.headers.Find("x-frame-options"), "DENY");
  EXPECT_EQ(*answer.headers.Find("cache-control"), "no-store");
  EXPECT_EQ(answer.headers.Find("set-cookie"), nullptr);
  http::Headers widget;
  AddSecurity(widget, {.framed_by_all = true, .has_forms = true});
  EXPECT_THAT(*widget.Find("content-security-policy"),
              AllOf(HasSubstr("frame-ancestors *"), HasSubstr("form-action 'self'")));
  EXPECT_EQ(widget.Find("x-frame-options"), nullptr);
}

TEST(Pages, HaveAddressesThatChangeWithTheirAssets) {
  const std::string url = AssetUrl("page.css");
  EXPECT_EQ(url, absl::StrCat("/assets/page.css?v=", FindAsset("page.css")->etag().substr(1, 12)));
  EXPECT_EQ(FindAsset("none.css"), nullptr);
}

TEST(Document, IsNotSentAgain) {
  const Document document("text/plain", std::string(1000, 'a'));
  http::Request request{.method = "GET", .path = "/a"};
  http::Response answer = Respond(request, document, {});
  EXPECT_EQ(answer.body, document.body());
  const std::string etag = *answer.headers.Find("etag");
  request.headers.Add("accept-encoding", "br, gzip;q=0.5");
  answer = Respond(request, document, {});
  EXPECT_EQ(*answer.headers.Find("content-encoding"), "gzip");
  EXPECT_EQ(answer.body, document.gzipped());
  EXPECT_LT(answer.body.size(), 100u);
  request.headers.Add("if-none-match", absl::StrCat("\"another\", ", etag));
  answer = Respond(request, document, {});
  EXPECT_EQ(answer.status, 304);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(*answer.headers.Find("etag"), etag);
  EXPECT_NE(Document("text/plain", "b").etag(), document.etag());
}

}  // namespace
}  // namespace throughline::edge::pages
