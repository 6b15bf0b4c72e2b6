// Pushes through the edge to the suite, on the embedded log.

#include "services/edge/webhooks/webhooks.h"

#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/crypto/hmac.h"
#include "services/edge/testing/suite_and_edge.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::edge {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Peer;

constexpr char kSecret[] = "secret-of-the-source";
constexpr char kOther[] = "another-secret";
constexpr char kStandardKey[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

std::string Sample(const std::string& name) {
  std::ifstream file("services/supplier-tracking/carriers/testdata/" + name);
  std::stringstream content;
  content << file.rdbuf();
  EXPECT_FALSE(content.str().empty()) << name;
  return content.str();
}

std::string Hex(const std::string& bytes) { return absl::BytesToHexString(bytes); }
std::string Base64(const std::string& bytes) { return absl::Base64Escape(bytes); }

// The lines with which each source shows that it is the source.
std::string Signed(const std::string& scheme, const std::string& secret, const std::string& body,
                   absl::Time at = absl::Now()) {
  const std::string mac = crypto::HmacSha256(secret, body), time = absl::StrCat(absl::ToUnixSeconds(at));
  if (scheme == "easypost") return absl::StrCat("X-Hmac-Signature: hmac-sha256-hex=", Hex(mac), "\r\n");
  if (scheme == "aftership") return absl::StrCat("aftership-hmac-sha256: ", Base64(mac), "\r\n");
  if (scheme == "fedex") return absl::StrCat("fdx-signature: ", Base64(mac), "\r\n");
  if (scheme == "usps") return absl::StrCat("X-HMAC: ", Hex(mac), "\r\n");
  if (scheme == "ups") return absl::StrCat("credential: ", secret, "\r\nUser-Agent: UPSPubSubTrackingService\r\n");
  if (scheme == "dhl") return absl::StrCat("X-Our-Key: ", secret, "\r\n");
  if (scheme == "shippo") {
    return absl::StrCat("Shippo-Auth-Signature: t=", time,
                        ",v1=", Hex(crypto::HmacSha256(secret, absl::StrCat(time, ".", body))), "\r\n");
  }
  if (scheme == "standard-webhooks") {
    std::string key;
    EXPECT_TRUE(absl::Base64Unescape(secret.substr(6), &key));
    return absl::StrCat("webhook-id: m1\r\nwebhook-timestamp: ", time, "\r\nwebhook-signature: v1,",
                        Base64(crypto::HmacSha256(key, absl::StrCat("m1.", time, ".", body))), "\r\n");
  }
  return "";  // shippo-token: in the URL
}

struct Source {
  const char* scheme;
  const char* format;
  const char* sample;
  const char* carrier;  // and number, of which it tells
  const char* number;
};
constexpr Source kSources[] = {
    {"aftership", "aftership-webhook", "aftership-webhook/delivered.json", "usps", "9405511202575421535949"},
    {"dhl", "dhl-unified", "dhl-unified/delivered.json", "dhl", "00340434292135100124"},
    {"easypost", "easypost-webhook", "easypost-webhook/delivered.json", "ups", "1Z8A41E20390105678"},
    {"fedex", "fedex-webhook", "fedex-webhook/delivered.json", "fedex", "123456789012"},
    {"shippo", "shippo-webhook", "shippo-webhook/delivered.json", "usps", "9205590164917312751089"},
    {"shippo-token", "shippo-webhook", "shippo-webhook/delivered.json", "usps", "9205590164917312751089"},
    {"standard-webhooks", "gs1-epcis-2", "gs1-epcis-2/delivered.jsonld", "gs1", "106141412345678908"},
    {"ups", "ups-track-alert", "ups-track-alert/delivered.json", "ups", "1Z204W4R0308071865"},
    {"usps", "usps-tracking-v3", "usps-tracking-v3/delivered.json", "usps", "9400111899223197428497"},
};

class WebhooksTest : public testing::SuiteAndEdge {
 protected:
  void SetUp() override {
    StartSuite();
    for (const Source& source : kSources) {
      const std::string scheme = source.scheme;
      Write(scheme, scheme == "standard-webhooks" ? kStandardKey : kSecret);
    }
    WriteEndpoints();
    StartEdge(file_);
  }
  void WriteEndpoints(const std::string& secrets_of_easypost = "'easypost'") {
    std::string content;
    for (const Source& source : kSources) {
      const std::string scheme = source.scheme;
      absl::StrAppend(&content, "[[endpoint]]\ncarrier='", scheme, "'\nid='e1'\nformat='", source.format, "'\nscheme='",
                      scheme, "'\nsecrets=[", scheme == "easypost" ? secrets_of_easypost : "'" + scheme + "'", "]\n");
      if (scheme == "dhl") content += "header='X-Our-Key'\nchallenge='challenge'\n";
      if (scheme == "ups") content += "user-agent='UPSPubSub'\n";
    }
    Write("webhooks.toml", content);
  }

  static std::string Push(const std::string& scheme, const std::string& body, const std::string& headers,
                          const std::string& query = "") {
    return absl::StrCat("POST /webhooks/", scheme, "/e1", scheme == "shippo-token" ? "?token=" + query : "",
                        " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n", headers,
                        "Content-Length: ", body.size(), "\r\n\r\n", body);
  }
  static std::string SecretOf(const std::string& scheme) {
    return scheme == "standard-webhooks" ? kStandardKey : kSecret;
  }
  std::string Genuine(const std::string& scheme, const std::string& body, absl::Time at = absl::Now()) const {
    return Push(scheme, body, Signed(scheme, SecretOf(scheme), body, at), kSecret);
  }
  // How many scans are known of what the source tells of.
  int Scans(const Source& source) const {
    supplier::v1::GetShipmentRequest request;
    request.set_carrier(source.carrier);
    request.set_tracking_number(source.number);
    const auto found = As("sam").Call<supplier::v1::GetShipmentResponse>(request);
    if (absl::IsNotFound(found.status())) return 0;
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? found->scans_size() : -1;
  }
  int AllScans() const {
    int all = 0;
    for (const Source& source : kSources) all += Scans(source);
    return all;
  }
  std::vector<supplier::v1::QuarantinedMessage> Quarantined() const {
    const auto found =
        As("sam").Call<supplier::v1::ListQuarantinedMessagesResponse>(supplier::v1::ListQuarantinedMessagesRequest());
    EXPECT_TRUE(found.ok()) << found.status();
    if (!found.ok()) return {};
    return {found->messages().begin(), found->messages().end()};
  }
  const std::string file_ = data_.path() + "/webhooks.toml";
};

TEST_F(WebhooksTest, EverySourcesPushIsDurableOnceItIsAnswered) {
  for (const Source& source : kSources) {
    const std::string body = Sample(source.sample);
    const Peer::Answer answer = Ask(Genuine(source.scheme, body));
    EXPECT_EQ(answer.status, 200) << source.scheme << ": " << answer.body;
    EXPECT_THAT(Metrics(), HasSubstr(absl::StrCat("throughline_webhooks_total{carrier=\"", source.scheme,
                                                  "\",outcome=\"durable\"} 1")));
  }
  for (const Source& source : kSources) {
    EXPECT_TRUE(Eventually([&] { return Scans(source) > 0; })) << source.scheme;
  }
  const int scans = AllScans();
  // Again, as every source does: answered alike, without a second effect.
  for (const Source& source : kSources) {
    EXPECT_EQ(Ask(Genuine(source.scheme, Sample(source.sample))).status, 200) << source.scheme;
  }
  EXPECT_EQ(AllScans(), scans);
  EXPECT_THAT(Quarantined(), ::testing::IsEmpty());
}

TEST_F(WebhooksTest, WhatIsNotSignedChangesNothing) {
  for (const Source& source : kSources) {
    const std::string scheme = source.scheme, body = Sample(source.sample);
    const std::string other = scheme == "standard-webhooks" ? "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" : kOther;
    for (const std::string& push : {Push(scheme, body, ""), Push(scheme, body, Signed(scheme, other, body), kOther)}) {
      const Peer::Answer answer = Ask(push);
      EXPECT_EQ(answer.status, 401) << scheme << ": " << answer.body;
      EXPECT_THAT(answer.body, AllOf(HasSubstr("unauthenticated"), Not(HasSubstr(kSecret))));
    }
  }
  EXPECT_EQ(Ask(Push("ups", Sample("ups-track-alert/delivered.json"),
                     absl::StrCat("credential: ", kSecret, "\r\nUser-Agent: curl/8\r\n")))
                .status,
            401)
      << "the credential alone is not enough";
  EXPECT_EQ(AllScans(), 0);
}

TEST_F(WebhooksTest, ASignedTimeMakesAReplayUseless) {
  const absl::Time before = absl::Now() - absl::Minutes(6);
  for (const char* scheme : {"shippo", "standard-webhooks"}) {
    const std::string body =
        Sample(std::string(scheme) == "shippo" ? "shippo-webhook/delivered.json" : "gs1-epcis-2/delivered.jsonld");
    const Peer::Answer answer = Ask(Genuine(scheme, body, before));
    EXPECT_EQ(answer.status, 401) << scheme;
    EXPECT_THAT(answer.body, HasSubstr("five minutes"));
  }
  EXPECT_EQ(AllScans(), 0);
  EXPECT_THAT(Metrics(), HasSubstr("throughline_webhooks_total{carrier=\"shippo\",outcome=\"stale\"} 1"));
}

TEST_F(WebhooksTest, ASecretIsExchangedWithTwoAliveAndNoRestart) {
  const std::string body = Sample("easypost-webhook/delivered.json");
  const auto with = [&](const char* secret) {
    return Ask(Push("easypost", body, Signed("easypost", secret, body))).status;
  };
  EXPECT_EQ(with(kSecret), 200);
  EXPECT_EQ(with(kOther), 401);
  Write("easypost.new", kOther);
  WriteEndpoints("'easypost.new', 'easypost'");
  EXPECT_TRUE(Eventually([&] { return with(kOther) == 200; }));
  EXPECT_EQ(with(kSecret), 200) << "both are alive";
  WriteEndpoints("'easypost.new'");
  EXPECT_TRUE(Eventually([&] { return with(kSecret) == 401; }));
  EXPECT_EQ(with(kOther), 200);
  // The content of a secret's file alone.
  WriteEndpoints("'easypost.new'");
  Write("easypost.new", kSecret);
  EXPECT_TRUE(Eventually([&] { return with(kSecret) == 200; }));
}

TEST_F(WebhooksTest, WhatCannotBeReadIsKeptWithItsBytes) {
  const std::string body = "{\"this is\": \"not what EasyPost sends\", \"bytes\": \"\xff\x01\"";
  const Peer::Answer answer = Ask(Genuine("easypost", body));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(Eventually([&] { return Quarantined().size() == 1; }));
  EXPECT_EQ(Quarantined()[0].quarantined().raw(), body);
  EXPECT_THAT(Metrics(), HasSubstr("outcome=\"quarantined\"} 1"));
  // A large one as well.
  EXPECT_EQ(Ask(Genuine("easypost", std::string(1 << 20, 'x'))).status, 200);
  EXPECT_TRUE(Eventually([&] { return Quarantined().size() == 2; }));
  EXPECT_EQ(Ask(Genuine("easypost", "")).status, 400);
}

TEST_F(WebhooksTest, AnEndpointShowsThatItIsThere) {
  const auto ask = [&](const std::string& line) {
    return Ask(line + " HTTP/1.1\r\nHost: a\r\n\r\n", line.starts_with("HEAD"));
  };
  EXPECT_EQ(ask("HEAD /webhooks/ups/e1").status, 200);
  EXPECT_EQ(ask("HEAD /webhooks/ups/e2").status, 404);
  EXPECT_EQ(ask("GET /webhooks/dhl/e1?challenge=AbC-123").body, "AbC-123");
  EXPECT_EQ(ask("GET /webhooks/dhl/e1?challenge=AbC-123").header("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(ask("GET /webhooks/dhl/e1?challenge=%3Cscript%3E").status, 405);
  EXPECT_EQ(ask("GET /webhooks/ups/e1?challenge=AbC-123").status, 405) << "UPS asks for none";
  EXPECT_EQ(ask("PUT /webhooks/ups/e1").header("allow"), "POST, HEAD");
  for (const char* nowhere : {"/webhooks/", "/webhooks/ups", "/webhooks/ups/", "/webhooks/ups/e1/", "/webhooks/ups/E1",
                              "/webhooks/%75ps/e1", "/webhooks//e1"}) {
    EXPECT_EQ(ask(absl::StrCat("POST ", nowhere)).status, 404) << nowhere;
  }
}

TEST_F(WebhooksTest, APushMayBeLargeAndNotTooLarge) {
  // Some carry a photograph.
  std::string body = Sample("easypost-webhook/delivered.json");
  body.insert(1, absl::StrCat("\"photo\": \"", std::string(4 << 20, 'A'), "\","));
  EXPECT_EQ(Ask(Genuine("easypost", body)).status, 200);
  const std::string large((5 << 20) + 1, 'A');
  EXPECT_EQ(Ask(Genuine("easypost", large)).status, 413);
  std::string chunked = "POST /webhooks/easypost/e1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 6; ++i) absl::StrAppend(&chunked, "100000\r\n", std::string(1 << 20, 'A'), "\r\n");
  EXPECT_EQ(Ask(chunked + "0\r\n\r\n").status, 413);
  EXPECT_EQ(Ask(absl::StrCat("POST /throughline.intake.v1.IntakeService/OpenCase HTTP/1.1\r\nHost: a\r\nContent-Type: "
                             "application/json\r\nContent-Length: ",
                             3 << 20, "\r\n\r\n", std::string(3 << 20, 'A')))
                .status,
            413)
      << "elsewhere the limit is that of a message";
  const Peer::Answer packed =
      Ask(Push("easypost", "x", "Content-Encoding: gzip\r\n" + Signed("easypost", kSecret, "x")));
  EXPECT_EQ(packed.status, 415) << "nothing is unpacked before it is known who sent it";
}

TEST_F(WebhooksTest, WhileTheServicesAreDownNothingIsAnsweredAsStored) {
  StartEdge(file_, /*away=*/true);
  for (const Source& source : kSources) {
    const Peer::Answer answer = Ask(Genuine(source.scheme, Sample(source.sample)));
    EXPECT_EQ(answer.status, 503) << source.scheme;
    EXPECT_NE(answer.header("retry-after"), "") << source.scheme;
  }
}

TEST_F(WebhooksTest, WhatIsOurFaultIsNotTheSources) {
  // Its credential does not count any more: a 401 would tell the source that its secret is wrong.
  ASSERT_TRUE(identity::RevokeToken(identity::TokensPath(data_.path() + "/suite"), "edge").ok());
  const std::string push = Genuine("easypost", Sample("easypost-webhook/delivered.json"));
  EXPECT_TRUE(Eventually([&] { return Ask(push).status == 503; }));
  EXPECT_EQ(Ask(push).header("retry-after"), "60");
  EXPECT_THAT(Metrics(), HasSubstr("outcome=\"misconfigured\"}"));
}

}  // namespace
}  // namespace throughline::edge
