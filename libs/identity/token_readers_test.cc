#include "libs/identity/token_readers.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/identity/tokens.h"
#include "tests/support/test_directory.h"

namespace throughline::identity {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);
constexpr absl::Duration kBriefly = absl::Milliseconds(50);

class TokenReadersTest : public ::testing::Test {
 protected:
  TokenReadersTest() { Change("ana"); }
  void Change(const std::string& name) {
    ASSERT_TRUE(CreateToken(path, {name, {common::v1::ROLE_REP}, "", ""}, absl::UnixEpoch()).ok());
  }

  const TestDirectory scratch;
  const std::string path = TokensPath(scratch.path());
};

TEST_F(TokenReadersTest, DoesNotWaitWithoutReaders) {
  EXPECT_EQ(*AwaitReaders(path, absl::ZeroDuration()), 0);
  TokenReader::Register(path).reset();
  EXPECT_EQ(*AwaitReaders(path, absl::ZeroDuration()), 0);
}

TEST_F(TokenReadersTest, WaitsUntilAllHaveReadTheNewestVersion) {
  const auto first = TokenReader::Register(path), second = TokenReader::Register(path);
  first->HasRead(TokenFileVersion(path));
  second->HasRead(TokenFileVersion(path));
  EXPECT_EQ(*AwaitReaders(path, absl::ZeroDuration()), 2);
  Change("ben");
  const absl::Status behind = AwaitReaders(path, kBriefly).status();
  EXPECT_EQ(behind.code(), absl::StatusCode::kDeadlineExceeded) << behind;
  first->HasRead(TokenFileVersion(path));
  const absl::Status half = AwaitReaders(path, kBriefly).status();
  EXPECT_LT(half.message().size(), behind.message().size()) << "names one instead of two: " << half;
  std::thread late([&] { second->HasRead(TokenFileVersion(path)); });
  EXPECT_EQ(*AwaitReaders(path, kPatience), 2);
  late.join();
}

TEST_F(TokenReadersTest, IgnoresReadersThatWereKilled) {
  std::filesystem::create_directory(path + ".readers");
  std::ofstream(path + ".readers/here-1-0") << "an old version";
  EXPECT_EQ(*AwaitReaders(path, absl::ZeroDuration()), 0);
  EXPECT_TRUE(std::filesystem::is_empty(path + ".readers")) << "and forgets them";
}

TEST_F(TokenReadersTest, DoesNotRegisterInAReadOnlyDirectory) {
  EXPECT_EQ(TokenReader::Register(scratch.path() + "/no/such/folder/tokens.json"), nullptr);
}

}  // namespace
}  // namespace throughline::identity
