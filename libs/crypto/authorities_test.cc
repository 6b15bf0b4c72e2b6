#include "libs/crypto/authorities.h"

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/files/whole_file.h"
#include "tests/support/certificate_authority.h"
#include "tests/support/eventually.h"
#include "tests/support/test_directory.h"

namespace throughline::crypto {
namespace {

using ::testing::HasSubstr;

class AuthoritiesTest : public ::testing::Test {
 protected:
  void Put(const std::string& content) const { EXPECT_FALSE(files::ReplaceFile(path_, content, 0600)); }
  std::string Pem(const std::string& name) const {
    return *files::ReadFile(testing::CertificateAuthority(directory_.path(), name).path());
  }

  const TestDirectory directory_;
  const std::string path_ = directory_.path() + "/authorities.pem";
};

TEST_F(AuthoritiesTest, AreReadAgainAndABadFileKeepsThoseThatHeld) {
  const std::string one = Pem("one"), two = Pem("two");
  Put(one);
  const auto authorities = FollowAuthorities(path_);
  ASSERT_TRUE(authorities.ok()) << authorities.status();
  const auto holds = [&](const std::string& pem) { return Eventually([&] { return *(*authorities)->Get() == pem; }); };
  EXPECT_TRUE(holds(one));
  Put(one + two);
  EXPECT_TRUE(holds(one + two));
  for (const std::string& bad : {std::string(), one.substr(0, one.size() / 2)}) {
    Put(bad);
    const absl::Time until = absl::Now() + absl::Milliseconds(700);  // longer than two looks are apart
    EXPECT_TRUE(Eventually([&] {
      EXPECT_EQ(*(*authorities)->Get(), one + two);
      return absl::Now() > until;
    }));
  }
  Put(two);
  EXPECT_TRUE(holds(two));
}

TEST_F(AuthoritiesTest, WhatIsWrongWithTheFileIsNamed) {
  const std::string one = Pem("one");
  const struct {
    std::string content;
    const char* problem;
  } kCases[] = {{"", "holds no certificate"},
                {"a text\n", "holds no certificate"},
                {one + one.substr(0, one.size() / 2), "a certificate that cannot be read"},
                {absl::StrCat(one, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
                 "a certificate that cannot be read"}};
  for (const auto& [content, problem] : kCases) {
    Put(content);
    const auto authorities = FollowAuthorities(path_);
    ASSERT_FALSE(authorities.ok()) << content;
    EXPECT_THAT(std::string(authorities.status().message()), HasSubstr(problem)) << content;
    EXPECT_THAT(std::string(authorities.status().message()), HasSubstr(path_));
  }
  const auto missing = FollowAuthorities("/nonexistent");
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace throughline::crypto
