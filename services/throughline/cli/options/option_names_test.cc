#include "services/throughline/cli/options/option_names.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/command_line/usage.h"
#include "libs/runtime/domain/refusal.h"
#include "services/throughline/cli/testing_invoke.h"

namespace throughline::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const FilledFields kFilled = {
    {"due", "--due"}, {"lines", "--line"}, {"case_id", "CASE"}, {"delayed", "--x"}, {"delayed.reason", "--reason"}};

TEST(OptionNames, AreFoundByTheFieldOrAnEnclosingOne) {
  EXPECT_EQ(OptionOf(kFilled, "due"), "--due");
  EXPECT_EQ(OptionOf(kFilled, "case_id"), "CASE");
  EXPECT_EQ(OptionOf(kFilled, "lines[2].sku"), "--line (item 3: sku)");
  EXPECT_EQ(OptionOf(kFilled, "lines[0]"), "--line (item 1)");
  EXPECT_EQ(OptionOf(kFilled, "delayed.reason"), "--reason");
  EXPECT_EQ(OptionOf(kFilled, "delayed.other"), "--x (other)");
  EXPECT_EQ(OptionOf(kFilled, "due_date"), std::nullopt);
  EXPECT_EQ(OptionOf(kFilled, "lines2"), std::nullopt);
}

TEST(OptionNames, ReplaceFieldsInErrors) {
  const absl::Status status = runtime::FieldViolations()
                                  .Add("due", "lies in the past")
                                  .Add("lines[1].quantity", "is 0")
                                  .Add("actor", "is odd")
                                  .ToStatus();
  const absl::Status named = NameOptions(status, kFilled);
  EXPECT_EQ(named.message(), "--due lies in the past; --line (item 2: quantity) is 0; actor is odd");
  EXPECT_EQ(named.code(), status.code());
  EXPECT_THAT(runtime::BadFieldsOf(named), ElementsAre("due", "lines[1].quantity", "actor"));
  const absl::Status other = absl::NotFoundError("due to the weather");
  EXPECT_EQ(NameOptions(other, kFilled), other);
}

TEST(OptionNames, ReplaceFieldsInsideSentences) {
  const FilledFields filled = {{"command_id", "--command-id"},
                               {"delayed.expected_dispatch", "--dispatch"},
                               {"person", "--person"},
                               {"a.reason", "--why"},
                               {"b.reason", "--because"}};
  const auto named = [&](const absl::Status& status) { return std::string(NameOptions(status, filled).message()); };
  EXPECT_EQ(named(runtime::Refuse(absl::StatusCode::kInvalidArgument, "COMMAND_ID_REUSED",
                                  "command_id X_1 was used before: leave out `person`, a person, or person_id")),
            "--command-id X_1 was used before: leave out `--person`, a person, or person_id");
  EXPECT_EQ(named(runtime::BadField("delayed", "has no time: give `expected_dispatch` or `expected_delivery`")),
            "delayed has no time: give `--dispatch` or `expected_delivery`");
  EXPECT_EQ(named(absl::NotFoundError("give a `reason`")), "give a `reason`") << "two options have that name";
  EXPECT_EQ(NameOptions(absl::OkStatus(), filled), absl::OkStatus());
  const absl::Status refused = runtime::Refuse(absl::StatusCode::kInvalidArgument, "R", "command_id");
  EXPECT_EQ(runtime::ReasonOf(NameOptions(refused, filled)), "R");
}

// For every command that sends a request: each option says which field it fills, and that field maps back to it.
TEST(OptionNames, AreKnownForEveryOptionOfEveryCommand) {
  CLI::App app("", "throughline");
  Tool tool(app);
  AddClientCommands(app, tool);
  EXPECT_GT(tool.filled().size(), 35u);
  for (const auto& [command, filled] : tool.filled()) {
    std::set<std::string> known;
    for (const FilledField& one : *filled) {
      known.insert(one.option);
      const absl::Status named = NameOptions(runtime::BadField(one.field, "is wrong"), *filled);
      EXPECT_EQ(named.message(), one.option + " is wrong") << command->get_name();
    }
    for (const CLI::Option* option : command->get_options()) {
      const std::string name = command_line::ShownName(*option);
      if (name == "--help") continue;
      if (command->get_name() + " " + name == "link --edge") continue;  // fills nothing: shapes what is printed
      EXPECT_TRUE(known.contains(name)) << command->get_name() << " " << name
                                        << ": say what it fills (VerbBase::Fills)";
    }
  }
}

}  // namespace
}  // namespace throughline::tool
