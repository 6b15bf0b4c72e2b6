#include "libs/runtime/seen_streams.h"

#include <string>

#include "gtest/gtest.h"

namespace throughline::runtime {
namespace {

TEST(SeenStreams, ForgetsNoneAndMistakesFew) {
  SeenStreams seen;
  constexpr int kMany = 1'000'000;
  for (int i = 0; i < kMany; ++i) seen.Add("order/" + std::to_string(i));
  int missed = 0;
  int mistaken = 0;
  for (int i = 0; i < kMany; ++i) {
    missed += seen.MayHave("order/" + std::to_string(i)) ? 0 : 1;
    mistaken += seen.MayHave("case/" + std::to_string(i)) ? 1 : 0;
  }
  EXPECT_EQ(missed, 0);
  EXPECT_LT(mistaken, kMany / 100);
}

}  // namespace
}  // namespace throughline::runtime
