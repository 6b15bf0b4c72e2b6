// Who hears what customers are told, as a user of the tool sees it.

#include <gmock/gmock.h>

#include "services/throughline/testing_user.h"

namespace throughline {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Subscribers : public User {};

TEST_F(Subscribers, AWebhookIsAskedAndItsSecretShownOnce) {
  ASSERT_EQ(Type("--as sam notice define hook-checkout --name Paying").exit_code, 0);
  const testing::Finished asked =
      Type("--as webshop notice subscribe https://hook.invalid/x --channel webhook --component hook-checkout");
  ASSERT_EQ(asked.exit_code, 0) << asked.err;
  EXPECT_THAT(asked.out, AllOf(HasSubstr("hears once it has confirmed that"), HasSubstr("\nwhsec_")));
  EXPECT_THAT(Type("--as admin notice subscribers --component hook-checkout").out, HasSubstr("Nobody hears."));
  const testing::Finished all = Type("--as admin notice subscribers");
  EXPECT_THAT(all.out, AllOf(HasSubstr("https://hook.invalid/x"), HasSubstr("hook-checkout (unconfirmed)"),
                             Not(HasSubstr("whsec_"))));
  const std::string key_id = Json("--as admin notice subscribers")["subscribers"][0]["secret_key_id"];
  EXPECT_EQ(key_id.size(), 8u);
  EXPECT_THAT(all.out, HasSubstr(key_id)) << "the key that its secret follows from";
  EXPECT_THAT(Type("--as admin notice dead-letters").out, HasSubstr("No dead letters."));
}

TEST_F(Subscribers, AreForAdministratorsToSee) {
  for (const char* list : {"subscribers", "dead-letters"}) {
    for (const char* who : {"ana", "sam", "webshop", "dashboard"}) {
      EXPECT_NE(Type(absl::StrCat("--as ", who, " notice ", list)).exit_code, 0) << who << " " << list;
    }
  }
}

TEST_F(Subscribers, WhatIsWrongIsNamed) {
  const struct {
    const char* line;
    const char* says;
  } kWrong[] = {{"--as webshop notice subscribe kim@example.com --channel mail", "sends no mail"},
                {"--as webshop notice subscribe kim --channel mail", "ADDRESS"},
                {"--as webshop notice subscribe http://hook.invalid/x --channel webhook", "https://"},
                {"--as webshop notice subscribe https://hook.invalid/h --channel webhook --component nope", "nope"},
                {"--as webshop notice confirm a.b.c", "not a token of ours"},
                {"--as webshop notice leave a.b", "not a token of ours"},
                {"--as webshop notice rotate-secret a.b", "not a token of ours"},
                {"--as admin notice resend S D", "nobody who hears"},
                {"notice feed --component nope", "nope"}};
  for (const auto& [line, says] : kWrong) {
    const testing::Finished ended = Type(line);
    EXPECT_NE(ended.exit_code, 0) << line;
    EXPECT_THAT(ended.err, HasSubstr(says)) << line;
  }
}

TEST_F(Subscribers, AFeedIsPrintedAsItIs) {
  EXPECT_THAT(Type("notice feed").out, HasSubstr("<feed xmlns=\"http://www.w3.org/2005/Atom\">"));
  EXPECT_THAT(Type("notice feed --format rss").out, HasSubstr("<rss version=\"2.0\">"));
}

// `up` does not start with settings that cannot be.
TEST_F(Subscribers, SettingsThatCannotBeAreNamedByTheirOptions) {
  const struct {
    const char* options;
    const char* says;
  } kWrong[] = {
      {"--smtp-url mail.example.com --smtp-from a@b.de --subscribers-site https://s.example.com", "--smtp-url: "},
      {"--smtp-url smtp://mail.example.com --subscribers-site https://s.example.com", "--smtp-from: "},
      {"--smtp-url smtp://mail.example.com --smtp-from a@b.de", "--subscribers-site: "},
      {"--subscribers-site http://status.example.com", "--subscribers-site: "},
      {"--subscribers-timeout 1h", "--subscribers-timeout"},
      {"--subscribers-signing-keys /etc/hostname", "--subscribers-signing-keys: "},
      {"--smtp-tls maybe", "--smtp-tls"}};
  TestDirectory other;
  for (const auto& [options, says] : kWrong) {
    const testing::Finished ended = testing::Run({"/bin/sh", "-c",
                                                  absl::StrCat("exec ", testing::Program("throughline"), " --data ",
                                                               other.path(), "/data up --port 0 ", options)});
    EXPECT_NE(ended.exit_code, 0) << options;
    EXPECT_THAT(ended.err, HasSubstr(says)) << options;
  }
}

}  // namespace
}  // namespace throughline
