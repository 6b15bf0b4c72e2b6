#include "services/outage-notice/delivery/targets.h"

#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>

#include <gtest/gtest.h>

namespace throughline::outage {
namespace {

bool IsPublicText(const char* text) {
  sockaddr_storage storage{};
  auto* four = reinterpret_cast<sockaddr_in*>(&storage);  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
  auto* six = reinterpret_cast<sockaddr_in6*>(&storage);  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
  if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
    storage.ss_family = AF_INET;
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, text, &six->sin6_addr), 1) << text;
    storage.ss_family = AF_INET6;
  }
  return IsPublic(reinterpret_cast<const sockaddr&>(storage));  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
}

TEST(Targets, PrivateLinkLocalAndLoopbackAddressesAreNotPublic) {
  for (const char* address : {"0.0.0.0",
                              "10.1.2.3",
                              "100.64.0.1",
                              "100.127.255.255",
                              "127.0.0.1",
                              "127.9.9.9",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.1",
                              "192.0.2.1",
                              "192.168.0.1",
                              "198.18.0.1",
                              "198.19.255.255",
                              "198.51.100.1",
                              "203.0.113.1",
                              "224.0.0.1",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "fe80::1",
                              "fc00::1",
                              "fd12:3456::1",
                              "ff02::1",
                              "2001:db8::1",
                              "2001::1",
                              "2002:7f00:1::1",
                              "64:ff9b::7f00:1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.0.0.1",
                              "::127.0.0.1",
                              "3fff::1",
                              "100::1"}) {
    EXPECT_FALSE(IsPublicText(address)) << address;
  }
}

TEST(Targets, TheRestOfTheInternetIs) {
  for (const char* address : {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.0.1",
                              "172.32.0.1", "192.0.1.1", "192.167.0.1", "223.255.255.255", "2606:4700::1111",
                              "2001:4860:4860::8888", "2a00::1", "::ffff:1.1.1.1"}) {
    EXPECT_TRUE(IsPublicText(address)) << address;
  }
}

}  // namespace
}  // namespace throughline::outage
