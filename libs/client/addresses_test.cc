#include "libs/client/addresses.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::client {
namespace {

using ::testing::ElementsAre;

TEST(Addresses, OneServesAllServices) {
  const auto addresses = ParseAddresses("127.0.0.1:7070");
  ASSERT_TRUE(addresses.ok()) << addresses.status();
  EXPECT_THAT(addresses->Of("intake"), ElementsAre("127.0.0.1:7070"));
  EXPECT_THAT(addresses->Of("ownership"), ElementsAre("127.0.0.1:7070"));
}

TEST(Addresses, AServiceIsFollowedByItsReplicas) {
  const auto addresses = ParseAddresses("intake=a:1,b:2, ownership=a:3,[::1]:4");
  ASSERT_TRUE(addresses.ok()) << addresses.status();
  EXPECT_THAT(addresses->Of("intake"), ElementsAre("a:1", "b:2"));
  EXPECT_THAT(addresses->Of("ownership"), ElementsAre("a:3", "[::1]:4"));
  EXPECT_THAT(addresses->Of("outage-notice"), ElementsAre());
}

TEST(Addresses, AnUnnamedOneIsForServicesThatAreNotNamed) {
  const auto addresses = ParseAddresses("a:1,b:1,intake=c:1");
  ASSERT_TRUE(addresses.ok()) << addresses.status();
  EXPECT_THAT(addresses->Of("intake"), ElementsAre("c:1"));
  EXPECT_THAT(addresses->Of("supplier-tracking"), ElementsAre("a:1", "b:1"));
}

TEST(Addresses, SuggestTheNearestService) {
  EXPECT_THAT(std::string(ParseAddresses("intak=a:1").status().message()),
              testing::HasSubstr("did you mean `intake`?"));
}

TEST(Addresses, MalformedOnesAreRefused) {
  for (const char* text : {"", "a:1,", "support=a:1", "intake=", "intake=a=b", "a:1 b:1", "intake=a:1;ownership=b:1",
                           "a", "a:0", "a:70000", "a:x", "http://a:1", "https://a:1", "::1:1", "intake=a:1,b"}) {
    EXPECT_EQ(ParseAddresses(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace throughline::client
