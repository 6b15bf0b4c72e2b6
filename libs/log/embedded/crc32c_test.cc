#include "libs/log/embedded/crc32c.h"

#include <string>

#include "gtest/gtest.h"

namespace throughline::log {
namespace {

// RFC 3720, B.4.
TEST(Crc32c, MatchesTheStandardsExamples) {
  EXPECT_EQ(ExtendCrc32c(0, std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(ExtendCrc32c(0, std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(ExtendCrc32c(0, "123456789"), 0xe3069283u);
}

TEST(Crc32c, ExtendsPieceByPiece) {
  const std::string text = "the quick brown fox jumps over the lazy dog";
  for (size_t i = 0; i <= text.size(); ++i) {
    EXPECT_EQ(ExtendCrc32c(ExtendCrc32c(0, text.substr(0, i)), text.substr(i)), ExtendCrc32c(0, text));
  }
}

}  // namespace
}  // namespace throughline::log
