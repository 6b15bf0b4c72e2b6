#include "libs/files/durable.h"

#include <fstream>

#include "gtest/gtest.h"

#include "libs/files/whole_file.h"
#include "tests/support/test_directory.h"

namespace throughline::files {
namespace {

namespace fs = std::filesystem;

TEST(Durable, CopiesTheBytesAndNeverOverwrites) {
  const TestDirectory directory;
  const fs::path from = fs::path(directory.path()) / "from", to = fs::path(directory.path()) / "to";
  std::ofstream(from) << "first";
  ASSERT_FALSE(CopyDurably(from, to));
  std::ofstream(from) << "other";
  EXPECT_EQ(ReadFile(to), "first");
  EXPECT_EQ(CopyDurably(from, to), std::errc::file_exists);
  EXPECT_EQ(ReadFile(to), "first");
}

TEST(Durable, SyncsFilesAndDirectoriesAndReportsMissingOnes) {
  const TestDirectory directory;
  const fs::path file = fs::path(directory.path()) / "file";
  std::ofstream(file) << "bytes";
  EXPECT_FALSE(Sync(file));
  EXPECT_FALSE(Sync(directory.path()));
  EXPECT_EQ(Sync(file.string() + "-not-there"), std::errc::no_such_file_or_directory);
  EXPECT_EQ(CopyDurably(file.string() + "-not-there", file.string() + "-copy"), std::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace throughline::files
