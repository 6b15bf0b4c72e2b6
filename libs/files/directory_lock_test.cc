#include "libs/files/directory_lock.h"

#include "gtest/gtest.h"

#include "tests/support/test_directory.h"

namespace throughline::files {
namespace {

TEST(DirectoryLock, IsHeldByOneAtATime) {
  const TestDirectory directory, other;
  {
    const std::optional<DirectoryLock> lock = DirectoryLock::TryTake(directory.path());
    ASSERT_TRUE(lock.has_value());
    EXPECT_FALSE(DirectoryLock::TryTake(directory.path()).has_value());
    EXPECT_TRUE(DirectoryLock::TryTake(other.path()).has_value());
  }
  EXPECT_TRUE(DirectoryLock::TryTake(directory.path()).has_value());
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
  EXPECT_FALSE(DirectoryLock::TryTake(directory.path() + "/none").has_value());
}

}  // namespace
}  // namespace throughline::files
