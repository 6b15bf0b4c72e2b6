#include "tests/bench/support/watchers.h"

#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include <fmt/format.h>

#include "tests/bench/support/fixture.h"
#include "tests/bench/support/followers.h"
#include "tests/bench/support/requests.h"
#include "tests/support/outage.h"

namespace throughline::bench {
namespace {

constexpr int kNotices = 500;
constexpr int kInFlight = 4;  // low, so that other calls find a free processor
constexpr absl::Duration kBetweenNews = absl::Milliseconds(20);

// Publishes news about the notices in turn, until destroyed.
class News {
 public:
  News(const testing::Outage& outage, const client::Options& options) : client_(options) {
    thread_ = std::thread([this, &outage] {
      for (int64_t n = 0; !over_; ++n) {
        if (const auto updated = client_.Call<outage::v1::UpdateNoticeResponse>(outage.News(n)); !updated.ok())
          Fail("news: " + updated.status().ToString());
        ++told_;
        absl::SleepFor(kBetweenNews);
      }
    });
  }
  ~News() { Stop(); }
  // Returns how many were published.
  int64_t Stop() {
    over_ = true;
    if (thread_.joinable()) thread_.join();
    return told_;
  }

 private:
  const client::Client client_;
  std::atomic<bool> over_{false};
  std::atomic<int64_t> told_{0};
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
  int64_t messages = 0, sent = 0;
  for (int round = 0; round < size.latency_rounds; ++round) {
    Progress(fmt::format("watchers, round {}", round + 1));
    suite.AwaitQuiet();
    int64_t told = 0;
    const auto measure = [&](const char* run) {
      News news(outage, suite.As("sam"));
      const client::Measured measured = DriveOpenCase(ana, fmt::format("{}{}", run, round), kInFlight, size.seconds);
      told = news.Stop();
      return measured;
    };
    const client::Measured alone = measure("alone");
    Followers followers(suite.As("ana"), size.watchers, kNotices);
    suite.AwaitQuiet();
    const client::Measured watched = measure("watched");
    suite.AwaitQuiet();
    messages += followers.End();
    for (int64_t n = 0; n < told; ++n) sent += Followers::Concerned(size.watchers, kNotices, n);
    Progress(fmt::format("p99 {:.2f} ms alone, {:.2f} ms watched: {:.2f}", alone.p99_ms, watched.p99_ms,
                         watched.p99_ms / alone.p99_ms));
    if (round == 0 || alone.p99_ms < without.p99_ms) without = alone;
    if (round == 0 || watched.p99_ms < with.p99_ms) with = watched;
  }
  if (messages == 0) Fail("the watchers were told nothing");
  report.AddRatio({"watched_p99_vs_alone", fmt::format("OpenCase p99, {} watchers vs none", size.watchers), with.p99_ms,
                   without.p99_ms, "ms", with.p99_ms / without.p99_ms, 1.5, true});
  report.AddValue("watched_messages_per_second", "  messages to the watchers meanwhile",
                  static_cast<double>(messages) / (size.latency_rounds * (size.seconds + 1)), "1/s");
  report.AddValue("watched_messages_share", "  of the news, the rest replaced by newer news",
                  static_cast<double>(messages) / static_cast<double>(sent), "");
  report.AddValue("rss_mb_watchers", "  peak memory", suite.PeakMemoryMib(), "MiB");
}

}  // namespace throughline::bench
