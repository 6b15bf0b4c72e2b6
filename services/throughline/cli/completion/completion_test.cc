#include <cstdio>
#include <fstream>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/throughline/cli/completion/completion_tree.h"
#include "services/throughline/commands/commands.h"
#include "tests/support/test_directory.h"

namespace throughline::tool {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

std::string Script(const std::string& shell) {
  CLI::App app("", "throughline");
  Tool tool(app);
  AddClientCommands(app, tool);
  return CompletionScript(ReadCompletionTree(app), shell);
}

// Runs the bash script; returns what it offers for the last word of the line.
std::vector<std::string> Offers(const std::string& line) {
  static const TestDirectory directory;
  static const std::string path = [] {
    const std::string file = directory.path() + "/completion.bash";
    std::ofstream(file) << Script("bash");
    return file;
  }();
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  const std::string command = absl::StrCat("bash -c 'compopt() { :; }; source ", path, "; COMP_WORDS=(", line,
                                           words.back().empty() ? "\"\"" : "", "); COMP_CWORD=", words.size() - 1,
                                           "; _throughline; printf \"%s\\n\" \"${COMPREPLY[@]}\"' 2>&1");
  std::FILE* pipe = popen(command.c_str(), "r");
  std::string out;
  char buffer[4096];
  for (size_t got; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, got);
  EXPECT_EQ(pclose(pipe), 0) << out;
  return absl::StrSplit(out, '\n', absl::SkipEmpty());
}

TEST(Completion, BashOffersCommandsWhereTheyBelong) {
  EXPECT_THAT(Offers("throughline or"), ElementsAre("order"));
  EXPECT_THAT(Offers("throughline order tr"), ElementsAre("trace"));
  EXPECT_THAT(Offers("throughline --json order vendor-update "), IsSupersetOf({"acknowledged", "dispatched"}));
  EXPECT_THAT(Offers("throughline case "), Not(Contains("trace")));
}

TEST(Completion, BashOffersOptionsAndTheirChoices) {
  EXPECT_THAT(Offers("throughline case open --ch"), ElementsAre("--channel"));
  EXPECT_THAT(Offers("throughline case open --channel ph"), ElementsAre("phone"));
  EXPECT_THAT(Offers("throughline order trace SO-1 --col"), ElementsAre("--color"));
  EXPECT_THAT(Offers("throughline order trace SO-1 --color "), ElementsAre("auto", "always", "never"));
  EXPECT_THAT(Offers("throughline order push --format u"), ElementsAre("ups-track-alert", "usps-tracking-v3"));
  EXPECT_THAT(Offers("throughline completion f"), ElementsAre("fish"));
}

TEST(Completion, EveryShellKnowsEveryCommand) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    for (const char* word : {"quarantine", "renegotiate", "vendor-update", "availability", "customer-option"}) {
      EXPECT_THAT(Script(shell), HasSubstr(word)) << shell;
    }
  }
}

}  // namespace
}  // namespace throughline::tool
