#include "services/throughline/output/terminal.h"

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::tool {
namespace {

TEST(Flow, LeavesShortLinesAndPipesAlone) {
  EXPECT_EQ(Flow("short\n\n  lines\n", 20), "short\n\n  lines\n");
  const std::string text(500, 'x');
  EXPECT_EQ(Flow(text + " y", 0), text + " y");
}

TEST(Flow, BreaksAtSpaces) {
  EXPECT_EQ(Flow("one two three four", 9), "one two\n  three\n  four");
  EXPECT_EQ(Flow("one " + std::string(30, 'x') + " two", 9), "one\n  " + std::string(30, 'x') + "\n  two")
      << "an id is never broken";
}

TEST(Flow, IndentsContinuationLines) {
  EXPECT_EQ(Flow("  progress    asked acme for a new date\n", 30),
            "  progress    asked acme for a\n              new date\n");
  EXPECT_EQ(Flow("  --text TEXT  What was asked, word for word", 30),
            "  --text TEXT  What was asked,\n               word for word");
}

TEST(Flow, CountsColumnsAndNotBytes) {
  EXPECT_EQ(Flow("äöü äöü äöü", 7), "äöü äöü\n  äöü");
  EXPECT_EQ(Flow("日本 日本 日本", 9), "日本 日本\n  日本") << "wide letters take two";
  EXPECT_EQ(Flow("\x1b[1mone\x1b[0m two three", 7), "\x1b[1mone\x1b[0m two\n  three") << "colours take none";
}

TEST(Flow, DoesNotBreakCommands) {
  const std::string example = "  throughline case open --customer C-17 --channel phone --subject 'Lamp is late'";
  EXPECT_EQ(Flow("Examples:\n" + example + "\n", 40), "Examples:\n" + example + "\n");
}

TEST(Flow, KeepsToTheWidth) {
  const std::string text = "  who  " + std::string("a word and another one, ä and 日本 and so on until it is full ") +
                           "a word and another one, ä and 日本 and so on until it is full";
  for (size_t width : {20, 40, 79}) {
    for (const absl::string_view line : absl::StrSplit(Flow(text, width), '\n')) {
      EXPECT_LE(Width({line.data(), line.size()}), width) << line;
    }
  }
}

}  // namespace
}  // namespace throughline::tool
