#include "services/intake/messages/sentences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace throughline::intake {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> sentences;
  for (const Sentence& sentence : SentencesOf(text)) sentences.push_back(sentence.plain);
  return sentences;
}

TEST(Sentences, EndAtPointsAndMarks) {
  EXPECT_THAT(Split("One. Two!  Three?! Four"), ElementsAre("One.", "Two!", "Three?!", "Four"));
  EXPECT_THAT(Split("He said \"no.\" Then he left."), ElementsAre("He said \"no.\"", "Then he left."));
  EXPECT_THAT(Split(""), ElementsAre());
  EXPECT_THAT(Split(" \n \t"), ElementsAre());
}

TEST(Sentences, DoNotEndInsideNumbersAndAbbreviations) {
  EXPECT_THAT(Split("It costs 3.50 at example.com, e.g. today. Yes."),
              ElementsAre("It costs 3.50 at example.com, e.g. today.", "Yes."));
  EXPECT_THAT(Split("Ask Dr. Smith in room No. 5. The answer is no. Bye."),
              ElementsAre("Ask Dr. Smith in room No. 5.", "The answer is no.", "Bye."));
}

TEST(Sentences, GoOnInTheNextLineUnlessItBeginsAnew) {
  EXPECT_THAT(Split("You have to\ncall them.\n"), ElementsAre("You have to call them."));
  EXPECT_THAT(Split("Hello Ana\n\nYou have to\r\n  call"), ElementsAre("Hello Ana", "You have to call"));
  EXPECT_THAT(Split("Options\n- call\n- write\n2. wait"), ElementsAre("Options", "- call", "- write", "2.", "wait"));
  EXPECT_THAT(Split("Agent: no\nCustomer: why"), ElementsAre("Agent: no", "Customer: why"));
}

TEST(Sentences, ArePlain) {
  EXPECT_THAT(Split("You\u2019ll  *have*\u00a0to \u2013 \u201ccall\u201d\u200b them\u2026"),
              ElementsAre("You'll have to - \"call\" them..."));
  EXPECT_THAT(Split("Gr\u00fc\u00dfe \U0001F642"), ElementsAre("Gr\u00fc\u00dfe \U0001F642"));
}

TEST(Sentences, KnowWhereTheirBytesAre) {
  const std::string text = "Ja. You\u2019ll **have** to wait\u2026";
  const std::vector<Sentence> sentences = SentencesOf(text);
  ASSERT_EQ(sentences.size(), 2u);
  const Sentence& second = sentences[1];
  ASSERT_EQ(second.plain, "You'll have to wait...");
  EXPECT_EQ(text.substr(second.begins.front(), second.ends.back() - second.begins.front()),
            "You\u2019ll **have** to wait\u2026");
  const size_t have = second.plain.find("have");
  EXPECT_EQ(text.substr(second.begins[have], second.ends[have + 3] - second.begins[have]), "have");
}

TEST(Sentences, AreCutWhereTheyAreTooLong) {
  std::string words, letters;
  for (int i = 0; i < 3000; ++i) words += "word ", letters += "\u00fc";
  for (const std::string& text : {words, letters}) {
    const std::vector<Sentence> sentences = SentencesOf(text);
    EXPECT_GT(sentences.size(), 1u);
    size_t bytes = 0;
    for (const Sentence& sentence : sentences) {
      EXPECT_LE(sentence.plain.size(), kLongestSentence);
      EXPECT_EQ(sentence.plain.size(), sentence.begins.size());
      EXPECT_NE(static_cast<unsigned char>(sentence.plain[0]) & 0xC0, 0x80) << "begins inside a character";
      bytes += sentence.plain.size();
    }
    EXPECT_GT(bytes, text.size() * 9 / 10 - sentences.size());
  }
}

}  // namespace
}  // namespace throughline::intake
