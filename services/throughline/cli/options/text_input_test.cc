// Long texts from a file and from standard input, as users give them.

#include "services/throughline/cli/options/text_input.h"

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/identity/tokens.h"
#include "services/throughline/cli/testing_invoke.h"
#include "throughline/common/v1/field_rule.pb.h"

namespace throughline::tool {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string FileWith(const std::string& content) {
  const std::string path = FreshData();
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

int Open(const std::string& path) { return open(path.c_str(), O_RDONLY | O_CLOEXEC); }

std::string Said(const absl::StatusOr<std::string>& text) { return std::string(text.status().message()); }

TEST(TextInput, IsTheTextAFileOrStandardInput) {
  TextInput input;
  EXPECT_EQ(*input.Read("--text", "as it is", 100), "as it is");
  EXPECT_EQ(*input.Read("--text", "@" + FileWith("two\nlines\n"), 100), "two\nlines");
  EXPECT_EQ(*input.Read("--text", "@" + FileWith("Windows\r\n"), 100), "Windows");
  EXPECT_EQ(*input.Read("--text", "@" + FileWith("ends with an empty line\n\n"), 100), "ends with an empty line\n");
  EXPECT_EQ(*input.Read("--text", "@@home", 100), "@home");
  EXPECT_EQ(*input.Read("--text", "@@@", 100), "@@");
  EXPECT_EQ(*input.Read("--text", "@", 100), "@");
  EXPECT_EQ(*input.Read("--text", "a@b", 100), "a@b");
  const Redirected from(STDIN_FILENO, Open(FileWith("from the pipe\n")));
  EXPECT_EQ(*input.Read("--text", "-", 100), "from the pipe");
}

TEST(TextInput, StandardInputIsReadOnce) {
  TextInput input;
  const Redirected from(STDIN_FILENO, Open(FileWith("once")));
  EXPECT_TRUE(input.Read("--text", "-", 100).ok());
  EXPECT_THAT(Said(input.Read("--next", "-", 100)), AllOf(HasSubstr("once"), HasSubstr("--text has it")));
}

TEST(TextInput, SaysWhatIsWrongWithIt) {
  TextInput input;
  EXPECT_THAT(Said(input.Read("--text", "@/no/such", 100)), AllOf(HasSubstr("/no/such"), HasSubstr("@@/no/such")));
  EXPECT_THAT(Said(input.Read("--text", "@/", 100)), HasSubstr("cannot"));
  EXPECT_THAT(Said(input.Read("--text", "@" + FileWith(std::string(101, 'x')), 100)), HasSubstr("at most 100 bytes"));
  EXPECT_TRUE(input.Read("--text", "@" + FileWith(std::string(100, 'x') + "\n"), 100).ok()) << "a line break more";
  EXPECT_THAT(Said(input.Read("--text", std::string(101, 'x'), 100)), HasSubstr("at most 100 bytes"));
  EXPECT_THAT(Said(input.Read("--text", "@/dev/zero", 100)), HasSubstr("at most 100 bytes")) << "and it ends";
  EXPECT_THAT(Said(input.Read("--text", "@" + FileWith("ab\xff"), 100)), HasSubstr("` is not UTF-8 at byte 2"));
  EXPECT_THAT(Said(input.Read("--text", "@" + FileWith("bell\a"), 100)), HasSubstr("` holds U+0007 at byte 4"));
  EXPECT_THAT(Said(input.Read("--text", "@" + FileWith("\n"), 100)), HasSubstr("is empty"));
}

// The contract decides which options these are: those whose field's rule allows a longer text.
TEST(TextInput, IsAcceptedByEveryOptionForALongText) {
  CLI::App app("", "throughline");
  Tool tool(app);
  AddClientCommands(app, tool);
  int found = 0;
  for (const auto& [command, filled] : tool.filled()) {
    for (const CLI::Option* option : command->get_options()) {
      if (option->get_type_name() != "TEXT|-|@PATH") continue;
      ++found;
      EXPECT_FALSE(option->get_positional()) << "a word like @x there may be meant";
    }
  }
  EXPECT_GE(found, 15);
}

TEST(TextInput, WorksOnTheCommandLine) {
  const std::string data = FreshData();
  ASSERT_TRUE(identity::CreateFirstTokens(data, absl::Now()).ok());
  const std::vector<std::string> interaction = {"--data", data,          "--address",   "127.0.0.1:1", "--timeout",
                                                "200ms",  "case",        "interaction", "01J9",        "--channel",
                                                "phone",  "--direction", "inbound",     "--text"};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> words = interaction;
    words.insert(words.end(), more.begin(), more.end());
    return Invoke(words);
  };
  EXPECT_EQ(with({"@" + FileWith("hello\n")}).code, kTryAgain) << "all is well, but nobody answers";
  const Ended missing = with({"@/no/such"});
  EXPECT_EQ(missing.code, kUsage);
  EXPECT_THAT(missing.err, HasSubstr("--text: cannot open `/no/such`"));
  const Redirected from(STDIN_FILENO, Open(FileWith("hello\n")));
  EXPECT_EQ(with({"-"}).code, kTryAgain);
  const Ended twice = Invoke({"case", "note", "01J9", "--text", "-", "--next", "-"});
  EXPECT_EQ(twice.code, kUsage) << twice.err;
}

}  // namespace
}  // namespace throughline::tool
