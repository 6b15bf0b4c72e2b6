// One trace of an order, as a collector gets it: from the shop's call through three services.

#include <fstream>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/client/client.h"
#include "libs/runtime/domain/time.h"
#include "libs/tracing/testing/receiver.h"
#include "services/throughline/suite.h"
#include "tests/support/test_directory.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/supplier/v1/commands.pb.h"

namespace throughline {
namespace {

using ::testing::HasSubstr;

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kShop[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

client::Client As(const Suite& suite, const TestDirectory& directory, const std::string& who, std::string trace = "") {
  std::ifstream file(directory.path() + "/credentials/" + who + ".token");
  client::Options options{.address = suite.endpoint(), .traceparent = std::move(trace)};
  std::getline(file, options.token);
  return client::Client(std::move(options));
}

// The promised time passes, the case that nobody asked for opens, and nobody writes to the customer in time: all in the
// shop's trace.
TEST(SuiteTrace, FollowsAnOrderFromTheShopsCallThroughThreeServices) {
  const TestDirectory directory;
  tracing::testing::Receiver receiver;
  Suite::Options options{.data = directory.path(), .metrics_port = -1, .tracing = {.endpoint = receiver.endpoint()}};
  options.intake.next_update_within = absl::Seconds(1);
  auto started = Suite::Start(options);
  ASSERT_TRUE(started.ok()) << started.status();
  Suite& suite = **started;
  while (!suite.UpdateHealth()) absl::SleepFor(absl::Milliseconds(5));

  ownership::v1::SetAvailabilityRequest here;
  here.set_available(true);
  here.set_team("care");
  ASSERT_TRUE(As(suite, directory, "ana").Call<ownership::v1::SetAvailabilityResponse>(here).ok());
  supplier::v1::PlaceOrderRequest order;
  order.set_order_id("SO-1");
  order.set_customer_id("C-1");
  order.set_destination_zone("America/New_York");
  order.set_owner("ana");
  *order.mutable_promised_time() = runtime::ToProto(absl::Now() + absl::Seconds(1));
  auto& line = *order.add_lines();
  line.set_line_id("1");
  line.set_sku("KETTLE-2");
  line.set_description("A Kettle");
  line.set_quantity(1);
  line.set_vendor_id("acme");
  const auto placed = As(suite, directory, "webshop", kShop).Call<supplier::v1::PlaceOrderResponse>(order);
  ASSERT_TRUE(placed.ok()) << placed.status();

  std::string tree;
  for (const absl::Time end = absl::Now() + absl::Seconds(20);
       absl::Now() < end && !absl::StrContains(tree, "throughline-ownership commit ownership");) {
    absl::SleepFor(absl::Milliseconds(50));
    suite.UpdateHealth();
    tree = receiver.Tree(kTrace);
  }
  EXPECT_THAT(tree, ::testing::StartsWith(
                        "throughline-supplier-tracking throughline.supplier.v1.SupplierTrackingService/PlaceOrder\n"
                        "  throughline-supplier-tracking commit order\n"
                        "    throughline-supplier-tracking timer on order\n"
                        "      throughline-supplier-tracking commit order\n"
                        "        throughline-intake react on matter\n"
                        "          throughline-intake commit matter\n"));
  EXPECT_THAT(tree, HasSubstr("throughline-intake commit case\n"));
  EXPECT_THAT(tree, HasSubstr("throughline-ownership commit ownership\n"));
  for (const auto& span : receiver.spans()) {
    for (const auto& attribute : span.span.attributes()) {
      EXPECT_THAT(attribute.value().string_value(), ::testing::Not(HasSubstr("Kettle"))) << attribute.key();
    }
  }
  suite.Stop(absl::Seconds(5));
}

}  // namespace
}  // namespace throughline
