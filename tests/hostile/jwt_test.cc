// JWTs that another library has made and forged (jwt_issuer.py), against a running suite: each is taken, or refused
// with its reason, and counted by it.

#include <filesystem>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/files/whole_file.h"
#include "libs/runtime/domain/refusal.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"
#include "tests/support/suite_process.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/ownership/v1/queries.pb.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::hostile {
namespace {

using testing::Finished;

TEST(JwtsOfAnotherLibrary, AreTakenOrRefusedWithTheirReason) {
  const TestDirectory directory;
  const std::string in = directory.path();
  // Debian's Python, which has Debian's PyJWT.
  const Finished issued = throughline::testing::Run({"/usr/bin/python3", "tests/hostile/jwt_issuer.py", in});
  ASSERT_EQ(issued.exit_code, 0) << issued.err;
  testing::SuiteProcess suite(in + "/data");
  ASSERT_EQ(suite.Start({"--log-level", "error", "--jwt-keys", in + "/keys.json", "--jwt-issuer", "https://issuer.test",
                         "--jwt-audience", "throughline"}),
            absl::OkStatus());
  client::Options options;
  options.address = suite.address();
  const auto reason_of = [&](const std::string& token) {
    options.token = token;
    // Partners may call it, too.
    const absl::Status status =
        client::Client(options).Call<supplier::v1::GetShipmentResponse>(supplier::v1::GetShipmentRequest()).status();
    return absl::IsUnauthenticated(status) ? runtime::ReasonOf(status).value_or("?") : "OK";
  };
  int tokens = 0;
  for (const auto& file : std::filesystem::directory_iterator(in)) {
    const std::string name = file.path().filename().string();
    if (file.path().extension() != ".jwt") continue;
    ++tokens;
    EXPECT_EQ(reason_of(files::ReadFile(file.path()).value_or("")), name.substr(0, name.find('.'))) << name;
  }
  EXPECT_EQ(tokens, 14);
  const std::string metrics = testing::HttpGet(suite.metrics_address(), "/intake/metrics").value_or("");
  for (const char* reason : {"TOKEN_EXPIRED", "TOKEN_ISSUER", "TOKEN_AUDIENCE", "TOKEN_SIGNATURE", "TOKEN_TOO_LONG"}) {
    EXPECT_THAT(metrics, ::testing::HasSubstr(
                             absl::StrCat("throughline_authentications_refused_total{reason=\"", reason, "\"} 1")));
  }
  EXPECT_THAT(metrics, ::testing::HasSubstr("throughline_authentications_refused_total{reason=\"TOKEN_ALGORITHM\"} 3"));

  // A person is known from their first call on, in the role of their claims, and owns the case that they open.
  options.token = files::ReadFile(in + "/OK.rs256.jwt").value_or("");
  const client::Client pia(options);
  ownership::v1::GetPersonRequest who;
  who.set_person("pia");
  absl::StatusOr<ownership::v1::GetPersonResponse> known;
  EXPECT_TRUE(Eventually([&] { return (known = pia.Call<ownership::v1::GetPersonResponse>(who)).ok(); }));
  ASSERT_TRUE(known.ok()) << known.status();
  EXPECT_EQ(known->person().profile().kind(), ownership::v1::PERSON_KIND_REP);
  EXPECT_EQ(known->person().profile().team(), "care");
  intake::v1::OpenCaseRequest open;
  open.set_customer_id("c-1");
  open.set_subject("s");
  open.set_text("t");
  open.set_channel(intake::v1::CHANNEL_PHONE);
  const auto opened = pia.Call<intake::v1::OpenCaseResponse>(open);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->owner(), "pia");
  EXPECT_EQ(suite.Terminate(), 0);
}

}  // namespace
}  // namespace throughline::hostile
