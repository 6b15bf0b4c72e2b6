#include "libs/runtime/commands/overlay.h"

#include <gtest/gtest.h>

namespace throughline::runtime {
namespace {

// Commits 1, 2 and 3 in flight, each decided on the one before.
class OverlayTest : public ::testing::Test {
 protected:
  OverlayTest() {
    for (uint64_t version = 1; version <= 3; ++version) {
      const std::string n = std::to_string(version);
      overlay_.Push("a", {"digest" + n, version, "ann", "c" + n, nullptr});
    }
  }
  uint64_t Last(const std::string& stream) const {
    const InFlight* last = overlay_.Last(stream);
    return last == nullptr ? 0 : last->version;
  }
  bool Has(const std::string& command_id) const {
    Caller caller;
    caller.id = "ann";
    caller.command_id = command_id;
    return overlay_.FindCommand("a", caller) != nullptr;
  }

  Overlay overlay_;
};

TEST_F(OverlayTest, TheNextIsDecidedOnTheLastOfItsStream) {
  EXPECT_EQ(Last("a"), 3u);
  EXPECT_EQ(Last("b"), 0u);
  EXPECT_TRUE(Has("c1"));
}

TEST_F(OverlayTest, WhatIsAcceptedIsNotInFlightAnyMore) {
  overlay_.Accepted("a", "digest1");
  EXPECT_EQ(Last("a"), 3u);
  EXPECT_FALSE(Has("c1"));
  overlay_.Accepted("a", "digest2");
  overlay_.Accepted("a", "digest3");
  EXPECT_EQ(Last("a"), 0u);
}

TEST_F(OverlayTest, NoneCanBeAcceptedOnceAnotherWritersIs) {
  overlay_.Accepted("a", "another writer's");
  EXPECT_EQ(Last("a"), 0u);
  EXPECT_FALSE(Has("c3"));
}

TEST_F(OverlayTest, AnotherStreamIsNotConcerned) {
  overlay_.Accepted("b", "another writer's");
  overlay_.Drop("b", "digest1");
  EXPECT_EQ(Last("a"), 3u);
}

TEST_F(OverlayTest, ALostCommitTakesAllThatWasDecidedOnIt) {
  overlay_.Drop("a", "digest2");
  EXPECT_EQ(Last("a"), 1u);
  EXPECT_FALSE(Has("c3"));
  overlay_.Drop("a", "digest1");
  EXPECT_EQ(Last("a"), 0u);
}

}  // namespace
}  // namespace throughline::runtime
