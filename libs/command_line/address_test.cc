#include "libs/command_line/address.h"

#include <tuple>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::command_line {
namespace {

using ::testing::HasSubstr;

TEST(HostPort, TakesNamesAndAddresses) {
  for (const auto& [text, host, port] :
       std::vector<std::tuple<const char*, const char*, int>>{{"localhost:1", "localhost", 1},
                                                              {"10.0.0.1:65535", "10.0.0.1", 65535},
                                                              {"[::1]:7070", "::1", 7070},
                                                              {"a-b.example:7070", "a-b.example", 7070},
                                                              {"dns:7070", "dns", 7070}}) {
    const auto address = ParseHostPort(text, 7070);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(address->host, host);
    EXPECT_EQ(address->port, port);
  }
}

TEST(HostPort, SaysWhatToWriteInstead) {
  for (const auto& [text, instead] : std::vector<std::pair<const char*, const char*>>{
           {"http://shop:7070", "write shop:7070"},
           {"https://shop/", "write shop:7070"},
           {"grpc://shop:1/x", "write shop:1;"},
           {"shop", "names no port: write shop:7070"},
           {"[::1]", "names no port: write [::1]:7070"},
           {"::1", "without brackets: write [::1]:7070"},
           {"fe80::1:7070", "without brackets"},
           {"fe80::1%eth0", "without brackets"},
           {"127.0.0.1:1:1", "has 2 colons: write one host and one port, as 127.0.0.1:7070"},
           {"shop:1:2:3", "has 3 colons: write one host and one port, as shop:7070"},
           {"::x", "has 2 colons: write one host and one port, as 127.0.0.1:7070"},
           {"dns:///shop:1", "begins with dns://, but addresses have no scheme here: write shop:1;"},
           {"dns://8.8.8.8/shop:1", "write shop:1;"},
           {"dns:shop:1", "begins with dns:, but addresses have no scheme here: write shop:1;"},
           {"dns:shop", "write shop:7070;"},
           {"ipv6:[::1]:1", "write [::1]:1;"},
           {"unix:///run/socket", "begins with unix://, but addresses have no scheme here: write host:7070;"},
           {"http://", "write host:7070;"},
           {"http:///", "write host:7070;"},
           {"[::1:7070", "lacks the bracket"},
           {"[]:7070", "write [::1]:7070"},
           {"[::1]7070", "write [::1]:7070"},
           {":7070", "names no host: write 127.0.0.1:7070"},
           {"shop:0", "has the port `0`: write a number from 1 to 65535, as in shop:7070"},
           {"shop:70000", "has the port `70000`"},
           {"shop:-1", "has the port `-1`"},
           {"shop:http", "has the port `http`"},
           {"shop:99999999999999999999", "has the port `99999999999999999999`"},
           {"shop:", "has the port ``"}}) {
    const absl::Status status = ParseHostPort(text, 7070).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(instead)) << text;
  }
}

TEST(Brokers, NeedNoPort) {
  for (const char* text : {"kafka-1:9092", "kafka-1,kafka-2:9093", "SSL://kafka-1:9093", "[::1]:9092", "[::1]"}) {
    EXPECT_EQ(CheckBrokers(text), absl::OkStatus()) << text;
  }
  for (const char* text : {"http://kafka-1:9092", "kafka-1:70000", "kafka-1:0", "kafka-1,,kafka-2", "kafka-1:x", ""}) {
    EXPECT_FALSE(CheckBrokers(text).ok()) << text;
  }
}

TEST(ListenHost, HasNoPort) {
  for (const char* text : {"127.0.0.1", "0.0.0.0", "::", "[::1]", "localhost"}) {
    EXPECT_EQ(CheckListenHost(text), absl::OkStatus()) << text;
  }
  for (const char* text : {"127.0.0.1:7070", "http://127.0.0.1", "[::1]:7070", "127.0.0.1:1:1"}) {
    EXPECT_FALSE(CheckListenHost(text).ok()) << text;
  }
}

}  // namespace
}  // namespace throughline::command_line
