#include "services/intake/messages/message_rules.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/intake/messages/rules_file.h"
#include "services/intake/messages/sentences.h"

namespace throughline::intake {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// `rule: phrase`, in the order of the message.
std::vector<std::string> Found(const MessageRules& rules, const std::string& text) {
  std::vector<std::string> found;
  for (const Finding& finding : rules.Check(text)) {
    found.push_back(absl::StrCat(finding.rule->id, ": ", text.substr(finding.begin, finding.end - finding.begin)));
  }
  return found;
}

std::shared_ptr<const MessageRules> Own(const std::string& text) {
  auto rules = ParseOwnMessageRules(text);
  EXPECT_TRUE(rules.ok()) << rules.status();
  return rules.ok() ? *rules : MessageRules::Shipped();
}

std::string Refused(const std::string& text) { return std::string(ParseOwnMessageRules(text).status().message()); }
std::string RefusedRule(const std::string& lines) { return Refused("[[rule]]\n" + lines); }

// clang-format off
constexpr char kTwo[] = R"(
shipped = false
[words]
thing = 'lamps?|{color} shade'
color = 'red|blue'
[[rule]]
id = 'a'
problem = 'p'
say = 's'
find = ['buy {thing}', 'buy lamps now']
unless = ["don't"]
[[rule]]
id = 'b'
problem = 'p'
say = 's'
find = ['never']
)";
// clang-format on

TEST(MessageRules, FindPhrasesWithTheirPlaceAndSentence) {
  const auto rules = Own(kTwo);
  const std::string text = "Gr\u00fc\u00dfe!  Please **buy** red\n shade. Never.";
  const std::vector<Finding> findings = rules->Check(text);
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_THAT(Found(*rules, text), ElementsAre("a: buy** red\n shade", "b: Never"));
  EXPECT_EQ(text.substr(findings[0].sentence_begin, findings[0].sentence_end - findings[0].sentence_begin),
            "Please **buy** red\n shade.");
  EXPECT_EQ(findings[0].rule->say, "s");
}

TEST(MessageRules, MatchWholeWordsInAnyCase) {
  const auto rules = Own(kTwo);
  EXPECT_THAT(Found(*rules, "BUY LAMP"), ElementsAre("a: BUY LAMP"));
  EXPECT_THAT(Found(*rules, "buy lampshades"), IsEmpty());
  EXPECT_THAT(Found(*rules, "nevertheless"), IsEmpty());
}

TEST(MessageRules, JoinOverlapsOfOneRuleAndNotOfTwo) {
  const auto rules = Own(kTwo);
  EXPECT_THAT(Found(*rules, "buy lamps now"), ElementsAre("a: buy lamps now"));
  EXPECT_THAT(Found(*rules, "never buy lamps"), ElementsAre("b: never", "a: buy lamps"));
  const auto within = Own(absl::StrCat(kTwo, "[[rule]]\nid = 'c'\nproblem = 'p'\nsay = 's'\nfind = ['lamps']\n"));
  EXPECT_THAT(Found(*within, "buy lamps now; lamps"), ElementsAre("a: buy lamps now"));
}

TEST(MessageRules, FindEachShippedPatternFit) {
  const auto& shipped = MessageRules::Shipped()->rules();
  const auto checked = MessageRules::Compile(shipped);
  EXPECT_TRUE(checked.ok()) << checked.status();
}

TEST(MessageRules, LeaveASentenceThatIsHarmlessAndOnlyThat) {
  const auto rules = Own(kTwo);
  EXPECT_THAT(Found(*rules, "Please don\u2019t buy lamps, never. Buy lamps."), ElementsAre("b: never", "a: Buy lamps"));
  const auto always = Own("[[rule]]\nid='x'\nproblem='p'\nsay='s'\nfind=['a']\nalways=['b']\nunless=['c']\n");
  EXPECT_THAT(Found(*always, "a b c"), ElementsAre("x: b"));
}

TEST(MessageRules, LeaveAMessageThatSaysElsewhereWhatWeDo) {
  const auto rules =
      Own("shipped=false\n[[rule]]\nid='x'\nproblem='p'\nsay='s'\nfind=['sorry']\nalways=['sad']\n"
          "redeemed=['i fix it']\n");
  EXPECT_THAT(Found(*rules, "Sorry. So sad."), ElementsAre("x: Sorry", "x: sad"));
  EXPECT_THAT(Found(*rules, "Sorry. So sad. I fix it."), ElementsAre("x: sad"));
}

TEST(MessageRules, ReportAFallbackOnlyWhereNothingElseIsFound) {
  const auto rules = Own(absl::StrCat(kTwo, "[[rule]]\nid='z'\nproblem='p'\nsay='s'\nfallback=true\nfind=['not']\n"));
  EXPECT_THAT(Found(*rules, "Do not never. I do not."), ElementsAre("b: never", "z: I do not."));
  EXPECT_THAT(RefusedRule("id='x'\nproblem='p'\nsay='s'\nfind=['a']\nfallback=1\n"), HasSubstr("`fallback` is true"));
}

TEST(MessageRules, StopAtAHundredFindings) {
  const auto rules = Own(kTwo);
  std::string text;
  for (int i = 0; i < 300; ++i) text += "Never. ";
  EXPECT_EQ(rules->Check(text).size(), MessageRules::kMostFindings);
}

TEST(MessageRules, TakeNoLongerThanTheirTextIsLong) {
  const auto rules = MessageRules::Shipped();
  std::string hostile[] = {std::string(16'384, 'a'), "", "", ""};
  for (int i = 0; i < 16'384 / 8; ++i) hostile[1] += "you can ", hostile[2] += "the the ", hostile[3] += "\u2026, n't ";
  for (const std::string& text : hostile) {
    rules->Check(text);  // the states of the automata are made once
    const auto begin = std::chrono::steady_clock::now();
    rules->Check(text);
    const auto took = std::chrono::steady_clock::now() - begin;
    std::printf("16 KiB: %.1f ms\n", std::chrono::duration<double, std::milli>(took).count());
    EXPECT_LT(took, std::chrono::seconds(2));
  }
}

TEST(MessageRules, SurviveAnyBytes) {
  const auto rules = MessageRules::Shipped();
  uint32_t random = 1;
  for (int i = 0; i < 300; ++i) {
    std::string text;
    for (int j = 0; j < 200; ++j) text.push_back(static_cast<char>((random = random * 1664525 + 1013904223) >> 24));
    for (const Finding& finding : rules->Check(text)) EXPECT_LE(finding.end, text.size());
  }
}

// clang-format off
TEST(MessageRules, AnOperatorsFileAddsReplacesAndDrops) {
  const std::string text = "Not our problem, and you must call UPS, abracadabra.";
  const size_t shipped = MessageRules::Shipped()->rules().size();
  const auto more = Own("[[rule]]\nid = 'magic'\nproblem = 'p'\nsay = 's'\nfind = ['abracadabra', '{carrier} rocks']\n");
  EXPECT_EQ(more->rules().size(), shipped + 1);
  EXPECT_THAT(Found(*more, text),
              ElementsAre("disowns: Not our problem", "sends-elsewhere: you must call UPS", "magic: abracadabra"));
  const auto replaced = Own("[[rule]]\nid = 'disowns'\nproblem = 'p'\nsay = 's'\nfind = ['abracadabra']\n");
  EXPECT_THAT(Found(*replaced, text), ElementsAre("sends-elsewhere: you must call UPS", "disowns: abracadabra"));
  const auto fewer = Own("[[rule]]\nid = 'disowns'\ndrop = true\n");
  EXPECT_THAT(Found(*fewer, text), ElementsAre("sends-elsewhere: you must call UPS"));
  EXPECT_EQ(Own(kTwo)->rules().size(), 2u);
}

TEST(MessageRules, SayWhatIsWrongWithAFile) {
  EXPECT_THAT(Refused("rules = 1\nshipped = 'no'\n"),
              AllOf(HasSubstr("line 1: `rules` is none of"), HasSubstr("line 2: `shipped` is true or false")));
  EXPECT_THAT(Refused("[[rule]\n"), HasSubstr("line 1: "));
  EXPECT_THAT(Refused("rule = 1\n"), HasSubstr("line 1: begin a rule with [[rule]]"));
  EXPECT_THAT(Refused("words = 1\n"), HasSubstr("begin the words with [words]"));
  EXPECT_THAT(Refused("[words]\na = '{b}'\nb = '{a}'\n[[rule]]\nid='x'\nproblem='p'\nsay='s'\nfind=['{a}']\n"),
              HasSubstr("stands for itself"));
  EXPECT_THAT(RefusedRule("id='x'\nfind=['{nothing}']\n"), HasSubstr("line 3: there is no word `nothing`"));
  EXPECT_THAT(RefusedRule("id='x'\nfind='a'\nfind2=1\n"), AllOf(HasSubstr("`find` is a list"), HasSubstr("`find2` is none of")));
  EXPECT_THAT(RefusedRule("id='none'\ndrop=true\n"), HasSubstr("there is none with this id"));
  EXPECT_THAT(std::string(ReadOwnMessageRules("/no/such/file").status().message()), HasSubstr("/no/such/file"));
}

TEST(MessageRules, SayWhatIsWrongWithARule) {
  const auto with = [](const std::string& find) { return RefusedRule("id='x'\nproblem='p'\nsay='s'\nfind=" + find); };
  EXPECT_EQ(with("['a']"), "");
  EXPECT_THAT(with("['(']"), HasSubstr("rule `x`: `(`: missing )"));
  EXPECT_THAT(with("['(?=a)']"), HasSubstr("rule `x`: "));
  EXPECT_THAT(with("['a*']"), HasSubstr("matches an empty text"));
  EXPECT_THAT(with("['((a{500}){500}){5}']"), HasSubstr("rule `x`: "));
  EXPECT_THAT(with("['" + std::string(20'000, 'a') + "']"), HasSubstr("a pattern of 20000 bytes"));
  EXPECT_THAT(with("[]"), HasSubstr("needs a `find`"));
  EXPECT_THAT(RefusedRule("id='X'\nproblem='p'\nsay='s'\nfind=['a']"), HasSubstr("an id has lower-case letters"));
  EXPECT_THAT(RefusedRule("id='x'\nsay='s'\nfind=['a']"), HasSubstr("needs a `problem`"));
  EXPECT_THAT(RefusedRule("id='x'\nproblem='p'\nfind=['a']"), HasSubstr("needs a `say`"));
  EXPECT_THAT(with("['a']\n[[rule]]\nid='x'\nproblem='p'\nsay='s'\nfind=['a']"), HasSubstr("there are two with this id"));
}
// clang-format on

}  // namespace
}  // namespace throughline::intake
