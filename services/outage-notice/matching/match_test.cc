#include "services/outage-notice/matching/match.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::outage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Words, AreRunsOfLettersAndDigitsInLowerCase) {
  EXPECT_THAT(WordsOf("The page stays WHITE, error 500!"),
              ElementsAre("the", "page", "stays", "white", "error", "500"));
  EXPECT_THAT(WordsOf("Größe: 5"), ElementsAre("größe", "5"));
  EXPECT_THAT(WordsOf(" .-! "), IsEmpty());
}

TEST(Words, AreNamedAsAPhraseAndAsWholeWords) {
  const Words words = WordsOf("I cannot pay; the white page comes back.");
  EXPECT_TRUE(Names(words, "pay"));
  EXPECT_TRUE(Names(words, "White-page"));
  EXPECT_FALSE(Names(words, "page white"));
  EXPECT_FALSE(Names(words, "pa"));
  EXPECT_FALSE(Names(words, "..")) << "a keyword without words names nothing";
}

TEST(Scope, AnEmptyListHitsAllAndWhatIsNotKnownMayBeHit) {
  v1::NoticeScope scope;
  EXPECT_TRUE(HitsRegion(scope, "north"));
  scope.add_regions("north");
  EXPECT_TRUE(HitsRegion(scope, "north"));
  EXPECT_TRUE(HitsRegion(scope, ""));
  EXPECT_FALSE(HitsRegion(scope, "south"));
  scope.add_channels("app");
  EXPECT_TRUE(Hits(scope, {.region = "north", .channel = "app", .product = "", .customer_group = ""}));
  EXPECT_FALSE(Hits(scope, {.region = "north", .channel = "web", .product = "", .customer_group = ""}));
}

}  // namespace
}  // namespace throughline::outage
