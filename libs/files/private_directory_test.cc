#include "libs/files/private_directory.h"

#include <fstream>

#include "gtest/gtest.h"

#include "tests/support/test_directory.h"

namespace throughline::files {
namespace {

namespace fs = std::filesystem;

constexpr fs::perms kOpenToAll = fs::perms::owner_all | fs::perms::group_all | fs::perms::others_read;

fs::perms ModeOf(const fs::path& path) { return fs::status(path).permissions(); }

TEST(PrivateDirectory, IsPrivateAndSoAreTheParentsMadeForIt) {
  const TestDirectory directory;
  const fs::path path = fs::path(directory.path()) / "a" / "b" / "c";
  ASSERT_FALSE(MakePrivateDirectories(path));
  for (const fs::path& made : {path, path.parent_path(), path.parent_path().parent_path()}) {
    EXPECT_EQ(ModeOf(made), fs::perms::owner_all) << made;
  }
}

TEST(PrivateDirectory, KeepsTheModeOfExistingDirectories) {
  const TestDirectory directory;
  const fs::path parent = fs::path(directory.path()) / "a";
  fs::create_directory(parent);
  fs::permissions(parent, kOpenToAll);
  ASSERT_FALSE(MakePrivateDirectories(parent));
  ASSERT_FALSE(MakePrivateDirectories(parent / "b"));
  EXPECT_EQ(ModeOf(parent), kOpenToAll);
  EXPECT_EQ(ModeOf(parent / "b"), fs::perms::owner_all);
}

TEST(PrivateDirectory, MayEndInASlash) {
  const TestDirectory directory;
  ASSERT_FALSE(MakePrivateDirectories(directory.path() + "/a/b/"));
  EXPECT_EQ(ModeOf(directory.path() + "/a/b"), fs::perms::owner_all);
}

TEST(PrivateDirectory, ReportsAFileInTheWay) {
  const TestDirectory directory;
  const std::string file = directory.path() + "/file";
  std::ofstream(file) << "x";
  EXPECT_EQ(MakePrivateDirectories(file), std::errc::file_exists);
  EXPECT_EQ(MakePrivateDirectories(file + "/a/b"), std::errc::file_exists);
  EXPECT_EQ(MakePrivateDirectories(""), std::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace throughline::files
