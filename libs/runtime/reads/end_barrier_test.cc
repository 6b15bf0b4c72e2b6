#include "libs/runtime/reads/end_barrier.h"

#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

const log::Partition kZero{log::Topic::kIntake, 0}, kOne{log::Topic::kIntake, 1};

class EndBarrierTest : public ::testing::Test {
 protected:
  EndBarrierTest() { log_.answers_ends = false; }

  void Wait(const std::string& who, std::optional<log::Partition> only = std::nullopt) {
    barrier_.Wait([this, who](const absl::Status& status) { reached_[who] = status; }, absl::InfiniteFuture(), only);
  }
  void AnswerEnds() {
    log_.AnswerEnds();
    for (Inbox::Task& task : inbox_->Take()) task();
  }
  void Fold(const log::Partition& partition, int64_t next) {
    positions_.Set(partition, next);
    barrier_.Folded();
  }
  bool Reached(const std::string& who) const { return reached_.contains(who) && reached_.at(who).ok(); }

  Book book_{2};
  ScriptedLog log_{book_};
  Positions positions_{{2, 0, 0, 0}};
  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  prometheus::Registry registry_;
  Probe probe_{registry_, {log::Topic::kIntake}};
  EndBarrier barrier_{log_, positions_, {kZero, kOne}, inbox_, probe_};
  std::map<std::string, absl::Status> reached_;
};

TEST_F(EndBarrierTest, IsReachedOnceTheEndIsFolded) {
  book_.Write(kZero, "a", "");
  book_.Write(kZero, "a", "");
  Wait("first");
  EXPECT_FALSE(Reached("first")) << "nobody knows yet where the end is";
  AnswerEnds();
  Fold(kZero, 1);
  EXPECT_FALSE(Reached("first"));
  Fold(kZero, 2);
  EXPECT_TRUE(Reached("first"));
}

// A query already sent may return an end older than this request.
TEST_F(EndBarrierTest, WhoComesWhileTheEndIsAskedForWaitsForTheNextAnswer) {
  Wait("first");
  book_.Write(kZero, "a", "");
  Wait("second");
  AnswerEnds();
  EXPECT_TRUE(Reached("first"));
  EXPECT_FALSE(Reached("second")) << "that end was asked for before the second came";
  ASSERT_EQ(log_.questions(), 1u);
  AnswerEnds();
  EXPECT_FALSE(Reached("second"));
  Fold(kZero, 1);
  EXPECT_TRUE(Reached("second"));
}

TEST_F(EndBarrierTest, OnePartitionDoesNotWaitForAnother) {
  book_.Write(kZero, "a", "");
  Wait("all");
  AnswerEnds();
  Wait("one", kOne);
  AnswerEnds();
  EXPECT_TRUE(Reached("one"));
  EXPECT_FALSE(Reached("all"));
}

TEST_F(EndBarrierTest, ASilentLogIsSaid) {
  Wait("first");
  log_.FailEnds();
  for (Inbox::Task& task : inbox_->Take()) task();
  EXPECT_TRUE(absl::IsUnavailable(reached_.at("first")));
}

}  // namespace
}  // namespace throughline::runtime::testing
