// A row that cannot be decoded fails the call that wanted it, and nothing else.

#include "libs/runtime/domain/damage.h"

#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

class DamageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(Say(bench_.Give("a", Deposit(1), "a1")), "ok 1");
    ASSERT_EQ(Say(bench_.Give("b", Deposit(1), "b1")), "ok 1");
    bench_.store.Write({{kStreamRows.KeyOf(std::string("account/a")), "\x08"}});
    bench_.Restart();  // what was read before is kept
    bench_.Run();
  }
  Book book_{1};
  Bench bench_{book_};
};

TEST_F(DamageTest, OfAStreamFailsItsCommandsOnly) {
  EXPECT_EQ(Say(bench_.Give("a", Deposit(1), "a2")), "DATA_LOSS ROW_UNREADABLE");
  EXPECT_EQ(Say(bench_.Give("b", Deposit(1), "b2")), "ok 2");
  EXPECT_EQ(bench_.log->waiting(), 0u);
}

TEST_F(DamageTest, OfWhatAReaderWantsIsToldToIt) {
  absl::Status told;
  bench_.replica->streams().AfterToken("", bench_.clock.Now() + absl::Seconds(1), [&](const absl::Status& status) {
    told = status;
    if (status.ok()) kStreamRows.Get(bench_.store, std::string("account/a"));
  });
  EXPECT_EQ(told.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReasonOf(told), "ROW_UNREADABLE");
}

}  // namespace
}  // namespace throughline::runtime::testing
