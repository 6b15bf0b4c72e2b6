#include "libs/runtime/reads/watches.h"

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

struct OnTheirOwn : ::testing::Test {
  prometheus::Registry registry;
  Probe probe{registry, {}};
  InlineExecutor at_once;
};

TEST_F(OnTheirOwn, OfOneStringAreIndependent) {
  Watches watches(at_once, probe);
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

TEST_F(OnTheirOwn, AreCalledAtTheEarliestTimeThatWasAskedFor) {
  Watches watches(at_once, probe);
  int called = 0;
  auto handle = watches.Add("x", [&] { ++called; });
  const absl::Time noon = Noon();
  watches.NotifyAt("x", noon + absl::Hours(2));
  watches.NotifyAt("x", noon + absl::Hours(1));
  watches.NotifyAt("x", noon + absl::Hours(3));
  watches.NotifyAt("nobody watches it", noon);
  watches.NotifyDue(noon + absl::Hours(1) - absl::Microseconds(1));
  EXPECT_EQ(called, 0);
  watches.NotifyDue(noon + absl::Hours(1));
  EXPECT_EQ(called, 1);
  watches.NotifyDue(noon + absl::Hours(9));
  EXPECT_EQ(called, 1) << "the later times were not kept";
  watches.NotifyAt("x", noon + absl::Hours(10));
  watches.NotifyDue(noon + absl::Hours(10));
  EXPECT_EQ(called, 2);
}

TEST_F(OnTheirOwn, MayEndThemselvesWhileTheyAreCalledAndOutliveTheTable) {
  auto watches = std::make_unique<Watches>(at_once, probe);
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

// Keeps what it is given until it is told to run some of it.
class LateExecutor : public Executor {
 public:
  void Run(Task task) override { tasks_.push_back(std::move(task)); }
  size_t waiting() const override { return tasks_.size(); }
  void RunAll() {
    while (!tasks_.empty()) {
      Task task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
  }

 private:
  std::deque<Task> tasks_;
};

TEST_F(OnTheirOwn, AChangeIsOneTaskHoweverManyWatchAndChangesBeforeItRunsAreToldTogether) {
  LateExecutor later;
  Watches watches(later, probe);
  std::vector<Watches::Handle> handles;
  std::vector<int> order;
  for (int i = 0; i < 1000; ++i) handles.push_back(watches.Add("x", [&order, i] { order.push_back(i); }));
  int other = 0;
  handles.push_back(watches.Add("y", [&other] { ++other; }));
  for (int i = 0; i < 50; ++i) {
    watches.Notify({"x", "unwatched"});
    EXPECT_EQ(later.waiting(), 1u);
  }
  watches.Notify({"y"});
  EXPECT_EQ(later.waiting(), 1u);
  EXPECT_TRUE(order.empty());
  later.RunAll();
  ASSERT_EQ(order.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
  EXPECT_EQ(other, 1);
}

TEST_F(OnTheirOwn, AChangeThatComesWhileOneIsToldIsToldAgain) {
  LateExecutor later;
  Watches watches(later, probe);
  int called = 0;
  auto handle = watches.Add("x", [&] {
    if (++called == 1) watches.Notify({"x"});
  });
  watches.Notify({"x"});
  later.RunAll();
  EXPECT_EQ(called, 2);
}

TEST_F(OnTheirOwn, OneThatHasEndedIsNotCalledThoughTheChangeWasBefore) {
  LateExecutor later;
  Watches watches(later, probe);
  int called = 0;
  Watches::Handle second;
  auto first = watches.Add("x", [&] { second.reset(); });
  second = watches.Add("x", [&] { ++called; });
  watches.Notify({"x"});
  later.RunAll();
  EXPECT_EQ(called, 0);
}

}  // namespace
}  // namespace throughline::runtime::testing
