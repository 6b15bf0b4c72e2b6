#include "services/outage-notice/delivery/signing_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/files/whole_file.h"
#include "tests/support/eventually.h"
#include "tests/support/test_directory.h"

namespace throughline::outage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kOld(32, 'o'), kNew(32, 'n'), kThird(32, 't');

class SigningKeysTest : public ::testing::Test {
 protected:
  void Put(const std::string& content) const { EXPECT_FALSE(files::ReplaceFile(path_, content, 0600)); }

  const TestDirectory directory_;
  const std::string path_ = directory_.path() + "/signing-keys";
  const std::shared_ptr<const SubscriberKey> old_ = *SubscriberKey::Of(kOld), new_ = *SubscriberKey::Of(kNew);
};

TEST_F(SigningKeysTest, TheFirstSignsAndBothAreAccepted) {
  Put(kNew + "\n" + kOld + "\n");
  const auto keys = SigningKeys::Read(path_);
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->first().LeaveToken("s1"), new_->LeaveToken("s1"));
  for (const auto& key : {old_, new_}) {
    EXPECT_EQ(keys->ReadLeaveToken(key->LeaveToken("s1")), "s1");
    ASSERT_TRUE(keys->ReadConfirmToken(key->ConfirmToken({"s1", "r1"})));
    EXPECT_EQ(keys->ReadConfirmToken(key->ConfirmToken({"s1", "r1"}))->request_id, "r1");
    EXPECT_EQ(keys->Named(key->Id()).Id(), key->Id());
  }
  EXPECT_EQ(keys->Named("00000000").Id(), new_->Id());
  EXPECT_THAT(keys->WebhookSecrets("s1", "r1"),
              ElementsAre(new_->WebhookSecret("s1", "r1"), old_->WebhookSecret("s1", "r1")));
  const auto third = *SubscriberKey::Of(kThird);
  EXPECT_FALSE(keys->ReadLeaveToken(third->LeaveToken("s1")));
  EXPECT_FALSE(keys->ReadConfirmToken(third->ConfirmToken({"s1", "r1"})));
}

TEST_F(SigningKeysTest, OneOfThemAlone) {
  const SigningKeys keys(old_);
  EXPECT_EQ(keys.ReadLeaveToken(old_->LeaveToken("s1")), "s1");
  EXPECT_FALSE(keys.ReadLeaveToken(new_->LeaveToken("s1")));
  EXPECT_THAT(keys.WebhookSecrets("s1", "r1"), ElementsAre(old_->WebhookSecret("s1", "r1")));
}

TEST_F(SigningKeysTest, WhatIsWrongWithTheFileIsNamed) {
  const struct {
    std::string content;
    const char* problem;
  } kCases[] = {{"", "holds no key"},
                {" \n\n", "holds no key"},
                {"short\n", "32"},
                {kNew + "\nshort\n", "32"},
                {kNew + "\n" + kNew + "\n", "twice"},
                {kNew + "\n" + kOld + "\n" + kThird + "\n", "more than two"}};
  for (const auto& [content, problem] : kCases) {
    Put(content);
    const auto keys = SigningKeys::Read(path_);
    ASSERT_FALSE(keys.ok()) << content;
    EXPECT_THAT(std::string(keys.status().message()), HasSubstr(problem)) << content;
    EXPECT_THAT(std::string(keys.status().message()), HasSubstr(path_)) << content;
    EXPECT_THAT(std::string(keys.status().message()), Not(HasSubstr(kNew))) << "no key is shown";
  }
  EXPECT_FALSE(SigningKeys::Read(directory_.path() + "/nothing").ok());
}

TEST_F(SigningKeysTest, AreReadAgainAndABadFileKeepsThoseThatHeld) {
  Put(kOld);
  const auto followed = SigningKeys::Follow(path_);
  ASSERT_TRUE(followed.ok()) << followed.status();
  const auto signs = [&](const std::shared_ptr<const SubscriberKey>& key) {
    return Eventually([&] { return (*followed)->Get()->first().Id() == key->Id(); });
  };
  EXPECT_TRUE(signs(old_));
  Put(kNew + "\n" + kOld);
  EXPECT_TRUE(signs(new_));
  for (const std::string& bad : {std::string("short"), std::string(), kOld + "\n" + kNew + "\n" + kThird}) {
    Put(bad);
    const auto until = absl::Now() + absl::Milliseconds(700);  // longer than two looks are apart
    EXPECT_TRUE(Eventually([&] {
      EXPECT_EQ((*followed)->Get()->first().Id(), new_->Id()) << bad;
      return absl::Now() > until;
    }));
  }
  Put(kOld);
  EXPECT_TRUE(signs(old_));
  EXPECT_FALSE((*followed)->Get()->ReadLeaveToken(new_->LeaveToken("s1")));
}

}  // namespace
}  // namespace throughline::outage
