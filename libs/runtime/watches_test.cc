#include "libs/runtime/watches.h"

#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

TEST(Watches, AreCalledOnceWhatTheyWatchCanBeRead) {
  Book book(1);
  Bench bench(book);
  std::vector<int64_t> seen;
  auto handle = bench.replica->streams().watches().Add("account/a", [&] { seen.push_back(BalanceOf(bench, "a")); });
  bench.Give("a", Deposit(5), "c1");
  bench.Give("b", Deposit(7), "c2");
  bench.Give("a", Deposit(1), "c3");
  bench.Give("a", Withdraw(100), "c4");
  EXPECT_EQ(seen, (std::vector<int64_t>{5, 6}));
  handle.reset();
  bench.Give("a", Deposit(1), "c5");
  EXPECT_EQ(seen.size(), 2u);
}

TEST(Watches, OfOneStringAreIndependent) {
  Watches watches;
  int first = 0;
  int second = 0;
  auto one = watches.Add("x", [&] { ++first; });
  auto two = watches.Add("x", [&] { ++second; });
  watches.Notify({"x", "y"});
  one.reset();
  watches.Notify({"x"});
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 2);
}

TEST(Watches, MayEndThemselvesWhileTheyAreCalledAndOutliveTheTable) {
  auto watches = std::make_unique<Watches>();
  Watches::Handle handle;
  int called = 0;
  handle = watches->Add("x", [&] {
    ++called;
    handle.reset();
  });
  watches->Notify({"x"});
  watches->Notify({"x"});
  EXPECT_EQ(called, 1);
  auto late = watches->Add("x", [] {});
  watches.reset();
  late.reset();
}

}  // namespace
}  // namespace throughline::runtime::testing
