#include "services/process/settings_file.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::process {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(SettingsFile, ReadsSectionsValuesAndComments) {
  const ParsedFile file = ParseSettingsFile(
      "# a comment\n"
      "port = 7071   # why\n"
      "data='/var/lib/#1'\n"
      "\n"
      "[ kafka ]  # and so on\r\n"
      "brokers = \"a:1,b:2\" # two\n"
      "\t[kafka.client]\n"
      "sasl.mechanism = \"PLAIN\"\n"
      "\"client.id\" = \"a \\\"b\\\" \\\\ c\"\n");
  EXPECT_THAT(file.problems, IsEmpty());
  ASSERT_THAT(file.entries, SizeIs(5));
  EXPECT_EQ(file.entries[0].value, "7071");
  EXPECT_EQ(file.entries[1].value, "/var/lib/#1");
  EXPECT_EQ(file.entries[2].section, "kafka");
  EXPECT_EQ(file.entries[2].value, "a:1,b:2");
  EXPECT_EQ(file.entries[2].line, 6);
  EXPECT_EQ(file.entries[3].section, "kafka.client");
  EXPECT_EQ(file.entries[3].name, "sasl.mechanism");
  EXPECT_EQ(file.entries[4].name, "client.id");
  EXPECT_EQ(file.entries[4].value, "a \"b\" \\ c");
}

TEST(SettingsFile, TellsEveryLineThatCannotBeRead) {
  const ParsedFile file = ParseSettingsFile(
      "port\n"
      "a = [1, 2]\n"
      "b = \"open\n"
      "c = \"closed\" too\n"
      "[open\n"
      "d =\n"
      "e = 1\n"
      "e = 2\n");
  EXPECT_THAT(file.problems,
              ElementsAre(HasSubstr("line 1: "), HasSubstr("line 2: "), HasSubstr("line 3: "), HasSubstr("line 4: "),
                          HasSubstr("line 5: "), HasSubstr("line 6: "), HasSubstr("line 8: e is given twice")));
  ASSERT_THAT(file.entries, SizeIs(1));
}

TEST(SettingsFile, ReadsWhatItQuoted) {
  const std::string value = "a \"quoted\" \\ back\tslash\nand #";
  const ParsedFile file = ParseSettingsFile("x = " + Quoted(value));
  ASSERT_THAT(file.entries, SizeIs(1));
  EXPECT_EQ(file.entries[0].value, value);
}

}  // namespace
}  // namespace throughline::process
