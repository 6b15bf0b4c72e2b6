#include "libs/store/rocks/bloom_filter.h"

#include "gtest/gtest.h"

namespace throughline::store {
namespace {

TEST(BloomFilter, NeverExcludesAnEntryAndExcludesMostOthers) {
  BloomFilter seen("oc");
  constexpr int kMany = 300'000;
  for (int i = 0; i < kMany; ++i) seen.Add("order/" + std::to_string(i));
  int missed = 0;
  int mistaken = 0;
  for (int i = 0; i < kMany; ++i) {
    missed += seen.Excludes("order/" + std::to_string(i)) ? 1 : 0;
    mistaken += seen.Excludes("case/" + std::to_string(i)) ? 0 : 1;
  }
  EXPECT_EQ(missed, 0);
  EXPECT_LT(mistaken, kMany / 1000);
}

TEST(BloomFilter, ExcludesNothingOfOtherTables) {
  BloomFilter seen("o");
  seen.Add("shipment/1");
  EXPECT_FALSE(seen.Excludes("shipment/1"));
  EXPECT_FALSE(seen.Excludes("shipment/2"));
  EXPECT_FALSE(seen.Excludes(""));
  EXPECT_FALSE(BloomFilter().Excludes("order/1"));
}

}  // namespace
}  // namespace throughline::store
