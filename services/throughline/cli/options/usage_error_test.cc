// Mistakes on the command line: each is reported in one line, with a suggestion.

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/throughline/cli/testing_invoke.h"

namespace throughline::tool {
namespace {

using ::testing::HasSubstr;

struct Mistake {
  const char* line;
  const char* said;
};

constexpr Mistake kMistakes[] = {
    // Commands.
    {"ordr place", "no command `throughline ordr`; did you mean `order`?"},
    {"order plcae", "no command `throughline order plcae`; did you mean `place`?"},
    {"order vendor-update backorderd", "did you mean `backordered`?"},
    {"trace SO-1", "no command `throughline trace`; did you mean `throughline order trace`?"},
    {"order fetch", "no command `throughline order fetch`: there are place, trace"},
    {"order", "`throughline order` needs a command: place, trace"},
    {"", "`throughline` needs a command: order, case"},
    {"queue now", "`now` is one word more than `throughline worklist` takes"},
    // Options, wherever they stand.
    {"order trace SO-1 --colour", "no option `--colour`; did you mean `--color`?"},
    {"--tmeout 5s queue", "no option `--tmeout`; did you mean `--timeout`?"},
    {"--tmeout=5s queue", "no option `--tmeout`; did you mean `--timeout`?"},
    {"case open --custmer C-17", "no option `--custmer`; did you mean `--customer`?"},
    {"queue --zebra", "no option `--zebra` (see throughline worklist --help)"},
    // Words that an option takes.
    {"case list --status opn", "--status: `opn` is none of open, "},
    {"case list --status opn", "did you mean `open`?"},
    {"case interaction CASE1 --channel emial --direction inbound --text x", "did you mean `email`?"},
    {"--color alwys queue", "--color: `alwys` is none of auto, always, never; did you mean `always`?"},
    {"token create x --role suprvisor", "did you mean `supervisor`?"},
    {"availability avalable", "did you mean `available`?"},
    {"completion fsh", "did you mean `fish`?"},
    {"order push --format ups x", "did you mean `ups-track-alert`?"},
    // Counts.
    {"queue --limit -1", "--limit: `-1` cannot be: it is a whole number, 0 or more"},
    {"queue --limit many", "--limit: `many` cannot be"},
    {"queue --limit 1.5", "--limit: `1.5` cannot be"},
    {"queue --limit 5~", "--limit: `5 ` cannot be: it is a whole number, 0 or more"},
    {"queue --limit 5 --limit 6", "--limit is given twice: give it once"},
    {"queue --limit", "--limit has no value: write one after it (NUMBER, 0 or more)"},
    {"--as= queue", "--as has no value: write one after the `=`"},
    {"--json=foo queue", "--json takes no value, but has `foo`: write --json alone"},
    // What is missing, and what excludes what.
    {"case open --customer C", "--subject, --text and --channel are missing: add them"},
    {"case show", "CASE is missing: add it"},
    {"--client-cert x queue", "--client-cert needs --client-key: add --client-key, or leave --client-cert out"},
    {"order push", "`throughline order push` needs one of --format, FILES, --events"},
    {"order push x", "FILES needs --format: add --format, or leave FILES out"},
    {"order push --events x --format ups-track-alert y", " exclude each other: leave one of them out"},
    {"availability available,away", "STATE: who is away is nothing else: write away alone"},
    {"availability available on-duty away", "STATE has 3 values: give it 2 at most"},
    {"queue --limit 99999999999", "--limit: `99999999999` is too large"},
    {"--timeout -1s queue", "--timeout: "},
    {"--timeout 0s queue", "--timeout: "},
    // Addresses.
    {"--address localhost queue", "--address: `localhost` names no port: write localhost:7070"},
    {"--address localhost:0 queue", "write a number from 1 to 65535"},
    {"--address localhost:70000 queue", "write a number from 1 to 65535"},
    {"--address localhost:http queue", "write a number from 1 to 65535"},
    {"--address http://localhost:7070 queue", "write localhost:7070"},
    {"--address https://localhost queue", "write localhost:7070"},
    {"--address ::1:7070 queue", "write [::1]:7070"},
    {"--address 127.0.0.1:1:1 queue", "--address: `127.0.0.1:1:1` has 2 colons: write one host and one port"},
    {"--address dns:///h:7071 queue", "write h:7071"},
    {"--address intak=localhost:7070 queue", "did you mean `intake`?"},
    {"order place SO --customer C --promised-by +1d --line 1:L:-1:acme", "--line: the quantity `-1` cannot be"},
    {"order push --format ups-track-alert - -", "standard input can be read once, and FILES has it"},
    // Ids.
    {"case show abc", "CASE: `abc` is too short: write the first 4 letters of the id at least"},
    // Times.
    {"promise make CASE1 --what x --due 2026-11-24T18:00:00", "with the offset"},
    {"promise make CASE1 --what x --due tomorrow", "--due: "},
    {"promise make CASE1 --what x --due 2026-11-24T18:00:00+0100", "with the offset and its colon"},
};

TEST(UsageError, IsOneLineWithASuggestion) {
  for (const Mistake& mistake : kMistakes) {
    std::vector<std::string> words = absl::StrSplit(mistake.line, ' ', absl::SkipEmpty());
    for (std::string& word : words) std::replace(word.begin(), word.end(), '~', ' ');
    const Ended ended = Invoke(words);
    EXPECT_EQ(ended.code, kUsage) << mistake.line;
    EXPECT_THAT(ended.err, HasSubstr(mistake.said)) << mistake.line;
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << mistake.line << "\n" << ended.err;
    EXPECT_EQ(ended.out, "") << mistake.line;
  }
}

// For the whole tree: every command and option is suggested when one letter too many is typed.
void ExpectNamed(const CLI::App& app, std::vector<std::string> words) {
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    std::vector<std::string> wrong = words;
    wrong.push_back(command->get_name() + "x");
    const Ended ended = Invoke(wrong);
    EXPECT_EQ(ended.code, kUsage);
    EXPECT_THAT(ended.err, HasSubstr("did you mean `")) << absl::StrJoin(wrong, " ");
    wrong.back() = command->get_name();
    ExpectNamed(*command, wrong);
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      std::vector<std::string> wrong = words;
      wrong.push_back("--" + name + "x");
      EXPECT_THAT(Invoke(wrong).err, HasSubstr("did you mean `--" + name)) << absl::StrJoin(wrong, " ");
    }
  }
}

TEST(UsageError, SuggestsEveryCommandAndOption) {
  CLI::App app("", "throughline");
  Tool tool(app);
  AddClientCommands(app, tool);
  ExpectNamed(app, {});
}

// For the whole tree: each option without a value, given twice, and with a value where it takes none.
void ExpectOurWords(const CLI::App& app, const std::vector<std::string>& words) {
  const std::regex raw(
      "Could not convert|At [Mm]ost|At [Ll]east|required|received|requires|excludes|RROR|Expected|does not "
      "exist| missing \\(");
  const auto expect = [&](const std::vector<std::string>& more, const std::string& name) {
    std::vector<std::string> wrong = words;
    wrong.insert(wrong.end(), more.begin(), more.end());
    const Ended ended = Invoke(wrong);
    const std::string line = absl::StrJoin(wrong, " ");
    EXPECT_EQ(ended.code, kUsage) << line;
    EXPECT_THAT(ended.err, HasSubstr(name)) << line;
    EXPECT_FALSE(std::regex_search(ended.err, raw)) << line << "\n" << ended.err;
  };
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    std::vector<std::string> inner = words;
    inner.push_back(command->get_name());
    ExpectOurWords(*command, inner);
  }
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    if (option->get_positional() || name == "--help" || name == "--version") continue;
    expect({name + "="}, name + " has no value");
    if (option->get_items_expected_max() == 0) {
      expect({name + "=foo"}, words.empty() || option->get_required() ? name : "");
      continue;
    }
    expect({name}, name + " has no value");
    if (option->get_items_expected_max() == 1) expect({name + "=x", name + "=y"}, "");
  }
}

TEST(UsageError, IsInOurWordsForEveryOption) {
  CLI::App app("", "throughline");
  Tool tool(app);
  AddClientCommands(app, tool);
  ExpectOurWords(app, {});
}

TEST(UsageError, IsJsonForScripts) {
  const Ended ended = Invoke({"--json", "ordr"});
  EXPECT_EQ(ended.code, kUsage);
  EXPECT_THAT(ended.err, HasSubstr(R"("message":"there is no command `throughline ordr`; did you mean `order`?")"));
}

TEST(Version, IsPrinted) {
  const Ended ended = Invoke({"--version"});
  EXPECT_EQ(ended.code, kOk);
  EXPECT_THAT(ended.out, ::testing::StartsWith("throughline "));
}

}  // namespace
}  // namespace throughline::tool
