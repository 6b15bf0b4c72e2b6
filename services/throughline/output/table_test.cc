#include "services/throughline/output/table.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::tool {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Terminal kPipe = {};

Terminal Narrow(size_t width) {
  Terminal terminal;
  terminal.width = width;
  return terminal;
}

TEST(Table, AlignsColumnsWithoutTrailingSpaces) {
  Table table({{"A"}, {"COUNT", Column::kWhole, Column::kRight}, {"TEXT"}});
  table.Row({{"long one"}, {"7"}, {"x"}});
  table.Row({{"b"}, {"1234567"}, {""}});
  EXPECT_EQ(table.Render(kPipe),
            "A           COUNT  TEXT\n"
            "long one        7  x\n"
            "b         1234567\n");
}

TEST(Table, LeavesOutColumnsThatNoRowUses) {
  Table table({{"A"}, {"NEVER"}, {"B"}});
  table.Row({{"1"}, {""}, {"2"}});
  EXPECT_EQ(table.Render(kPipe), "A  B\n1  2\n");
}

TEST(Table, CutsTextAndNeverIds) {
  const std::string id = "01J9ZZZZZZZZZZZZZZZZZZZZZZ";
  Table table({{"CASE"}, {"SUBJECT", Column::kMayBeCut}});
  table.Row({{id}, {"a subject that goes on and on and on"}});
  EXPECT_EQ(table.Render(Narrow(44)), "CASE                        SUBJECT\n" + id + "  a subject tha...\n");
  EXPECT_THAT(table.Render(Narrow(10)), HasSubstr(id));
  EXPECT_THAT(table.Render(kPipe), HasSubstr("on and on and on\n"));
}

TEST(Table, WrapsATextThatIsToBeReadInFull) {
  Table table({{"WHO"}, {"SAID", Column::kWraps}});
  table.Row({{"customer"}, {"a text that goes on and on"}});
  table.Row({{"ana"}, {"short"}});
  EXPECT_EQ(table.Render(Narrow(35)),
            "WHO       SAID\ncustomer  a text that goes on and\n          on\nana       short\n");
  EXPECT_THAT(table.Render(kPipe), HasSubstr("goes on and on\n"));
}

TEST(Table, PutsATextBelowItsRowWhereThereIsNoRoomBeside) {
  Table table({{"PROMISE"}, {"WHAT", Column::kWraps}});
  table.Row({{"01J9ZZZZZZZZZZZZZZZZZZZZZZ"}, {"we call before the end of the day"}});
  EXPECT_EQ(table.Render(Narrow(30)),
            "PROMISE\n    WHAT\n01J9ZZZZZZZZZZZZZZZZZZZZZZ\n    we call before the end of\n    the day\n");
}

TEST(Table, CountsColumnsNotBytes) {
  Table table({{"A"}, {"B"}});
  table.Row({{"Grüße"}, {"x"}});
  table.Row({{"東京"}, {"x"}});
  table.Row({{"12345"}, {"x"}});
  EXPECT_EQ(table.Render(kPipe), "A      B\nGrüße  x\n東京   x\n12345  x\n");
}

// A customer's text must not control a rep's terminal.
TEST(Table, CleansTexts) {
  Table table({{"A"}});
  table.Row({{"red \x1b[31m alert\nnext\xff \u202Egnirts"}});
  EXPECT_EQ(table.Render(kPipe), "A\nred  [31m alert next? gnirts\n");
}

TEST(Table, PaintsOnlyIfColourIsOn) {
  Table table({{"A"}});
  table.Row({{"x", Style::kRed}});
  EXPECT_THAT(table.Render(kPipe), Not(HasSubstr("\x1b")));
  Terminal colourful;
  colourful.color = true;
  EXPECT_THAT(table.Render(colourful), HasSubstr("\x1b[31mx\x1b[0m"));
}

TEST(Text, IsCutBetweenCharacters) {
  EXPECT_EQ(Shorten("Grüße aus Köln", 6, true), "Grüße…");
  EXPECT_EQ(Shorten("Grüße", 5, true), "Grüße");
  EXPECT_EQ(Shorten("abcdef", 2, false), "...");
  EXPECT_EQ(Wrap("one two three", 7, "> "), "one two\n> three");
  EXPECT_EQ(Wrap("one two three", 0, "> "), "one two three");
}

}  // namespace
}  // namespace throughline::tool
