// `throughline up` and `throughline health` as those who operate them use them: an administrator, a container runtime,
// systemd.

#include <csignal>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "tests/support/eventually.h"
#include "tests/support/http_get.h"
#include "tests/support/network/tcp_proxy.h"
#include "tests/support/notify_socket.h"
#include "tests/support/process.h"
#include "tests/support/suite_process.h"
#include "tests/support/test_directory.h"

namespace throughline {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class Operator : public ::testing::Test {
 protected:
  // `throughline health` without a credential: of a user who has no data directory.
  testing::Finished Health(const std::string& address, std::vector<std::string> more = {}) const {
    std::vector<std::string> command = {
        testing::Program("throughline"), "--data", directory_.path() + "/none", "--address", address, "health"};
    command.insert(command.end(), more.begin(), more.end());
    return testing::Run(command);
  }
  // The field of each line of --json.
  static std::vector<std::string> Each(const testing::Finished& ended, const std::string& field) {
    std::vector<std::string> values;
    for (absl::string_view line : absl::StrSplit(ended.out, '\n', absl::SkipEmpty())) {
      values.push_back(json::parse(line)[field].get<std::string>());
    }
    return values;
  }

  TestDirectory directory_;
};

// Nothing listens on port 1.
constexpr char kNobody[] = "127.0.0.1:1";

TEST_F(Operator, SeesTheHealthOfEveryAddressAndService) {
  testing::SuiteProcess one(directory_.path() + "/one"), other(directory_.path() + "/other");
  ASSERT_TRUE(one.Start().ok() && other.Start().ok());
  const testing::Finished all = Health(one.address());
  EXPECT_EQ(all.exit_code, 0) << all.err;
  for (const char* service : {"intake", "ownership", "outage-notice", "supplier-tracking"}) {
    EXPECT_THAT(all.out, ContainsRegex(absl::StrCat(one.address(), " +", service, " +serving\n")));
  }
  const testing::Finished both = Health(absl::StrCat(one.address(), ",", other.address()), {"--json"});
  EXPECT_EQ(both.exit_code, 0) << both.err;
  EXPECT_THAT(Each(both, "service"), ElementsAre("intake", "intake", "ownership", "ownership", "outage-notice",
                                                 "outage-notice", "supplier-tracking", "supplier-tracking"));
  EXPECT_THAT(Each(both, "address"), ::testing::Contains(other.address()).Times(4));
  EXPECT_THAT(Each(both, "health"), ::testing::Each("SERVING"));
  const testing::Finished named = Health(absl::StrCat("intake=", one.address()), {"--json"});
  EXPECT_THAT(Each(named, "service"), ElementsAre("intake"));
  const testing::Finished chosen = Health(one.address(), {"--service", "ownership", "--service", "intake", "--json"});
  EXPECT_THAT(Each(chosen, "service"), ElementsAre("intake", "ownership"));

  // Every replica counts, also one that is away; the order of the addresses does not.
  for (const std::string& addresses :
       {absl::StrCat(one.address(), ",", kNobody), absl::StrCat(kNobody, ",", one.address())}) {
    const testing::Finished half = Health(addresses, {"--service", "intake"});
    EXPECT_EQ(half.exit_code, 3) << half.err;
    EXPECT_THAT(half.out, AllOf(ContainsRegex(absl::StrCat(one.address(), " +intake +serving")),
                                ContainsRegex(absl::StrCat(kNobody, " +intake +not reached"))));
  }
  EXPECT_EQ(other.Terminate(), 0);

  // A server that hangs is not reached in time.
  ASSERT_EQ(kill(one.pid(), SIGSTOP), 0);
  const testing::Finished hangs = Health(one.address(), {"--timeout", "300ms", "--json"});
  ASSERT_EQ(kill(one.pid(), SIGCONT), 0);
  EXPECT_EQ(hangs.exit_code, 3);
  EXPECT_THAT(Each(hangs, "health"), AllOf(SizeIs(4), ::testing::Each("NOT_REACHED")));
  EXPECT_EQ(Health(one.address(), {"--wait", "20s"}).exit_code, 0);
  EXPECT_EQ(one.Terminate(), 0);
}

TEST_F(Operator, SaysWhatCannotBeAsked) {
  const testing::Finished none = Health("intake=127.0.0.1:1", {"--service", "ownership"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("--address: no address of ownership is given: add ownership=host:port"));
  const testing::Finished typo = Health(kNobody, {"--service", "intak"});
  EXPECT_EQ(typo.exit_code, 2);
  EXPECT_THAT(typo.err, HasSubstr("did you mean `intake`?"));
  const testing::Finished period = Health(kNobody, {"--wait", "soon"});
  EXPECT_EQ(period.exit_code, 2);
  EXPECT_THAT(period.err, HasSubstr("--wait: "));
}

TEST_F(Operator, WaitsUntilAllServe) {
  const testing::Finished in_vain = Health(kNobody, {"--wait", "300ms"});
  EXPECT_EQ(in_vain.exit_code, 3) << in_vain.err;
  EXPECT_THAT(in_vain.out, AllOf(HasSubstr("not reached"), HasSubstr("refused"))) << "it says why";

  testing::SuiteProcess suite(directory_.path() + "/data");
  ASSERT_TRUE(suite.Start().ok());
  testing::TcpProxy proxy;  // closes every connection, like a server that is not there yet
  const std::string address = absl::StrCat("127.0.0.1:", proxy.port());
  testing::Finished waited;
  std::thread waiting([&] { waited = Health(address, {"--wait", "60s", "--json"}); });
  EXPECT_TRUE(Eventually([&] { return proxy.traffic().connections > 0; }));
  proxy.ForwardTo(std::stoi(suite.address().substr(suite.address().rfind(':') + 1)));
  waiting.join();
  EXPECT_EQ(waited.exit_code, 0) << waited.out << waited.err;
  EXPECT_THAT(Each(waited, "health"), AllOf(SizeIs(4), ::testing::Each("SERVING")));

  // One that accepts and says nothing.
  proxy.Be(testing::TcpProxy::Mode::kStall);
  const testing::Finished silent = Health(address, {"--wait", "300ms"});
  EXPECT_EQ(silent.exit_code, 3) << silent.out;
  EXPECT_THAT(silent.out, ContainsRegex("intake +not reached"));
  EXPECT_EQ(suite.Terminate(), 0);
}

TEST_F(Operator, TheProbesAgreeWithTheHealth) {
  testing::SuiteProcess suite(directory_.path() + "/data");
  ASSERT_TRUE(suite.Start({"--metrics-host", "localhost"}).ok());
  for (const char* of : {"", "/intake", "/ownership", "/outage-notice", "/supplier-tracking"}) {
    for (const char* probe : {"/livez", "/startupz", "/readyz"}) {
      const auto answer = testing::HttpGet(
          absl::StrCat("127.0.0.1", suite.metrics_address().substr(suite.metrics_address().rfind(':'))),
          absl::StrCat(of, probe));
      EXPECT_TRUE(answer.ok()) << answer.status();
    }
  }
  EXPECT_THAT(suite.metrics_address(), HasSubstr("localhost:"));
  EXPECT_THAT(suite.address(), HasSubstr("127.0.0.1:"));
  EXPECT_EQ(suite.Terminate(), 0);
}

// A gauge may fall, and Prometheus takes a counter that falls for one that began anew.
TEST_F(Operator, WhatCountsSinceTheBeginningIsACounterAndNamedAsOne) {
  testing::SuiteProcess suite(directory_.path() + "/data");
  ASSERT_TRUE(suite.Start({}).ok());
  std::map<std::string, std::string> helps, types;
  const auto read = [&](const std::string& service) {
    const auto page = testing::HttpGet(suite.metrics_address(), absl::StrCat("/", service, "/metrics"));
    EXPECT_TRUE(page.ok()) << page.status();
    for (const auto line : absl::StrSplit(*page, '\n')) {
      const std::vector<std::string> words = absl::StrSplit(line, absl::MaxSplits(' ', 3));
      if (words.size() == 4 && words[1] == "HELP") helps[words[2]] = words[3];
      if (words.size() == 4 && words[1] == "TYPE") types[words[2]] = words[3];
    }
  };
  ASSERT_TRUE(Eventually([&] {
    read("ownership");
    return types.contains("throughline_cases_closed_confirmed_total");
  })) << "counters are shown once the service has caught up";
  for (const char* service : {"intake", "outage-notice", "supplier-tracking"}) read(service);
  EXPECT_GT(types.size(), 40u);
  for (const auto& [name, type] : types) {
    EXPECT_EQ(absl::EndsWith(name, "_total"), type == "counter") << name << " is a " << type;
    const bool of_all_time =
        absl::StrContains(helps[name], ", ever") || absl::StrContains(helps[name], "since the start");
    EXPECT_FALSE(type == "gauge" && of_all_time) << name << ": " << helps[name];
  }
  EXPECT_EQ(suite.Terminate(), 0);
}

TEST_F(Operator, SystemdIsToldOfTheStartAndTheStop) {
  testing::NotifySocket socket("@" + directory_.path());
  testing::SuiteProcess suite(directory_.path() + "/data");
  ASSERT_TRUE(suite.Start({}, {"NOTIFY_SOCKET=" + socket.name(), "WATCHDOG_USEC=400000"}).ok());
  EXPECT_THAT(socket.Await("READY=1"), HasSubstr("STATUS="));
  socket.Await("WATCHDOG=1");
  socket.Await("WATCHDOG=1");
  EXPECT_EQ(suite.Terminate(), 0);
  EXPECT_THAT(socket.Await("STOPPING=1"), HasSubstr("STATUS=draining"));
  EXPECT_THAT(socket.Taken(), Not(::testing::Contains("READY=1")));
}

}  // namespace
}  // namespace throughline
