#include "services/process/settings/settings_file.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::process {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

auto Entry(const std::string& name, const std::string& value, int line) {
  return AllOf(Field(&FileEntry::name, name), Field(&FileEntry::value, value), Field(&FileEntry::line, line));
}

TEST(SettingsFile, ReadsTablesAndValues) {
  const ParsedFile file = ParseSettingsFile(
      "# a comment\n"
      "port = 7071   # why\n"
      "data='/var/lib/#1'\n"
      "share = 0.5\n"
      "[ kafka ]  # and so on\r\n"
      "brokers = \"a:1,b:2\" # two\n"
      "\t[kafka.client]\n"
      "sasl.mechanism = \"PLAIN\"\n"
      "\"api.version.request\" = true\n"
      "api.version.request.timeout.ms = 1_000\n"
      "\"client.id\" = \"a \\\"b\\\" \\\\ c\"\n");
  EXPECT_THAT(file.problems, IsEmpty());
  EXPECT_THAT(file.entries,
              ElementsAre(Entry("port", "7071", 2), Entry("data", "/var/lib/#1", 3), Entry("share", "0.5", 4),
                          Entry("kafka.brokers", "a:1,b:2", 6), Entry("kafka.client.sasl.mechanism", "PLAIN", 8),
                          Entry("kafka.client.api.version.request", "true", 9),
                          Entry("kafka.client.api.version.request.timeout.ms", "1000", 10),
                          Entry("kafka.client.client.id", "a \"b\" \\ c", 11)));
}

TEST(SettingsFile, NamesTheLineThatIsNotToml) {
  for (const char* line : {"port", "b = \"open", "c = \"closed\" too", "[open", "d =", "e = 2", "linger = 10s"}) {
    const ParsedFile file = ParseSettingsFile(absl::StrCat("e = 1\n", line, "\n"));
    EXPECT_THAT(file.problems, ElementsAre(StartsWith("line 2: "))) << line;
    EXPECT_THAT(file.entries, IsEmpty()) << line;
  }
}

TEST(SettingsFile, DoesNotEchoTheFileInErrors) {
  for (const char* value : {"truth42", "99999999999999999999999", "infinite", "hunter2", "'open", "4x2", "\"\\q42\""}) {
    const ParsedFile file = ParseSettingsFile(absl::StrCat("sasl.password = ", value, "\n"));
    ASSERT_THAT(file.problems, SizeIs(1)) << value;
    EXPECT_THAT(file.problems[0], StartsWith("line 1: ")) << value;
    for (const char* part : {"'t", "999", "'i", "'h", "ope", "'x", "q42"}) {
      EXPECT_THAT(file.problems[0], Not(HasSubstr(part))) << value;
    }
  }
}

TEST(SettingsFile, ReportsEveryBadValue) {
  const ParsedFile file = ParseSettingsFile("a = [1, 2]\nb = 1979-05-27\nc = 1\n");
  EXPECT_THAT(file.problems, UnorderedElementsAre(StartsWith("line 1: a is a list or a time"),
                                                  StartsWith("line 2: b is a list or a time")));
  EXPECT_THAT(file.entries, ElementsAre(Entry("c", "1", 3)));
}

TEST(SettingsFile, ReadsItsOwnQuotes) {
  const std::string value = "a \"quoted\" \\ back\tslash\nand # \r \x01 \x7f é";
  const ParsedFile file = ParseSettingsFile("x = " + Quoted(value));
  EXPECT_THAT(file.entries, ElementsAre(Entry("x", value, 1)));
}

}  // namespace
}  // namespace throughline::process
