// `throughline order watch` when its server is killed or drained: it reconnects by itself and shows every entry once.

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <gtest/gtest.h>

#include "libs/client/client.h"
#include "tests/support/eventually.h"
#include "tests/support/network/tcp_proxy.h"
#include "tests/support/suite_process.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::testing {
namespace {

std::string Content(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

// Every match of the expression's group in the output, in order.
std::multiset<std::string> Found(const std::string& output, const char* pattern) {
  const std::regex expression(pattern);
  std::multiset<std::string> found;
  for (std::sregex_iterator at(output.begin(), output.end(), expression); at != std::sregex_iterator(); ++at) {
    found.insert((*at)[1]);
  }
  return found;
}

class Watch : public ::testing::Test {
 protected:
  // A proxy: a constant address for a server that restarts elsewhere.
  void StartSuite() {
    const absl::Status started = suite_.Start();
    ASSERT_TRUE(started.ok()) << started;
    const std::string& address = suite_.OptionsFor("ana").address;
    int port = 0;
    ASSERT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) << address;
    network_.ForwardTo(port);
  }
  // Standard output and error go to `name.out` and `name.err`.
  void StartWatching(Process& process, const std::string& name, const std::string& options) {
    const std::string path = directory_.path() + "/" + name;
    const auto started = process.Start(
        {"/bin/sh", "-c",
         absl::StrCat("echo ready; exec ", Program("throughline"), " --address 127.0.0.1:", network_.port(), " --data ",
                      suite_.data(), " order watch SO-1 --from-start ", options, " >", path, ".out 2>", path, ".err")},
        {});
    ASSERT_TRUE(started.ok()) << started.status();
  }
  std::string Said(const std::string& file) const { return Content(directory_.path() + "/" + file); }

  void PlaceOrder() {
    supplier::v1::PlaceOrderRequest order;
    order.set_order_id("SO-1");
    order.set_customer_id("mira");
    auto& line = *order.add_lines();
    line.set_line_id("1");
    line.set_sku("KETTLE-2");
    line.set_quantity(1);
    line.set_vendor_id("acme");
    order.mutable_promised_time()->set_seconds(absl::ToUnixSeconds(absl::Now() + absl::Hours(24)));
    const auto placed = client::Client(suite_.OptionsFor("webshop")).Call<supplier::v1::PlaceOrderResponse>(order);
    ASSERT_TRUE(placed.ok()) << placed.status();
  }
  void HearFromTheVendor(int times) {
    const client::Client acme(suite_.OptionsFor("acme"));
    for (int i = 0; i < times; ++i) {
      supplier::v1::RecordVendorUpdateRequest update;
      update.set_order_id("SO-1");
      update.set_vendor_id("acme");
      update.mutable_backordered()->set_reason(absl::StrCat("reason ", ++updates_));
      const auto heard = acme.Call<supplier::v1::RecordVendorUpdateResponse>(update);
      ASSERT_TRUE(heard.ok()) << heard.status();
    }
  }
  std::multiset<std::string> Trace() const {
    supplier::v1::TraceOrderRequest request;
    request.set_order_id("SO-1");
    request.set_page_size(1000);
    const auto trace = client::Client(suite_.OptionsFor("ana")).Call<supplier::v1::TraceOrderResponse>(request);
    EXPECT_TRUE(trace.ok()) << trace.status();
    std::multiset<std::string> ids;
    if (trace.ok()) {
      for (const auto& entry : trace->entries()) ids.insert(entry.entry_id());
    }
    return ids;
  }

  TestDirectory directory_;
  SuiteProcess suite_{directory_.path() + "/data"};
  TcpProxy network_;
  int updates_ = 0;
};

TEST_F(Watch, ContinuesWhenItsServerIsBack) {
  StartSuite();
  PlaceOrder();
  Process for_programs, for_people;
  StartWatching(for_programs, "json", "--json");
  StartWatching(for_people, "text", "");
  const auto shown = [this] { return Found(Said("json.out"), "\"(?:entry_id|entryId)\": *\"([^\"]+)\""); };
  const auto reasons = [this] { return Found(Said("text.out"), "(reason [0-9]+)"); };
  const auto expect_all = [&] {
    EXPECT_TRUE(Eventually([&] { return shown() == Trace(); })) << Said("json.out") << Said("json.err");
    EXPECT_TRUE(Eventually([&] { return reasons().size() == static_cast<size_t>(updates_); })) << Said("text.out");
  };
  expect_all();
  for (const bool drained : {false, true, false}) {
    HearFromTheVendor(3);
    expect_all();
    if (drained) {
      EXPECT_EQ(suite_.Terminate(), 0);
    } else {
      suite_.Kill();
    }
    StartSuite();
    HearFromTheVendor(3);  // perhaps before the watches are back
    expect_all();
  }
  for (int i = 1; i <= updates_; ++i) EXPECT_EQ(reasons().count(absl::StrCat("reason ", i)), 1u);
  EXPECT_EQ(Found(Said("text.err"), "(lost the server)").size(), 3u) << Said("text.err");
  EXPECT_EQ(Said("json.err"), "");
  for_programs.Kill();
  for_people.Kill();
  EXPECT_EQ(suite_.Terminate(), 0);
}

// A server that was never reached is an error at once.
TEST_F(Watch, EndsAtOnceWithoutAServer) {
  const TestDirectory directory;
  const std::string token = directory.path() + "/token";
  std::ofstream(token) << "tl_ana_not-looked-at\n";
  const Finished watch = testing::Run({Program("throughline"), "--address", absl::StrCat("127.0.0.1:", network_.port()),
                                       "--data", suite_.data(), "--token-file", token, "order", "watch", "SO-1"});
  EXPECT_EQ(watch.exit_code, 3) << watch.err;
  EXPECT_EQ(watch.err.find("lost the server"), std::string::npos) << watch.err;
}

}  // namespace
}  // namespace throughline::testing
