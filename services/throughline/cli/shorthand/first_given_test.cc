#include "services/throughline/cli/shorthand/first_given.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/throughline/output/testing_time.h"
#include "tests/support/test_directory.h"

namespace throughline::tool {
namespace {

using testing::HasSubstr;

size_t Files(const std::string& data) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(data + "/given"), {}));
}

TEST(FirstGiven, IsRememberedByTheCommandsText) {
  const TestDirectory directory;
  const std::string& data = directory.path();
  EXPECT_EQ(*FirstGiven(data, "P1 +2h", kNow), kNow);
  EXPECT_EQ(*FirstGiven(data, "P1 +2h", kNow + absl::Minutes(5)), kNow);
  EXPECT_EQ(*FirstGiven(data, "P1 +3h", kNow + absl::Minutes(5)), kNow + absl::Minutes(5));
}

TEST(FirstGiven, IsForgottenAfterAWeek) {
  const TestDirectory directory;
  const std::string& data = directory.path();
  EXPECT_EQ(*FirstGiven(data, "old", kNow), kNow);
  EXPECT_EQ(*FirstGiven(data, "older", kNow - absl::Hours(1)), kNow - absl::Hours(1));
  const absl::Time later = kNow + kFirstGivenIsKept + absl::Seconds(1);
  EXPECT_EQ(*FirstGiven(data, "old", later), later);
  EXPECT_EQ(Files(data), 1);
}

TEST(FirstGiven, ATruncatedFileCountsAsMissing) {
  const TestDirectory directory;
  const std::string& data = directory.path();
  ASSERT_EQ(*FirstGiven(data, "P1", kNow), kNow);
  for (const auto& file : std::filesystem::directory_iterator(data + "/given")) std::ofstream(file.path()).close();
  EXPECT_EQ(*FirstGiven(data, "P1", kNow + absl::Hours(1)), kNow + absl::Hours(1));
}

TEST(FirstGiven, ReportsWhyItCannotBeRecorded) {
  const TestDirectory directory;
  const std::string data = directory.path() + "/file";
  std::ofstream(data).close();
  EXPECT_THAT(std::string(FirstGiven(data, "P1", kNow).status().message()), HasSubstr("give the time itself"));
}

}  // namespace
}  // namespace throughline::tool
