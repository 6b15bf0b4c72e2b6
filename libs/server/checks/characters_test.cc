#include "libs/server/checks/characters.h"

#include "gtest/gtest.h"

namespace throughline::server {
namespace {

std::string Bad(std::string_view text, TextKind kind) {
  const auto bad = FindForbidden(text, kind);
  return bad ? bad->name : "";
}

// Everything that the contract names, and their kind.
TEST(Characters, IdsAndLinesHaveNoInvisibleCharacters) {
  for (const auto& [text, name] :
       std::initializer_list<std::pair<std::string_view, std::string>>{{{"a\0b", 3}, "U+0000"},
                                                                       {"a\tb", "U+0009"},
                                                                       {"a\nb", "U+000A"},
                                                                       {"a\x1b[2J", "U+001B"},
                                                                       {"a\x7f", "U+007F"},
                                                                       {"a\xc2\x85", "U+0085"},
                                                                       {"a\xc2\x9b", "U+009B"},
                                                                       {"a\xc2\xa0", "U+00A0"},
                                                                       {"a\xc2\xad", "U+00AD"},
                                                                       {"a\xcd\x8f", "U+034F"},
                                                                       {"\xd8\x9c", "U+061C"},
                                                                       {"a\xe2\x80\x8b", "U+200B"},
                                                                       {"a\xe2\x80\x8d", "U+200D"},
                                                                       {"a\xe2\x80\x8f", "U+200F"},
                                                                       {"a\xe2\x80\xa8", "U+2028"},
                                                                       {"a\xe2\x80\xae", "U+202E"},
                                                                       {"a\xe2\x81\xa0", "U+2060"},
                                                                       {"a\xe2\x81\xa6", "U+2066"},
                                                                       {"a\xe2\x81\xa9", "U+2069"},
                                                                       {"a\xe3\x85\xa4", "U+3164"},
                                                                       {"a\xef\xbb\xbf", "U+FEFF"},
                                                                       {"a\xef\xbf\xbe", "U+FFFE"},
                                                                       {"a\xf3\xa0\x80\x81", "U+E0001"},
                                                                       {"a\xff", "not UTF-8"},
                                                                       {"a\xe2\x80", "not UTF-8"}}) {
    EXPECT_EQ(Bad(text, TextKind::kId), name);
    EXPECT_EQ(Bad(text, TextKind::kLine), name);
    EXPECT_NE(Bad(text, TextKind::kOpaque), "") << name;
  }
  EXPECT_EQ(FindForbidden("ab\xe2\x80\xae", TextKind::kLine)->at, 2u);
}

TEST(Characters, NaturalTextIsAllowed) {
  const std::string family = "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7";  // two emoji and their joiner
  for (const std::string_view text :
       {"SO-1001", "Kunde 7", "M\xc3\xbcller", "\xe6\x9d\xb1\xe4\xba\xac", "a\xf0\x9f\x93\xa6"}) {
    EXPECT_EQ(Bad(text, TextKind::kId), "") << text;
    EXPECT_EQ(Bad(text, TextKind::kLine), "") << text;
  }
  EXPECT_EQ(Bad("\xe2\x9d\xa4\xef\xb8\x8f", TextKind::kLine), "");
  EXPECT_EQ(Bad("\xe2\x9d\xa4\xef\xb8\x8f", TextKind::kId), "U+FE0F");  // looks like the id without it
  EXPECT_EQ(Bad("12\xc2\xa0h", TextKind::kWords), "");
  EXPECT_EQ(Bad("12\xe2\x80\xaeh", TextKind::kWords), "U+202E");
  EXPECT_EQ(Bad("one\r\n\ttwo " + family, TextKind::kText), "");
  for (const std::string_view text : {"\x1b[2J", "\x7f", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x81\xa6", "\xef\xbb\xbf"}) {
    EXPECT_NE(Bad(text, TextKind::kText), "") << text;
  }
  EXPECT_EQ(Bad({"\0", 1}, TextKind::kText), "U+0000");
}

TEST(Characters, OuterBlanks) {
  for (const std::string_view text : {" a", "a ", "\ta", "a\n",
                                      "\xc2\xa0"
                                      "a",
                                      "a\xe3\x80\x80",
                                      "\xe2\x80\x89"
                                      "a",
                                      " "}) {
    EXPECT_TRUE(HasOuterBlank(text)) << text;
  }
  for (const std::string_view text : {"", "a", "a b", "\xe6\x9d\xb1", "\x80\x80"}) EXPECT_FALSE(HasOuterBlank(text));
}

TEST(Characters, AreEscapedAsInJson) {
  EXPECT_EQ(Escaped("a\x1b"
                    "b\n\xe2\x80\xae\xf3\xa0\x80\x81\xff\xc3\xa9",
                    100),
            "a\\u001bb\\u000a\\u202e\\udb40\\udc01?\xc3\xa9");
  EXPECT_EQ(Escaped("ab\xc3\xa9", 3), "ab");
}

}  // namespace
}  // namespace throughline::server
