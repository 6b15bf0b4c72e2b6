#include "tests/bench/watchers.h"

#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include <fmt/format.h>

#include "tests/bench/fixture.h"
#include "tests/bench/requests.h"
#include "tests/support/crowd.h"
#include "tests/support/outage.h"

namespace throughline::bench {
namespace {

constexpr int kNotices = 500;
constexpr int kFollowAll = 20;  // of the watchers; each of the others follows one component
constexpr int kInFlight = 4;    // what others ask for must not wait, and they leave room for it
constexpr absl::Duration kBetweenNews = absl::Milliseconds(20);

// News about the notices in turn, until it goes.
class News {
 public:
  News(const testing::Outage& outage, const client::Options& options) : client_(options) {
    thread_ = std::thread([this, &outage] {
      for (int64_t n = 0; !over_; ++n) {
        if (const auto updated = client_.Call<outage::v1::UpdateNoticeResponse>(outage.News(n)); !updated.ok())
          Fail("news: " + updated.status().ToString());
        absl::SleepFor(kBetweenNews);
      }
    });
  }
  ~News() {
    over_ = true;
    thread_.join();
  }

 private:
  const client::Client client_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace

void MeasureWatchers(const Size& size, Report& report) {
  RunningSuite suite;
  const client::Client ana(suite.As("ana"));
  Progress(fmt::format("watchers: publishing {} notices", kNotices));
  testing::Outage outage(kNotices);
  if (absl::Status status = outage.Begin(client::Client(suite.As("sam"))); !status.ok()) Fail(status.ToString());
  client::Measured with, without;
  int64_t messages = 0;
  for (int round = 0; round < size.latency_rounds; ++round) {
    Progress(fmt::format("watchers, round {}", round + 1));
    suite.AwaitQuiet();
    const auto measure = [&](const char* run) {
      const News news(outage, suite.As("sam"));
      return DriveOpenCase(ana, fmt::format("{}{}", run, round), kInFlight, size.seconds);
    };
    const client::Measured alone = measure("alone");
    testing::Crowd crowd(suite.As("ana"), 16);
    for (int i = 0; i < size.watchers; ++i) {
      crowd.Follow(i < kFollowAll ? testing::Outage::FollowingAll()
                                  : testing::Outage::Following(static_cast<size_t>(i) % kNotices));
    }
    if (!crowd.AwaitHeard(absl::Minutes(5))) Fail("watchers hear nothing: " + crowd.why().ToString());
    suite.AwaitQuiet();
    const int64_t before = crowd.messages();
    const client::Measured watched = measure("watched");
    messages += crowd.messages() - before;
    if (crowd.ended() > 0) Fail("a watcher was let go: " + crowd.why().ToString());
    if (round == 0 || alone.p99_ms < without.p99_ms) without = alone;
    if (round == 0 || watched.p99_ms < with.p99_ms) with = watched;
  }
  if (messages == 0) Fail("the watchers were told nothing");
  report.AddRatio({"watched_p99_vs_alone", fmt::format("OpenCase p99, {} watchers vs none", size.watchers), with.p99_ms,
                   without.p99_ms, "ms", with.p99_ms / without.p99_ms, 1.5, true});
  report.AddValue("watched_messages_per_second", "  messages to the watchers meanwhile",
                  static_cast<double>(messages) / (size.latency_rounds * (size.seconds + 1)), "1/s");
  report.AddValue("rss_mb_watchers", "  peak memory", suite.PeakMemoryMib(), "MiB");
}

}  // namespace throughline::bench
