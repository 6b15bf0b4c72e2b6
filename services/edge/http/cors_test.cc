#include "services/edge/http/cors.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <prometheus/registry.h>

#include "services/edge/http/server.h"
#include "services/edge/testing/peer.h"

namespace throughline::edge::http {
namespace {

using ::testing::HasSubstr;
using testing::Peer;

constexpr char kOurs[] = "https://shop.example";
constexpr char kAllowed[] = "access-control-allow-origin";

class CorsTest : public ::testing::Test {
 protected:
  Peer::Answer Ask(const Cors& cors, const std::string& method, const std::string& headers) {
    auto started = Server::Start({}, std::make_shared<prometheus::Registry>(), [&](std::shared_ptr<Exchange> exchange) {
      exchange = cors.Admit(std::move(exchange));
      if (exchange == nullptr) return;
      if (exchange->request().path == "/parts") {
        exchange->Begin({.body = "one"});
        return exchange->End("two");
      }
      exchange->Answer({.status = exchange->request().method == "OPTIONS" ? 405 : 200, .body = "served"});
    });
    EXPECT_TRUE(started.ok()) << started.status();
    Peer peer((*started)->port());
    peer.Send(absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: a\r\n", headers, "\r\n"));
    return peer.Read();
  }
  static std::string Of(const std::string& origin) { return absl::StrCat("Origin: ", origin, "\r\n"); }

  const std::string preflight = "Access-Control-Request-Method: POST\r\n";
  const Cors off{{}};
  const Cors on{{kOurs, "http://localhost:3000"}};
  std::string path = "/";
};

TEST_F(CorsTest, IsOffWithoutOrigins) {
  EXPECT_EQ(Ask(off, "OPTIONS", Of(kOurs) + preflight).status, 405);
  const Peer::Answer answer = Ask(off, "GET", Of(kOurs));
  EXPECT_EQ(answer.body, "served");
  EXPECT_EQ(answer.headers.count(kAllowed), 0U);
  EXPECT_EQ(answer.headers.count("vary"), 0U);
}

TEST_F(CorsTest, LetsThePagesOfNamedOriginsCall) {
  const Peer::Answer may = Ask(on, "OPTIONS", Of(kOurs) + preflight);
  EXPECT_EQ(may.status, 204);
  EXPECT_EQ(may.header(kAllowed), kOurs);
  EXPECT_EQ(may.header("access-control-allow-methods"), "GET, POST");
  EXPECT_THAT(may.header("access-control-allow-headers"), HasSubstr("Authorization"));
  EXPECT_EQ(may.headers.count("access-control-allow-credentials"), 0U);
  EXPECT_EQ(Ask(on, "GET", Of("http://localhost:3000")).header(kAllowed), "http://localhost:3000");
  path = "/parts";
  const Peer::Answer in_parts = Ask(on, "GET", Of(kOurs));
  EXPECT_EQ(in_parts.body, "onetwo");
  EXPECT_EQ(in_parts.header(kAllowed), kOurs);
}

TEST_F(CorsTest, KeepsOtherOriginsOut) {
  for (const char* other : {"https://shop.example.evil", "http://shop.example", "https://shop.example:444", "null"}) {
    EXPECT_EQ(Ask(on, "OPTIONS", Of(other) + preflight).headers.count(kAllowed), 0U) << other;
    const Peer::Answer answer = Ask(on, "GET", Of(other));
    EXPECT_EQ(answer.headers.count(kAllowed), 0U) << other;
    EXPECT_EQ(answer.header("vary"), "origin");  // a cache must not give one origin's answer to another
  }
  EXPECT_EQ(Ask(on, "OPTIONS", "").status, 405) << "no preflight";
}

TEST(IsOrigin, KnowsWhatBrowsersWrite) {
  for (const char* origin : {"https://a", "http://localhost:3000", "https://shop.example", "http://[::1]:80"}) {
    EXPECT_TRUE(IsOrigin(origin)) << origin;
  }
  for (const char* other : {"", "*", "null", "https://", "https://*.example", "https://a/", "https://A", "https://a:0",
                            "https://a:65536", "https://a:", "ftp://a", "a", "https://u@a", "https://a b"}) {
    EXPECT_FALSE(IsOrigin(other)) << other;
  }
}

}  // namespace
}  // namespace throughline::edge::http
