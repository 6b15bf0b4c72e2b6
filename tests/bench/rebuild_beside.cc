// The latency of commands while stores are rebuilt beside them, and without.

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include <fmt/format.h>

#include "tests/bench/support/requests.h"
#include "tests/bench/throughput.h"
#include "tests/support/process.h"

namespace throughline::bench {
namespace {

constexpr int kInFlight = 4;  // as with watchers: other calls find a free processor

// Rebuilds all stores of the suite, again and again, at the default rate.
class Rebuilding {
 public:
  Rebuilding(const std::string& data, double seconds)
      : thread_([this, data, seconds] {
          while (!over_) {
            const testing::Finished done =
                testing::Run({"/usr/bin/timeout", "-s", "TERM", absl::StrCat(seconds), testing::Program("throughline"),
                              "--data", data, "rebuild", "--fresh"});
            constexpr int kInTime = 0, kTimeOut = 124;
            if (done.exit_code != kInTime && done.exit_code != kTimeOut) Fail("rebuild: " + done.err + done.out);
          }
        }) {}
  ~Rebuilding() {
    over_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace

void MeasureRebuildBeside(const Size& size, Report& report) {
  RunningSuite suite;
  Progress(fmt::format("rebuild beside: loading {} orders", size.rebuild_orders));
  LoadOrders(suite, size.rebuild_orders);
  const client::Client ana(suite.As("ana"));
  client::Measured with, without;
  for (int round = 0; round < size.latency_rounds; ++round) {
    suite.AwaitQuiet();
    const client::Measured alone = DriveOpenCase(ana, fmt::format("alone{}", round), kInFlight, size.seconds);
    suite.AwaitQuiet();
    client::Measured beside;
    {
      const Rebuilding rebuilding(suite.data(), size.seconds + 1);
      beside = DriveOpenCase(ana, fmt::format("beside{}", round), kInFlight, size.seconds);
    }
    Progress(fmt::format("round {}: p99 {:.2f} ms alone, {:.2f} ms beside a rebuild: {:.2f}", round + 1, alone.p99_ms,
                         beside.p99_ms, beside.p99_ms / alone.p99_ms));
    if (round == 0 || alone.p99_ms < without.p99_ms) without = alone;
    if (round == 0 || beside.p99_ms < with.p99_ms) with = beside;
  }
  report.AddRatio({"rebuild_beside_p99_vs_alone", "OpenCase p99, stores rebuilt beside it vs not", with.p99_ms,
                   without.p99_ms, "ms", with.p99_ms / without.p99_ms, 1.5, true});
}

}  // namespace throughline::bench
