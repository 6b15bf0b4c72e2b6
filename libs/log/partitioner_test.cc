#include "libs/log/partitioner.h"

#include <string>

#include "gtest/gtest.h"

namespace throughline::log {
namespace {

// From Kafka's own UtilsTest.testMurmur2.
TEST(Partitioner, HashesAsKafkaDoes) {
  EXPECT_EQ(Murmur2("21"), -973932308);
  EXPECT_EQ(Murmur2("foobar"), -790332482);
  EXPECT_EQ(Murmur2("a-little-bit-long-string"), -985981536);
  EXPECT_EQ(Murmur2("a-little-bit-longer-string"), -1486304829);
  EXPECT_EQ(Murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
  EXPECT_EQ(Murmur2("abc"), 479470107);
}

TEST(Partitioner, MasksTheSignAndTakesTheRest) {
  EXPECT_EQ(PartitionFor("abc", 12), 479470107 % 12);
  EXPECT_EQ(PartitionFor("21", 12), (-973932308 & 0x7fffffff) % 12);
  EXPECT_EQ(PartitionFor("21", 1), 0);
}

TEST(Partitioner, BytesAreUnsigned) {
  // The trailing bytes are masked in Kafka; without that a byte above 0x7f would spread its sign.
  for (size_t length : {1u, 2u, 3u, 5u, 6u, 7u}) {
    const std::string high(length, '\xff');
    for (int32_t n : {1, 3, 12, 1024}) {
      EXPECT_GE(PartitionFor(high, n), 0);
      EXPECT_LT(PartitionFor(high, n), n);
    }
  }
  EXPECT_NE(Murmur2("\xff"), Murmur2("\x7f"));
}

}  // namespace
}  // namespace throughline::log
