#include "services/throughline/cli/options/attachment.h"

#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::tool {
namespace {

using ::testing::HasSubstr;

TEST(Attachment, OfAFileHasItsDigestAndSize) {
  const std::string path = ::testing::TempDir() + "/attachment_test.jpg";
  std::ofstream(path) << "test";
  const auto read = ReadAttachment("--attach", "Lamp.JPG=" + path + ",https://files.example/a,b=c");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->name(), "Lamp.JPG");
  EXPECT_EQ(read->media_type(), "image/jpeg");
  EXPECT_EQ(read->sha256(), "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
  EXPECT_EQ(read->size_bytes(), 4u);
  EXPECT_EQ(read->location(), "https://files.example/a,b=c");
  std::filesystem::remove(path);
}

TEST(Attachment, OfAFileElsewhereHasTheDigestThatWasGiven) {
  const auto read = ReadAttachment("--attach", "a=sha256:ABC,there");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->sha256(), "abc");
  EXPECT_EQ(read->size_bytes(), 0u);
  EXPECT_EQ(read->media_type(), "application/octet-stream");
}

TEST(Attachment, SaysWhatToWrite) {
  for (const char* bad : {"", "a", "a=b", "a=b,", "=b,c", "a=,c", "a,b=c"}) {
    const auto read = ReadAttachment("--attach", bad);
    ASSERT_FALSE(read.ok()) << bad;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr("NAME=FILE")) << bad;
  }
  const auto missing = ReadAttachment("--attach", "a=/no/such/file,there");
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("/no/such/file"));
}

}  // namespace
}  // namespace throughline::tool
