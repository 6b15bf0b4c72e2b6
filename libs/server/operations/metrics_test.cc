#include "libs/server/operations/metrics.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

namespace throughline::server {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, CountRpcsByTheirEnd) {
  prometheus::Registry registry;
  RpcProbe probe(registry, "intake.v1.IntakeService", "OpenCase");
  probe.Started();
  probe.Started();
  probe.Finished(0, absl::Milliseconds(3));
  const std::string text = prometheus::TextSerializer().Serialize(registry.Collect());
  const std::string labels = R"(rpc_method="OpenCase",rpc_service="intake.v1.IntakeService")";
  EXPECT_THAT(text, HasSubstr("throughline_rpc_handled_total{code=\"OK\"," + labels + "} 1"));
  EXPECT_THAT(text, HasSubstr("throughline_rpc_in_flight{" + labels + "} 1"));
  EXPECT_THAT(text, HasSubstr("throughline_rpc_duration_seconds_count{" + labels + "} 1"));
}

}  // namespace
}  // namespace throughline::server
