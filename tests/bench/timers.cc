// Timers and pages of lists: the cost of a lookup with a million rows, compared with a thousand.

#include <deque>

#include "absl/time/clock.h"
#include <fmt/format.h>

#include "libs/client/load.h"
#include "libs/runtime/fold/projection.h"
#include "libs/runtime/timers/timer_index.h"
#include "libs/store/rocks/rocks_key_value.h"
#include "tests/bench/support/fixture.h"
#include "tests/bench/support/watchers.h"

namespace throughline::bench {
namespace {

constexpr char kTimer[] = "promise";
const absl::Time kBegin = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kBetweenTimers = absl::Seconds(1);
constexpr absl::Duration kLook = absl::Milliseconds(50);

// Timers that fire one after another; each is set again behind all others, so that their number is constant.
class Timers {
 public:
  Timers(int64_t count, int64_t cancelled) : count_(count) {
    Open();
    for (int64_t n = 0; n < count; n += 1000) {
      Write([&](store::Batch& batch) {
        for (int64_t i = n; i < std::min(n + 1000, count); ++i)
          runtime::ScheduleTimer(batch, Due(i), StreamOf(i), kTimer);
      });
    }
    // Before all others, where each look begins.
    const auto early = [&](int64_t i) { return kBegin + i * absl::Milliseconds(10); };
    for (int64_t i = 0; i < cancelled; ++i) {
      Write([&](store::Batch& batch) { runtime::ScheduleTimer(batch, early(i), StreamOf(i), "cancelled"); });
    }
    for (int64_t i = 0; i < cancelled; ++i) {
      Write([&](store::Batch& batch) { runtime::CancelTimer(batch, early(i), StreamOf(i), "cancelled"); });
    }
    Open();  // as after a restart: all rows are in files
  }

  // The duration of each of that many lookups; one in twenty finds a timer.
  std::vector<absl::Duration> Look(int looks) {
    std::vector<absl::Duration> took;
    for (int i = 0; i < looks; ++i) {
      now_ += kLook;
      const absl::Time begun = absl::Now();
      const std::vector<std::string> due = index_->TakeDue(now_, 256, [](const std::string&) { return true; });
      took.push_back(absl::Now() - begun);
      for (size_t fired = 0; fired < due.size(); ++fired, ++next_) {
        Write([&](store::Batch& batch) {
          runtime::CancelTimer(batch, Due(next_), StreamOf(next_), kTimer);
          runtime::ScheduleTimer(batch, Due(next_ + count_), StreamOf(next_ + count_), kTimer);
        });
      }
    }
    if (next_ == 0) Fail("no timer was due");
    return took;
  }

  // Pages of a hundred rows: the first four after the middle, repeatedly, so that disk reads do not count.
  std::vector<absl::Duration> Page(int pages) {
    constexpr int kRows = 100, kAgain = 4;
    const int64_t middle = next_ + count_ / 2;
    const std::string begin = runtime::kTimerRows.KeyOf(Due(middle), StreamOf(middle), std::string(kTimer));
    std::vector<absl::Duration> took;
    std::string after = begin;
    while (static_cast<int>(took.size()) < pages) {
      int rows = 0;
      std::string last;
      const absl::Time begun = absl::Now();
      runtime::kTimerRows.Scan(*store_->View(), after, [&](std::string_view raw, const auto&, const auto&) {
        if (++rows < kRows) return true;
        last = std::string(raw);
        return false;
      });
      if (rows < kRows) Fail("a page came back short");
      took.push_back(absl::Now() - begun);
      after = took.size() % kAgain == 0 ? begin : last;
    }
    return took;
  }

 private:
  void Open() {
    index_.reset();
    store_.reset();
    store::RocksKeyValue::Options options;
    options.path = directory_.path() + "/store";
    options.layout = "bench";
    auto store = store::RocksKeyValue::Open(options);
    if (!store.ok()) Fail(store.status().ToString());
    store_ = *std::move(store);
    index_ = std::make_unique<runtime::TimerIndex>(*store_);
  }
  absl::Time Due(int64_t n) const { return kBegin + absl::Minutes(10) + n * kBetweenTimers; }
  static std::string StreamOf(int64_t n) { return fmt::format("ownership/{:010}", n * 7919 % 1'000'000'007); }
  // As the fold does.
  void Write(const std::function<void(store::Batch&)>& change) {
    store::Batch batch(*store_);
    change(batch);
    const auto notified = batch.TakeNotified();
    store_->Write(batch.TakeChanges());
    for (const std::string& key : runtime::TimersAmong(notified)) index_->Changed(key);
  }

  const int64_t count_;
  TestDirectory directory_;
  std::unique_ptr<store::RocksKeyValue> store_;
  std::unique_ptr<runtime::TimerIndex> index_;
  absl::Time now_ = kBegin + absl::Minutes(9);
  int64_t next_ = 0;  // the next timer to fire
};

double P99Micros(std::vector<absl::Duration> took) { return client::Percentile(took, 0.99) * 1000; }

}  // namespace

void MeasureTimers(const Size& size, Report& report) {
  constexpr int64_t kFew = 1000;
  constexpr int64_t kCancelled = 30'000;
  constexpr int kLooks = 40'000, kPages = 1000;
  Progress(fmt::format("timers: writing {}", size.timers));
  Timers few(kFew, 0), many(size.timers, kCancelled);
  double look_few = 1e9, look_many = 1e9, page_few = 1e9, page_many = 1e9;
  absl::Duration longest;
  for (int round = 0; round < size.rounds; ++round) {
    page_few = std::min(page_few, P99Micros(few.Page(kPages)));
    page_many = std::min(page_many, P99Micros(many.Page(kPages)));
  }
  for (int round = 0; round < size.rounds; ++round) {
    Progress(fmt::format("timers, round {}", round + 1));
    look_few = std::min(look_few, P99Micros(few.Look(kLooks)));
    const std::vector<absl::Duration> took = many.Look(kLooks);
    longest = std::max(longest, *std::max_element(took.begin(), took.end()));
    look_many = std::min(look_many, P99Micros(took));
  }
  report.AddRatio({"timer_look_1m_vs_1k",
                   fmt::format("look for due timers p99, {} ({} cancelled) vs {}", size.timers, kCancelled, kFew),
                   look_many, look_few, "us", look_many / look_few, 1.5, true});
  report.AddValue("timer_look_longest_ms", "  the longest, which reads the next thousands",
                  absl::ToDoubleMilliseconds(longest), "ms");
  report.AddRatio({"list_page_1m_vs_1k", fmt::format("a page of 100 rows p99, of {} vs {}", size.timers, kFew),
                   page_many, page_few, "us", page_many / page_few, 1.5, true});
}

}  // namespace throughline::bench
