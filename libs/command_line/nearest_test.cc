#include "libs/command_line/nearest.h"

#include "gtest/gtest.h"

namespace throughline::command_line {
namespace {

TEST(Distance, CountsLetters) {
  EXPECT_EQ(Distance("", ""), 0u);
  EXPECT_EQ(Distance("", "abc"), 3u);
  EXPECT_EQ(Distance("order", "ordr"), 1u);
  EXPECT_EQ(Distance("notice", "notcie"), 1u) << "two that changed places";
  EXPECT_EQ(Distance("kitten", "sitting"), 3u);
}

TEST(Nearest, IsTheWordThatWasProbablyMeant) {
  const std::vector<std::string> known = {"order", "case", "notice", "--timeout", "--customer", "--color"};
  EXPECT_EQ(Nearest("ordr", known), "order");
  EXPECT_EQ(Nearest("Order", known), "order");
  EXPECT_EQ(Nearest("--tmeout", known), "--timeout");
  EXPECT_EQ(Nearest("--colour", known), "--color");
  EXPECT_EQ(Nearest("--cust", known), "--customer");
  EXPECT_EQ(Nearest("notcie", known), "notice");
  EXPECT_EQ(Nearest("csae", known), "case");
  EXPECT_EQ(Nearest("fsh", {"bash", "zsh", "fish"}), "fish") << "few mistype the first letter";
}

TEST(Nearest, AFewAreSortedByDistance) {
  using Words = std::vector<std::string>;
  const Words known = {"web-checkouts", "billing", "web-check", "web-checkout"};
  EXPECT_EQ(NearestFew("web-chekout", known, 5), (Words{"web-checkout", "web-checkouts"}));
  EXPECT_EQ(NearestFew("web-chekout", known, 1), Words{"web-checkout"});
  EXPECT_EQ(NearestFew("zzz", known, 5), Words());
}

TEST(Nearest, IsNoneIfNoWordIsNear) {
  const std::vector<std::string> known = {"order", "case", "notice"};
  EXPECT_EQ(Nearest("fetch", known), std::nullopt);
  EXPECT_EQ(Nearest("", known), std::nullopt);
  EXPECT_EQ(Nearest("x", known), std::nullopt);
  EXPECT_EQ(Nearest("order", {}), std::nullopt);
  EXPECT_EQ(DidYouMean("fetch", known), "");
  EXPECT_EQ(DidYouMean("cas", known), "; did you mean `case`?");
}

}  // namespace
}  // namespace throughline::command_line
