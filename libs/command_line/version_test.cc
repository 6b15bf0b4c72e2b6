#include "libs/command_line/version.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::command_line {
namespace {

TEST(Version, NamesTheProgramAndItsNumber) {
  EXPECT_THAT(Version("throughline-intake"),
              ::testing::MatchesRegex("throughline-intake [0-9]+\\.[0-9]+\\.[0-9]+( \\([0-9a-f]+(-changed)?\\))?"));
}

}  // namespace
}  // namespace throughline::command_line
