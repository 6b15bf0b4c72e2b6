#include "services/outage-notice/suspicion/surge.h"

#include "gtest/gtest.h"

namespace throughline::outage {
namespace {

// As it would be if days did not differ: so many cases came in as usual that nothing is left to doubt.
constexpr Today kAsUsual{1e12, 1e12};

TEST(Surge, TheProbabilityIsThatOfANegativeBinomial) {
  // Without a history it is geometric: one half for each case.
  EXPECT_NEAR(SurgeProbability(1, 1, {0, 0}, kAsUsual), 0.5, 1e-9);
  EXPECT_NEAR(SurgeProbability(10, 1, {0, 0}, kAsUsual) / 0.0009765625, 1, 1e-9);
  EXPECT_NEAR(SurgeProbability(20, 1, {0, 0}, kAsUsual) / 9.5367431640625e-07, 1, 1e-9);
  // Summed with Python's math.lgamma.
  EXPECT_NEAR(SurgeProbability(30, 1, {80, 8}, kAsUsual) / 2.2815299129086168e-07, 1, 1e-6);
  EXPECT_NEAR(SurgeProbability(25, 0.25, {160, 8}, kAsUsual) / 2.0410527953959248e-11, 1, 1e-6);
}

TEST(Surge, FewerThanExpectedAreNoSurge) {
  EXPECT_EQ(SurgeProbability(0, 1, {80, 8}, {}), 1);
  EXPECT_EQ(SurgeProbability(5, 1, {80, 8}, {}), 1);
  EXPECT_DOUBLE_EQ(UsualAnHour({80, 8}), 41.0 / 5.0);
  EXPECT_DOUBLE_EQ(Expected(0.25, {80, 8}, {}), 41.0 / 20.0);
}

TEST(Surge, ADayOnWhichMoreComesInRaisesWhatIsExpected) {
  EXPECT_DOUBLE_EQ(Expected(1, {80, 8}, {84, 34}), 41.0 / 5.0 * 2);
  EXPECT_GT(SurgeProbability(40, 1, {80, 8}, {84, 34}), SurgeProbability(40, 1, {80, 8}, {34, 34}));
}

TEST(Surge, MoreCasesAreLessProbable) {
  double before = 1;
  for (int64_t cases = 15; cases < 200; ++cases) {
    const double probability = SurgeProbability(cases, 1, {80, 8}, {50, 50});
    EXPECT_LT(probability, before) << cases;
    EXPECT_GT(probability, 0) << cases;
    before = probability;
  }
  // Large numbers neither overflow nor take long.
  EXPECT_LT(SurgeProbability(300'000, 1, {800'000, 8}, {600'000, 600'000}), 1e-6);
}

}  // namespace
}  // namespace throughline::outage
