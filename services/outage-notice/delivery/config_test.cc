#include <fstream>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/outage-notice/delivery/delivery_settings.h"
#include "tests/support/test_directory.h"

namespace throughline::outage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DeliverySettings : public ::testing::Test {
 protected:
  std::string File(const std::string& name, const std::string& content) {
    const std::string path = directory_.path() + "/" + name;
    std::ofstream(path) << content;
    return path;
  }
  process::Problems Read(const std::vector<std::string>& arguments) {
    process::Settings settings("test", "a test");
    delivery_ = DeliveryConfig();
    DeclareDelivery(settings, delivery_);
    return settings.Try(arguments, {}).problems;
  }
  std::vector<std::string> Good() {
    return {"--subscribers-key",    File("key", std::string(32, 'k')),
            "--subscribers-site",   "https://status.example.com",
            "--smtp-url",           "smtp://mail.example.com:587",
            "--smtp-from",          "status@example.com",
            "--smtp-user",          "status",
            "--smtp-password-file", File("password", "secret\n")};
  }
  // The good ones, with one of another value.
  std::vector<std::string> With(const std::string& name, const std::string& value) {
    std::vector<std::string> arguments = Good();
    for (size_t i = 0; i < arguments.size(); i += 2) {
      if (arguments[i] == name) return arguments[i + 1] = value, arguments;
    }
    arguments.push_back(name);
    arguments.push_back(value);
    return arguments;
  }

  TestDirectory directory_;
  DeliveryConfig delivery_;
};

TEST_F(DeliverySettings, NothingIsSentWithoutThem) {
  EXPECT_THAT(Read({}), IsEmpty());
  EXPECT_EQ(delivery_.key, nullptr);
  EXPECT_FALSE(delivery_.SendsMail());
}

TEST_F(DeliverySettings, AreReadFromFilesWhereTheyAreSecrets) {
  EXPECT_THAT(Read(Good()), IsEmpty());
  EXPECT_TRUE(delivery_.SendsMail());
  EXPECT_EQ(*delivery_.smtp.password->Get(), "secret");
  EXPECT_EQ(delivery_.Signing()->first().Id(), delivery_.key->Id()) << "the lasting key signs, too";
  EXPECT_EQ(delivery_.rules.lease, absl::Seconds(70)) << "longer than one attempt can take";
}

TEST_F(DeliverySettings, SigningKeysSignInPlaceOfTheLastingKey) {
  EXPECT_THAT(Read(With("--subscribers-signing-keys", File("signing", std::string(32, 's') + "\n"))), IsEmpty());
  EXPECT_NE(delivery_.Signing()->first().Id(), delivery_.key->Id());
  EXPECT_FALSE(delivery_.Signing()->ReadLeaveToken(delivery_.key->LeaveToken("s1")));
  EXPECT_THAT(Read({"--subscribers-signing-keys", File("signing", std::string(32, 's'))}),
              ElementsAre(HasSubstr("subscribers.key")));
}

TEST_F(DeliverySettings, WhatCannotBeIsNamed) {
  const std::string short_key = File("short", "k");
  const struct {
    const char* name;
    std::string value;
    const char* problem;
  } kCases[] = {{"--subscribers-key", short_key, "32"},
                {"--subscribers-key", "/nonexistent", "cannot be read"},
                {"--subscribers-signing-keys", short_key, "32"},
                {"--subscribers-signing-keys", "/nonexistent", "cannot be read"},
                {"--subscribers-site", "http://status.example.com", "https"},
                {"--subscribers-site", "https://status.example.com/", "slash"},
                {"--subscribers-site", "", "links"},
                {"--smtp-url", "mail.example.com", "smtp://"},
                {"--smtp-url", "smtp://mail.example.com/x", "smtp://"},
                {"--smtp-from", "status", "mail address"},
                {"--smtp-tls", "none", "encrypted"},
                {"--smtp-tls", "maybe", "maybe"},
                {"--smtp-user", "", "both"},
                {"--smtp-password-file", "/nonexistent", "cannot be read"},
                {"--smtp-ca", "/nonexistent", "cannot be read"},
                {"--webhooks-ca", "/nonexistent", "cannot be read"},
                {"--subscribers-timeout", "0s", "subscribers.timeout"}};
  for (const auto& [name, value, problem] : kCases) {
    EXPECT_THAT(Read(With(name, value)), ElementsAre(HasSubstr(problem))) << name << " " << value;
  }
}

}  // namespace
}  // namespace throughline::outage
