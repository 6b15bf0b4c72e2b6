#include "services/outage-notice/domain/address.h"

#include <gtest/gtest.h>

namespace throughline::outage {
namespace {

TEST(Address, AMailAddressIsAMailboxOfRfc5321WithoutQuotes) {
  for (const char* good : {"kim@example.com", "k.i-m+notices@mail.example.co.uk", "o'brien@example.com",
                           "kim@xn--bcher-kva.example", "1@2.de"}) {
    EXPECT_TRUE(IsMailAddress(good)) << good;
  }
  for (const char* bad :
       {"", "kim", "@example.com", "kim@", "kim@example", ".kim@example.com", "k..im@example.com", "kim.@example.com",
        "\"k m\"@example.com", "k im@example.com", "kim@[127.0.0.1]", "kim@-example.com", "kim@example..com",
        "k\xc3\xafm@example.com", "kim@example.com\r\nBcc: all@example.com", "kim@example.com>", "kim@@example.com",
        "kim@example.com,ana@example.com", "12345678901234567890123456789012345678901234567890123456789012345@a.de"}) {
    EXPECT_FALSE(IsMailAddress(bad)) << bad;
  }
}

TEST(Address, AWebhookIsAUrlWithoutUserAndFragment) {
  for (const char* good : {"https://example.com", "https://example.com/hook?a=b&c", "http://example.com:8080/x",
                           "HTTPS://EXAMPLE.com/", "https://[2001:db8::1]:8443/hook", "https://127.0.0.1/"}) {
    EXPECT_TRUE(IsWebhookUrl(good)) << good;
  }
  for (const char* bad :
       {"", "example.com", "ftp://example.com", "https://", "https:///hook", "https://kim:p@example.com/",
        "https://example.com/#x", "https://example.com:0/", "https://example.com:65536/", "https://example.com:+1/",
        "https://exa mple.com/", "https://example.com/\r\nX: y", "https://[::1/", "https://\xc3\xbc.example/",
        "file:///etc/passwd", "https://a\\@b/"}) {
    EXPECT_FALSE(IsWebhookUrl(bad)) << bad;
  }
}

TEST(Address, TheSameAddressIsTheSameTextInAnyCase) {
  EXPECT_EQ(SameAddress(v1::SUBSCRIBER_CHANNEL_MAIL, "Kim@Example.COM"), "kim@example.com");
  EXPECT_EQ(SameAddress(v1::SUBSCRIBER_CHANNEL_WEBHOOK, "HTTPS://Example.com:1/Hook?A"),
            "https://example.com:1/Hook?A");
}

}  // namespace
}  // namespace throughline::outage
