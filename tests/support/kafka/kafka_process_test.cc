// A real Kafka with the faults that tests inject, seen by kcat.

#include "tests/support/kafka/kafka_process.h"

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/network/tcp_proxy.h"

namespace throughline::testing {
namespace {

using ::testing::HasSubstr;

Finished Shell(const std::string& line) { return Run({"/bin/bash", "-c", line}); }

// The cluster's metadata, as kcat lists it.
std::string List(const std::string& bootstrap) {
  return Shell(absl::StrCat("timeout 20 kcat -b ", bootstrap, " -L -m 5 2>&1")).out;
}

TEST(KafkaProcessTest, TheSharedOneAnswers) {
  const absl::StatusOr<std::string> kafka = SharedKafka();
  SKIP_WITHOUT_KAFKA(kafka.status());
  EXPECT_THAT(List(*kafka), HasSubstr(" 1 brokers:"));
  EXPECT_EQ(*SharedKafka(), *kafka);
}

TEST(KafkaProcessTest, ABrokerBehindAProxy) {
  TcpProxy proxy;
  KafkaProcess kafka;
  SKIP_WITHOUT_KAFKA(kafka.Up({.advertised_ports = {proxy.port()}}));
  ASSERT_EQ(kafka.proxied_ports().size(), 1u);
  proxy.ForwardTo(kafka.proxied_ports()[0]);
  const std::string address = absl::StrCat("127.0.0.1:", proxy.port());
  EXPECT_THAT(List(address), HasSubstr(absl::StrCat("broker 1 at ", address)));
  EXPECT_THAT(List(kafka.bootstrap()), HasSubstr(absl::StrCat("broker 1 at ", kafka.bootstrap())));

  const int64_t asked = proxy.traffic().forwarded_requests;
  proxy.Be(TcpProxy::Mode::kDropAnswers);
  EXPECT_THAT(Shell(absl::StrCat("timeout 20 kcat -b ", address, " -L -m 1 2>&1")).out,
              HasSubstr("Failed to acquire metadata"));
  EXPECT_GT(proxy.traffic().forwarded_requests, asked);
  EXPECT_GT(proxy.traffic().dropped_answers, 0);
  proxy.Be(TcpProxy::Mode::kForward);
  EXPECT_THAT(List(address), HasSubstr(absl::StrCat("broker 1 at ", address)));
}

TEST(KafkaProcessTest, StopsAndStartsANodeOnItsPort) {
  KafkaProcess kafka;
  SKIP_WITHOUT_KAFKA(kafka.Up({}));
  ASSERT_EQ(kafka.Pause({1}), absl::OkStatus());
  EXPECT_THAT(Shell(absl::StrCat("timeout 20 kcat -b ", kafka.bootstrap(), " -L -m 1 2>&1")).out,
              HasSubstr("Failed to acquire metadata"));
  ASSERT_EQ(kafka.Resume({1}), absl::OkStatus());
  EXPECT_THAT(List(kafka.bootstrap()), HasSubstr(" 1 brokers:"));
  ASSERT_EQ(kafka.Stop({1}, KafkaProcess::How::kKill), absl::OkStatus());
  EXPECT_EQ(kafka.Stop({2}, KafkaProcess::How::kKill).code(), absl::StatusCode::kInternal);
  ASSERT_EQ(kafka.Start({1}), absl::OkStatus());
  EXPECT_THAT(List(kafka.bootstrap()), HasSubstr(" 1 brokers:"));
}

}  // namespace
}  // namespace throughline::testing
