#include "libs/command_line/usage.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::command_line {
namespace {

using ::testing::HasSubstr;

// A program with an option of every kind, and a command.
class Program {
 public:
  Program() {
    app_.fallthrough();
    app_.add_option("--limit", limit_)->type_name("NUMBER");
    app_.add_flag("--json", json_);
    auto* cert = app_.add_option("--cert", cert_);
    auto* key = app_.add_option("--key", key_);
    cert->needs(key);
    CLI::App& show = *app_.add_subcommand("show");
    show.fallthrough();
    show.add_option("case", case_)->required()->check([](const std::string& text) {
      return std::string(text == "x" ? "`x` is too short" : "");
    });
    show.add_option("--text", text_)->required();
    CLI::App& push = *app_.add_subcommand("push");
    auto* files = push.add_option("files", files_)->expected(1, 2);
    auto* events = push.add_option("--events", events_);
    events->excludes(files);
    push.require_option(1, 0);
  }

  // Empty: the line is right.
  std::string Describe(std::vector<std::string> words) {
    try {
      app_.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    } catch (const CLI::ParseError& error) {
      return DescribeParseError(app_, error);
    }
    return "";
  }
  CLI::App& app() { return app_; }

 private:
  CLI::App app_{"Tries options.", "program"};
  int limit_ = 0;
  bool json_ = false;
  std::string cert_, key_, case_, text_, events_;
  std::vector<std::string> files_;
};

TEST(Usage, NamesTheOptionAndSaysWhatToDo) {
  struct Mistake {
    std::vector<std::string> words;
    const char* said;
  };
  for (const Mistake& mistake : std::vector<Mistake>{
           {{"--limit"}, "--limit has no value: write one after it (NUMBER)"},
           {{"--limit", "1", "--limit"}, "--limit has no value: write one after it (NUMBER)"},
           {{"--limit", "1", "--limit", "2"}, "--limit is given twice: give it once"},
           {{"--limit=1", "--limit=2", "--limit=3"}, "--limit is given 3 times: give it once"},
           {{"--limit", "5 "}, "--limit: `5 ` cannot be read: write another value (NUMBER)"},
           {{"--json=foo"}, "--json takes no value, but has `foo`: write --json alone"},
           {{"--cert", "a"}, "--cert needs --key: add --key, or leave --cert out"},
           {{"show", "1"}, "--text is missing: add it"},
           {{"show"}, "CASE and --text are missing: add them"},
           {{"show", "x", "--text", "y"}, "CASE: `x` is too short"},
           {{"show", "--limit"}, "--limit has no value: write one after it (NUMBER)"},
           {{"push"}, "`program push` needs one of FILES, --events"},
           {{"push", "a", "--events", "b"}, "--events and FILES exclude each other: leave one of them out"},
           {{"push", "a", "b", "c"}, "FILES has 3 values: give it 2 at most"},
       }) {
    EXPECT_EQ(Program().Describe(mistake.words), mistake.said);
  }
  EXPECT_EQ(Program().Describe({"--limit", "1", "--json", "show", "1", "--text", "y"}), "");
}

TEST(Usage, KeepsWhatHasNoOptionInIt) { EXPECT_THAT(Program().Describe({"--nonsense"}), HasSubstr("--nonsense")); }

TEST(Usage, NamesTheCommand) {
  Program program;
  program.Describe({"show"});
  EXPECT_EQ(PathOf(program.app()), "program show");
}

TEST(Usage, FindsAnOptionWithoutAValueAfterItsSign) {
  EXPECT_THAT(*FindEmptyValue(Program().app(), {"show", "--text=", "x"}), HasSubstr("--text has no value"));
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--text=x"}, {"--nonsense="}, {"--", "--text="}, {"text="}, {"--="}, {}}) {
    EXPECT_EQ(FindEmptyValue(Program().app(), words), std::nullopt);
  }
}

}  // namespace
}  // namespace throughline::command_line
