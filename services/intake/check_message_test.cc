// CheckMessage through its handler.

#include "libs/runtime/reads/executor.h"
#include "services/intake/api/api.h"
#include "services/intake/messages/rules_file.h"
#include "services/intake/testing.h"
#include "throughline/intake/v1/message_check.pb.h"

namespace throughline::intake {
namespace {

class CheckMessage : public IntakeService {
 protected:
  absl::StatusOr<v1::CheckMessageResponse> Check(const std::string& text, const Config& config = {}) {
    server::Api api("throughline.intake.v1.IntakeService");
    AddCheckMessage(api, config, std::make_shared<runtime::InlineExecutor>());
    v1::CheckMessageRequest request;
    request.set_text(text);
    return Give<v1::CheckMessageResponse>(api, "CheckMessage", request, "ana", ROLE_REP);
  }
};

TEST_F(CheckMessage, NamesThePhraseItsSentenceAndABetterWay) {
  const std::string text = "Gr\u00fc\u00dfe, Kim!\n\nSadly, you\u2019ll need to contact UPS about that. Bye.";
  const auto response = Check(text);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->findings_size(), 1);
  const v1::MessageFinding& finding = response->findings(0);
  EXPECT_EQ(finding.phrase(), "you\u2019ll need to contact UPS");
  EXPECT_EQ(text.substr(finding.begin(), finding.end() - finding.begin()), finding.phrase());
  EXPECT_EQ(finding.sentence(), "Sadly, you\u2019ll need to contact UPS about that.");
  EXPECT_EQ(text.substr(finding.sentence_begin(), finding.sentence().size()), finding.sentence());
  EXPECT_EQ(finding.rule_id(), "sends-elsewhere");
  EXPECT_FALSE(finding.problem().empty());
  EXPECT_FALSE(finding.say_instead().empty());
}

TEST_F(CheckMessage, FindsNothingInWhatKeepsTheProblem) {
  const auto response = Check("I will call UPS for you, and I will tell you by 5 pm what they say.");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->findings_size(), 0);
}

TEST_F(CheckMessage, NeedsAText) {
  EXPECT_THAT(runtime::BadFieldsOf(Check("").status()), ::testing::ElementsAre("text"));
  EXPECT_THAT(runtime::BadFieldsOf(Check(" \n").status()), ::testing::ElementsAre("text"));
}

TEST_F(CheckMessage, GoesByTheOperatorsRules) {
  Config config;
  config.message_rules =
      *ParseOwnMessageRules("shipped = false\n[[rule]]\nid='x'\nproblem='p'\nsay='s'\nfind=['lamp']\n");
  const auto response = Check("You need to contact UPS about the lamp.", config);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->findings_size(), 1);
  EXPECT_EQ(response->findings(0).rule_id(), "x");
  EXPECT_EQ(response->findings(0).say_instead(), "s");
}

TEST_F(CheckMessage, AnswersTheLongestMessageWithinItsLimits) {
  std::string text;
  while (text.size() < (16u << 10) - 40) text += "you must call UPS and not our problem ";
  const auto response = Check(text);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_GT(response->findings_size(), 0);
  EXPECT_LT(response->ByteSizeLong(), size_t{1} << 20);
}

}  // namespace
}  // namespace throughline::intake
