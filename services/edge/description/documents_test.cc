#include "services/edge/description/documents.h"

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>
#include <prometheus/registry.h>

#include "libs/client/services.h"
#include "services/edge/connect/call.h"
#include "services/edge/connect/gzip.h"
#include "services/edge/http/server.h"
#include "services/edge/testing/peer.h"

namespace throughline::edge {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Peer;

class DocumentsTest : public ::testing::Test {
 protected:
  DocumentsTest() {
    auto started = http::Server::Start({}, std::make_shared<prometheus::Registry>(),
                                       [this](const std::shared_ptr<http::Exchange>& exchange) {
                                         if (!documents_.Handle(exchange)) exchange->Answer({.status = 404});
                                       });
    EXPECT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
  }
  Peer::Answer Ask(const std::string& path, const std::string& headers = "", const std::string& method = "GET") const {
    Peer peer(server_->port());
    peer.Send(absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: a\r\n", headers, "\r\n"));
    return peer.Read(method == "HEAD");
  }

  const Documents documents_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(DocumentsTest, ServesTheDescriptionAsItIsCommitted) {
  std::ostringstream committed;
  committed << std::ifstream("proto/openapi.json").rdbuf();
  const Peer::Answer plain = Ask("/openapi.json");
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(plain.header("content-type"), "application/json");
  EXPECT_EQ(plain.body, committed.str());
  const Peer::Answer packed = Ask("/openapi.json", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(packed.header("content-encoding"), "gzip");
  EXPECT_EQ(*connect::Decompress(packed.body, 4 << 20), committed.str());
  EXPECT_LT(packed.body.size(), plain.body.size() / 8) << "packed well: it grows with every call";
}

// What Connect's handler serves, and nothing else.
TEST_F(DocumentsTest, DescribeEveryUnaryCall) {
  std::set<std::string> served, described;
  for (const auto* service : client::AllServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& method = *service->method(i);
      if (method.client_streaming() || method.server_streaming()) continue;
      served.insert("post " + client::PathOf(method));
      if (connect::IsRead(method)) served.insert("get " + client::PathOf(method));
    }
  }
  const json description = json::parse(Ask("/openapi.json").body);
  for (const auto& [path, item] : description["paths"].items()) {
    for (const auto& [method, operation] : item.items()) described.insert(method + " " + path);
  }
  EXPECT_EQ(described, served);
}

TEST_F(DocumentsTest, AsksNothingOfThirdParties) {
  const Peer::Answer page = Ask("/docs");
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.header("content-security-policy"),
              AllOf(HasSubstr("default-src 'none'"), HasSubstr("script-src 'self';"), Not(HasSubstr("http"))));
  const std::regex linked("(?:src|href)=\"([^\"]*)\"");
  int links = 0;
  for (std::sregex_iterator link(page.body.begin(), page.body.end(), linked), end; link != end; ++link) {
    const std::string target = (*link)[1];
    if (target == "data:,") continue;
    EXPECT_EQ(Ask("/" + target, "Accept-Encoding: gzip\r\n", "HEAD").status, 200) << target;
    ++links;
  }
  EXPECT_EQ(links, 4);
  EXPECT_THAT(Ask("/docs/swagger-ui-bundle.js.LICENSE.txt").body, HasSubstr("Apache License"));
}

TEST_F(DocumentsTest, AreNotSentAgainToThoseWhoHaveThem) {
  const std::string etag = Ask("/openapi.json").header("etag");
  ASSERT_THAT(etag, HasSubstr("W/\""));
  const Peer::Answer same = Ask("/openapi.json", absl::StrCat("If-None-Match: ", etag, "\r\n"));
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(Ask("/openapi.json", "If-None-Match: \"other\"\r\n").status, 200);
}

TEST_F(DocumentsTest, TakeNothingElse) {
  const Peer::Answer refused = Ask("/docs", "Content-Length: 0\r\n", "POST");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.header("allow"), "GET, HEAD");
  EXPECT_EQ(Ask("/docs/../openapi.json").status, 404);
  EXPECT_EQ(Ask("/docs/").status, 404);
}

}  // namespace
}  // namespace throughline::edge
