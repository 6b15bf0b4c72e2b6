// How well the shipped rules judge: testing/known.tsv, which their author had before him, and testing/unseen.tsv, which
// somebody else wrote without looking at the rules.

#include <cstdio>
#include <map>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include <gtest/gtest.h>

#include "libs/files/whole_file.h"
#include "services/intake/messages/message_rules.h"

namespace throughline::intake {
namespace {

constexpr char kKnown[] = "services/intake/messages/testing/known.tsv";
constexpr char kUnseen[] = "services/intake/messages/testing/unseen.tsv";
// What is reached, so that it does not get worse: 0.9 and 0.8 are wanted.
constexpr double kLeastPrecision = 0.85;
constexpr double kLeastRecall = 0.75;

struct Row {
  std::string text;
  bool push = false;  // pushes the problem away
  std::string rule;   // that must find it; empty: any
};

// `\n` in a text is a line break. Empty: there is no such file.
std::vector<Row> Read(const char* path) {
  std::vector<Row> rows;
  const std::string content = files::ReadFile(path).value_or("");
  for (absl::string_view line : absl::StrSplit(content, '\n', absl::SkipEmpty())) {
    if (line[0] == '#') continue;
    const std::vector<std::string> cells = absl::StrSplit(line, '\t');
    const bool whole = cells.size() >= 2 && (cells[1] == "found" || cells[1] == "harmless");
    EXPECT_TRUE(whole) << path << ": not `text <TAB> found|harmless`: " << line;
    if (!whole) continue;
    rows.push_back(
        {absl::StrReplaceAll(cells[0], {{"\\n", "\n"}}), cells[1] == "found", cells.size() > 2 ? cells[2] : ""});
  }
  return rows;
}

std::vector<std::string> RulesFor(const std::string& text) {
  std::vector<std::string> ids;
  for (const Finding& finding : MessageRules::Shipped()->Check(text)) ids.push_back(finding.rule->id);
  return ids;
}

struct Score {
  int found = 0, missed = 0, false_alarms = 0, harmless = 0;
  double precision() const { return found + false_alarms == 0 ? 0 : 1.0 * found / (found + false_alarms); }
  double recall() const { return found + missed == 0 ? 0 : 1.0 * found / (found + missed); }
};

Score Judge(const char* path, const std::vector<Row>& rows) {
  Score score;
  for (const Row& row : rows) {
    const std::vector<std::string> ids = RulesFor(row.text);
    if (row.push) {
      ++(ids.empty() ? score.missed : score.found);
    } else {
      ++(ids.empty() ? score.harmless : score.false_alarms);
    }
    if (row.push == ids.empty()) {
      std::printf("%s: %s  [%s]\n", row.push ? "missed" : "false alarm", row.text.c_str(),
                  absl::StrJoin(ids, " ").c_str());
    }
  }
  std::printf("%s: precision %.3f, recall %.3f (%d found, %d missed, %d false alarms, %d harmless)\n", path,
              score.precision(), score.recall(), score.found, score.missed, score.false_alarms, score.harmless);
  return score;
}

TEST(MessageRulesOnLists, KnowTheirAuthorsList) {
  const std::vector<Row> rows = Read(kKnown);
  const Score score = Judge(kKnown, rows);
  EXPECT_EQ(score.missed, 0);
  EXPECT_EQ(score.false_alarms, 0);
  EXPECT_GE(score.found, 100);
  EXPECT_GE(score.harmless, 100);
  for (const Row& row : rows) {
    const std::vector<std::string> ids = RulesFor(row.text);
    EXPECT_TRUE(row.rule.empty() || std::count(ids.begin(), ids.end(), row.rule) > 0)
        << row.text << "\n  must be found by " << row.rule << ", and was by [" << absl::StrJoin(ids, " ") << "]";
  }
}

TEST(MessageRulesOnLists, JudgeAListThatTheirAuthorDidNotUse) {
  const std::vector<Row> rows = Read(kUnseen);
  ASSERT_FALSE(rows.empty()) << kUnseen;
  const Score score = Judge(kUnseen, rows);
  EXPECT_GE(score.found + score.missed, 50);
  EXPECT_GE(score.harmless + score.false_alarms, 50);
  EXPECT_GE(score.precision(), kLeastPrecision);
  EXPECT_GE(score.recall(), kLeastRecall);
}

// Each rule earns its place.
TEST(MessageRulesOnLists, EachRuleFindsSomethingKnown) {
  std::map<std::string, int> times;
  for (const Row& row : Read(kKnown)) {
    for (const std::string& id : RulesFor(row.text)) ++times[id];
  }
  for (const MessageRule& rule : MessageRules::Shipped()->rules()) EXPECT_GE(times[rule.id], 3) << rule.id;
}

}  // namespace
}  // namespace throughline::intake
