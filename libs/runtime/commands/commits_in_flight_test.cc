#include "libs/runtime/commands/commits_in_flight.h"

#include <gtest/gtest.h>

namespace throughline::runtime {
namespace {

// Commits 1, 2 and 3 in flight on stream `a`, each decided on the one before.
class CommitsInFlightTest : public ::testing::Test {
 protected:
  CommitsInFlightTest() {
    for (uint64_t version = 1; version <= 3; ++version) {
      auto header = std::make_shared<throughline::log::v1::Commit>();
      header->set_stream("a");
      header->set_version(version);
      header->set_follows(version == 1 ? "" : DigestOf(version - 1));
      header->mutable_actor()->set_id("ann");
      header->set_command_id("c" + std::to_string(version));
      auto commit = std::make_unique<CommitInFlight>();
      commit->digest = DigestOf(version);
      commit->local.commit.header = std::move(header);
      commits_.Add(std::move(commit));
    }
  }
  static std::string DigestOf(uint64_t version) { return "digest" + std::to_string(version); }
  static Caller Giving(const std::string& command_id) {
    Caller caller;
    caller.id = "ann";
    caller.command_id = command_id;
    return caller;
  }
  uint64_t Last(const std::string& stream) const {
    const CommitInFlight* last = commits_.Last(stream);
    return last == nullptr ? 0 : last->header().version();
  }
  bool Has(const std::string& command_id) const { return commits_.FindCommand("a", Giving(command_id)) != nullptr; }
  bool MayStillCome(const std::string& command_id) const { return commits_.MayStillCome("a", Giving(command_id)); }

  CommitsInFlight commits_;
};

TEST_F(CommitsInFlightTest, TheNextIsDecidedOnTheLastOfItsStream) {
  EXPECT_EQ(Last("a"), 3u);
  EXPECT_EQ(Last("b"), 0u);
  EXPECT_TRUE(Has("c1"));
}

TEST_F(CommitsInFlightTest, WhatIsAcceptedIsNotInFlightAnyMore) {
  commits_.Accepted("a", "digest1");
  EXPECT_NE(commits_.TakeFolded("digest1", true), nullptr);
  EXPECT_EQ(Last("a"), 3u);
  EXPECT_FALSE(Has("c1"));
  EXPECT_EQ(commits_.Find("digest1"), nullptr);
  commits_.Accepted("a", "digest2");
  commits_.Accepted("a", "digest3");
  EXPECT_EQ(Last("a"), 0u);
}

TEST_F(CommitsInFlightTest, NoneCanBeAcceptedOnceAnotherWritersIs) {
  commits_.Accepted("a", "another writer's");
  EXPECT_EQ(Last("a"), 0u);
  EXPECT_FALSE(Has("c3"));
  EXPECT_NE(commits_.Find("digest3"), nullptr) << "the fold has yet to find it void";
}

TEST_F(CommitsInFlightTest, AnotherStreamIsNotConcerned) {
  commits_.Accepted("b", "another writer's");
  EXPECT_EQ(Last("a"), 3u);
}

TEST_F(CommitsInFlightTest, AVoidCommitTakesAllThatWasDecidedOnIt) {
  EXPECT_NE(commits_.TakeFolded("digest2", false), nullptr);
  EXPECT_EQ(Last("a"), 1u);
  EXPECT_FALSE(Has("c3"));
  EXPECT_NE(commits_.TakeFolded("digest1", false), nullptr);
  EXPECT_EQ(Last("a"), 0u);
}

TEST_F(CommitsInFlightTest, AnUnknownCommitMayStillComeAndWithItWhatFollowsIt) {
  EXPECT_NE(commits_.TakeFailed("digest2", true, absl::ZeroDuration()), nullptr);
  EXPECT_EQ(Last("a"), 1u);
  EXPECT_FALSE(MayStillCome("c1")) << "in flight, not unknown";
  EXPECT_TRUE(MayStillCome("c2"));
  EXPECT_TRUE(MayStillCome("c3"));
  commits_.Accepted("a", "digest1");
  EXPECT_TRUE(MayStillCome("c2"));
  EXPECT_TRUE(MayStillCome("c3"));
  commits_.Accepted("a", "another writer's");
  EXPECT_FALSE(MayStillCome("c2"));
  EXPECT_FALSE(MayStillCome("c3"));
}

TEST_F(CommitsInFlightTest, AnUnknownCommitIsGivenUpInTheEnd) {
  commits_.TakeFailed("digest3", true, absl::ZeroDuration());
  commits_.Expire(CommitsInFlight::kUnknownFor - absl::Seconds(1));
  EXPECT_TRUE(MayStillCome("c3"));
  commits_.Expire(CommitsInFlight::kUnknownFor);
  EXPECT_FALSE(MayStillCome("c3"));
}

TEST_F(CommitsInFlightTest, AFailedCommitNeverComes) {
  EXPECT_NE(commits_.TakeFailed("digest2", false, absl::ZeroDuration()), nullptr);
  EXPECT_EQ(Last("a"), 1u);
  EXPECT_FALSE(MayStillCome("c2"));
  EXPECT_FALSE(MayStillCome("c3"));
  EXPECT_EQ(commits_.TakeFailed("digest2", true, absl::ZeroDuration()), nullptr) << "known already";
}

}  // namespace
}  // namespace throughline::runtime
