#include "services/edge/edge.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/edge/config.h"
#include "services/edge/testing/peer.h"
#include "tests/support/http_get.h"

namespace throughline::edge {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

struct Told {
  process::Settings::Outcome With(const std::vector<std::string>& arguments) {
    config.Declare(settings);
    return settings.Try(arguments, {});
  }
  Config config;
  process::Settings settings{config.run.program, "Tries."};
};

TEST(EdgeConfig, NeedsNothing) {
  Told told;
  ASSERT_EQ(told.With({}).exit_code, std::nullopt);
  EXPECT_EQ(told.config.edge.client.address, "127.0.0.1:7070");
  EXPECT_GT(told.config.edge.http.limits.body_bytes, told.config.edge.connect.message_bytes);
  EXPECT_FALSE(told.config.edge.http.tls.has_value());
}

TEST(EdgeConfig, ReportsEveryProblem) {
  Told told;
  const auto outcome = told.With({"--host", "0.0.0.0", "--address", "nobody=a:1", "--services-ca", "/no/ca",
                                  "--services-cert", "/dev/null", "--tls-client-ca", "/no/client", "--limits-requests",
                                  "0", "--origins", "https://a.example,https://*.example"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.problems, AllOf(SizeIs(8), Each(HasSubstr(": "))));
}

TEST(EdgeConfig, ChecksThePublicPages) {
  Told without;
  ASSERT_EQ(without.With({"--public-live", "1000000"}).exit_code, std::nullopt) << "there are none";
  Told told;
  const auto outcome = told.With(
      {"--public-token-file", "/no/token", "--public-title", "", "--public-url", "status", "--public-live", "1000000"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.problems, UnorderedElementsAre(HasSubstr("public.token-file"), HasSubstr("public.title"),
                                                     HasSubstr("public.url"), HasSubstr("public.live")));
  Told right;
  ASSERT_EQ(right.With({"--public-token-file", "/dev/null", "--public-url", "https://status.example"}).exit_code,
            std::nullopt);
  EXPECT_EQ(right.config.edge.notices.site.title, "Service status");
}

TEST(Edge, HasPublicPagesIfItHasACredentialForThem) {
  const auto with = Edge::Start({.client = {.address = "127.0.0.1:1"}, .notices = {.token_file = "/dev/null"}});
  const auto without = Edge::Start({.client = {.address = "127.0.0.1:1"}});
  ASSERT_TRUE(with.ok() && without.ok());
  EXPECT_EQ(throughline::testing::HttpAsk((*with)->endpoint(), "/notices")->status, 503) << "the service is not there";
  EXPECT_EQ(throughline::testing::HttpAsk((*without)->endpoint(), "/notices")->status, 404);
  for (const auto* edge : {&*with, &*without}) {
    EXPECT_EQ(throughline::testing::HttpAsk((*edge)->endpoint(), "/assets/page.css")->status, 200);
    EXPECT_EQ(throughline::testing::HttpAsk((*edge)->endpoint(), "/assets/none.css")->status, 404);
  }
}

TEST(Edge, TellsHowItIs) {
  auto started = Edge::Start({.client = {.address = "127.0.0.1:1"}});
  ASSERT_TRUE(started.ok()) << started.status();
  Edge& edge = **started;
  const std::string operations = edge.metrics_address();
  EXPECT_TRUE(edge.UpdateHealth());
  EXPECT_EQ(throughline::testing::HttpAsk(operations, "/readyz")->status, 200);
  EXPECT_EQ(throughline::testing::HttpAsk(edge.endpoint(),
                                          "/throughline.intake.v1.IntakeService/GetCase?encoding=json&message=%7B%7D")
                ->status,
            503)
      << "the service is not there";
  EXPECT_EQ(throughline::testing::HttpAsk(edge.endpoint(), "/")->status, 404);
  const auto metrics = throughline::testing::HttpGet(operations, "/metrics");
  EXPECT_THAT(*metrics, AllOf(HasSubstr("throughline_http_requests_total{code=\"503\",route=\"connect_get\"} 1"),
                              HasSubstr("throughline_http_requests_total{code=\"404\",route=\"none\"} 1")));
  edge.Stop(absl::Seconds(1));
  EXPECT_EQ(throughline::testing::HttpAsk(operations, "/livez")->status, 200);
  EXPECT_EQ(throughline::testing::HttpAsk(operations, "/readyz")->status, 503);
}

TEST(Edge, SaysWhyItCannotStart) {
  const auto first = Edge::Start({});
  ASSERT_TRUE(first.ok());
  const auto second = Edge::Start({.http = {.port = (*first)->port()}});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), AllOf(HasSubstr("HTTP"), HasSubstr("--port")));
  EXPECT_EQ(Edge::Start({.client = {.address = "a b"}}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace throughline::edge
