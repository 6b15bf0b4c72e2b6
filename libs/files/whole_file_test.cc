#include "libs/files/whole_file.h"

#include <fstream>
#include <sys/stat.h>

#include "gtest/gtest.h"

#include "tests/support/test_directory.h"

namespace throughline::files {
namespace {

namespace fs = std::filesystem;

mode_t ModeBitsOf(const fs::path& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}

class WholeFile : public ::testing::Test {
 protected:
  const TestDirectory directory_;
  const fs::path path_ = fs::path(directory_.path()) / "file";
};

TEST_F(WholeFile, IsReadAsItWasWritten) {
  EXPECT_EQ(ReadFile(path_), std::nullopt);
  for (const std::string& content : {std::string(), std::string("\0a\r\n\xff", 5), std::string(3 << 20, 'x')}) {
    ASSERT_FALSE(ReplaceFile(path_, content, 0600));
    EXPECT_EQ(ReadFile(path_), content);
    EXPECT_FALSE(fs::exists(path_.string() + ".new"));
  }
  EXPECT_EQ(ReadFile(directory_.path()), std::nullopt) << "a directory";
}

TEST_F(WholeFile, IsReplacedByANewFileSoThatAReaderKeepsTheOldOne) {
  ASSERT_FALSE(ReplaceFile(path_, "old", 0600));
  std::ifstream reader(path_);
  ASSERT_FALSE(ReplaceFile(path_, "new", 0600));
  std::string read;
  reader >> read;
  EXPECT_EQ(read, "old");
  EXPECT_EQ(ReadFile(path_), "new");
}

TEST_F(WholeFile, HasTheModeThatIsAskedForOrThatOfAnother) {
  ASSERT_FALSE(ReplaceFile(path_, "a", 0600));
  EXPECT_EQ(ModeBitsOf(path_), 0600u);
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  struct stat before {};
  ASSERT_EQ(stat(path_.c_str(), &before), 0);
  ASSERT_FALSE(ReplaceFile(path_, "b", 0600, &before));
  EXPECT_EQ(ModeBitsOf(path_), 0640u);
}

TEST_F(WholeFile, StaysAsItWasWhenItCannotBeReplaced) {
  EXPECT_EQ(ReplaceFile(path_ / "in" / "a" / "file", "x", 0600), std::errc::no_such_file_or_directory);
  fs::create_directories(path_ / "full");
  EXPECT_TRUE(ReplaceFile(path_, "x", 0600)) << "a directory that is not empty has the name";
  EXPECT_TRUE(fs::exists(path_ / "full"));
  EXPECT_FALSE(fs::exists(path_.string() + ".new"));
}

}  // namespace
}  // namespace throughline::files
