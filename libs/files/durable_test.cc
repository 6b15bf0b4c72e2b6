#include "libs/files/durable.h"

#include <fstream>
#include <iostream>

#include "gtest/gtest.h"

#include "libs/files/whole_file.h"
#include "tests/support/small_disk.h"
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

TEST(Durable, CopiesManyBytesAndNamesAFullDisk) {
  const TestDirectory directory;
  const std::string from = directory.path() + "/from", to = directory.path() + "/to";
  std::string bytes;
  for (int i = 0; bytes.size() < (3u << 20); ++i) bytes += std::to_string(i);
  std::ofstream(from) << bytes;
  ASSERT_FALSE(CopyDurably(from, to));
  EXPECT_EQ(ReadFile(to), bytes);
  const SmallDisk disk(1);
  if (!disk.mounted()) {
    ASSERT_FALSE(disk.required()) << disk.HowToGetIt("a copy to a full disk");
    std::cerr << disk.HowToGetIt("a copy to a full disk");
    GTEST_SKIP();
  }
  EXPECT_EQ(CopyDurably(from, disk.path() + "/to"), std::errc::no_space_on_device);
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
