#include <atomic>

#include <fmt/format.h>

#include "libs/client/load.h"
#include "tests/bench/rebuild.h"
#include "tests/bench/support/fixture.h"
#include "tests/bench/support/requests.h"
#include "tests/bench/support/straight.h"
#include "tests/bench/throughput.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::bench {
namespace {

// With placement, dispatch, the shipment and its announcement: ten events of an order.
constexpr int kFullScans = 6;
// The suite's default cache, and the most that it uses besides (services/throughline/README.md).
constexpr double kMostMib = 128 + 320;

// Of `traced` orders, spread evenly over all.
client::Measured DriveTrace(const client::Client& client, int64_t orders, int64_t traced_orders, double seconds,
                            int64_t* entries) {
  const int64_t step = orders / traced_orders;
  std::atomic<int64_t> seen{0};
  client::Measured measured =
      client::Drive(4, absl::Seconds(1), absl::Seconds(seconds), [&](int64_t n, std::function<void(bool)> done) {
        supplier::v1::TraceOrderRequest request;
        request.set_order_id(OrderId((n * 7919) % traced_orders * step));
        client.Start<supplier::v1::TraceOrderResponse>(request, [&seen, done = std::move(done)](const auto& traced) {
          if (traced.ok()) seen = traced->entries_size();
          done(traced.ok() && traced->entries_size() > 0);
        });
      });
  if (measured.failures > 0) Fail(fmt::format("{} traces failed or were empty", measured.failures));
  *entries = seen;
  return measured;
}

// The best p99 of a few rounds: the code's cost, without other load on the machine.
void KeepBest(client::Measured& best, const client::Measured& again) {
  if (best.p99_ms == 0 || again.p99_ms < best.p99_ms) best = again;
}

// Loads a suite; returns its peak memory.
double Fill(RunningSuite& suite, int64_t orders, const Histories& histories = {}) {
  Progress(fmt::format("TraceOrder: loading {} orders, {} of them with a history", orders, histories.orders));
  LoadOrders(suite, orders, histories);
  suite.AwaitQuiet();
  const double loading_mib = suite.PeakMemoryMib();
  suite.Restart();  // flushes rows to the store, for the reference to read
  suite.AwaitQuiet();
  return loading_mib;
}

}  // namespace

void LoadOrders(const RunningSuite& suite, int64_t orders, const Histories& histories) {
  client::Client shop(suite.As("webshop"));
  const auto place = [&](int64_t n, std::function<void(bool)> done) {
    if (n > 0 && n % 100'000 == 0) Progress(fmt::format("  {} orders placed", n));
    shop.Start<supplier::v1::PlaceOrderResponse>(PlaceOrder(n),
                                                 [done = std::move(done)](const auto& r) { done(r.ok()); });
  };
  if (int64_t failed = client::DriveCount(256, orders, place); failed > 0)
    Fail(fmt::format("{} orders failed", failed));
  const int64_t step = orders / histories.orders;
  const auto dispatch = [&](int64_t n, std::function<void(bool)> done) {
    shop.Start<supplier::v1::RecordVendorUpdateResponse>(Dispatch(n * step),
                                                         [done = std::move(done)](const auto& r) { done(r.ok()); });
  };
  if (int64_t failed = client::DriveCount(64, histories.orders, dispatch); failed > 0)
    Fail(fmt::format("{} dispatches failed", failed));
  int64_t next = 0;
  absl::Status pushed = client::Client(suite.As("ups"))
                            .Push<supplier::v1::PushStatusEventsRequest, supplier::v1::PushStatusEventsResponse>(
                                [&](supplier::v1::PushStatusEventsRequest& request) {
                                  if (next == histories.orders * histories.scans) return false;
                                  request =
                                      Scan(next / histories.scans * step, static_cast<int>(next % histories.scans));
                                  if (++next % 1'000'000 == 0) Progress(fmt::format("  {} scans pushed", next));
                                  return true;
                                },
                                [](const auto&, const supplier::v1::PushStatusEventsResponse& answer) {
                                  if (answer.result() != supplier::v1::PUSH_RESULT_ACCEPTED)
                                    Fail("a scan was not accepted: " + answer.ShortDebugString());
                                });
  if (!pushed.ok()) Fail(pushed.ToString());
}

void MeasureTrace(const Size& size, Report& report) {
  RunningSuite small_suite;
  RunningSuite large_suite;
  const double small_mib = Fill(small_suite, size.small_orders);
  const double large_mib = Fill(large_suite, size.large_orders);
  RunningReference scan(large_suite.data() + "/stores/supplier-tracking");
  const client::Client to_small(small_suite.As("dashboard"));
  const client::Client to_large(large_suite.As("dashboard"));
  const client::Client to_scan(scan.options());
  const int64_t traced = Histories().orders;
  client::Measured small;
  client::Measured large;
  client::Measured bare;
  int64_t entries = 0;
  int64_t bare_entries = 0;
  // Take turns: a machine's speed can double between the rounds.
  for (int round = 0; round < size.latency_rounds; ++round) {
    Progress(fmt::format("TraceOrder, round {}", round + 1));
    KeepBest(small, DriveTrace(to_small, size.small_orders, traced, size.seconds, &entries));
    KeepBest(large, DriveTrace(to_large, size.large_orders, traced, size.seconds, &entries));
    KeepBest(bare, DriveTrace(to_scan, size.large_orders, traced, size.seconds, &bare_entries));
  }
  if (entries != bare_entries) Fail(fmt::format("the trace has {} entries, the bare scan {}", entries, bare_entries));
  report.AddValue("rss_mb_10k", fmt::format("peak memory at {} orders", size.small_orders),
                  std::max(small_mib, small_suite.PeakMemoryMib()), "MiB", kMostMib);
  report.AddRatio({"trace_p99_1m_vs_10k",
                   fmt::format("TraceOrder p99, {} orders vs {}", size.large_orders, size.small_orders), large.p99_ms,
                   small.p99_ms, "ms", large.p99_ms / small.p99_ms, 1.5, true});
  report.AddRatio({"trace_vs_scan", "TraceOrder p99 vs bare prefix scan", large.p99_ms, bare.p99_ms, "ms",
                   large.p99_ms / bare.p99_ms, 2.0, true});
  report.AddValue("rss_mb_1m", fmt::format("peak memory at {} orders", size.large_orders),
                  std::max(large_mib, large_suite.PeakMemoryMib()), "MiB", kMostMib);
}

void MeasureTraceFull(const Size& size, Report& report) {
  Progress(fmt::format("TraceOrder: writing {} orders, each with {} scans", size.full_orders, kFullScans));
  const RepeatedHistory history = [] {
    RunningSuite suite;
    LoadOrders(suite, 1, {1, kFullScans});
    suite.AwaitQuiet();
    suite.Stop();
    return RepeatedHistory(suite.data(), {OrderId(0), TrackingNumber(0)});
  }();
  RunningSuite suite([&](const std::string& data) {
    const std::unique_ptr<log::EmbeddedLog> log = OpenLog(data);
    {
      LogWriter writer(*log);
      for (int64_t n = 0; n < size.full_orders; ++n) {
        if (n > 0 && n % 100'000 == 0) Progress(fmt::format("  {} orders written", n));
        history.Write(writer, {OrderId(n), TrackingNumber(n)});
      }
    }
    FoldStores(*log, data);
  });
  suite.AwaitQuiet();
  suite.Restart();  // flushes rows to the store, for the reference to read
  suite.AwaitQuiet();
  RunningReference scan(suite.data() + "/stores/supplier-tracking");
  const client::Client to_suite(suite.As("dashboard"));
  const client::Client to_scan(scan.options());
  client::Measured full;
  client::Measured bare;
  int64_t entries = 0;
  int64_t bare_entries = 0;
  for (int round = 0; round < size.latency_rounds; ++round) {
    Progress(fmt::format("TraceOrder of all orders, round {}", round + 1));
    KeepBest(full, DriveTrace(to_suite, size.full_orders, size.full_orders, size.seconds, &entries));
    KeepBest(bare, DriveTrace(to_scan, size.full_orders, size.full_orders, size.seconds, &bare_entries));
  }
  if (entries != bare_entries) Fail(fmt::format("the trace has {} entries, the bare scan {}", entries, bare_entries));
  const int64_t events = size.full_orders * history.events();
  report.AddRatio({"trace_full_vs_scan",
                   fmt::format("TraceOrder p99 vs bare prefix scan, {} orders, {} events", size.full_orders, events),
                   full.p99_ms, bare.p99_ms, "ms", full.p99_ms / bare.p99_ms, 2.0, true});
  report.AddValue("rss_mb_full", fmt::format("peak memory at {} events", events), suite.PeakMemoryMib(), "MiB",
                  kMostMib);
}

void MeasureRebuildOf(const Size& size, Report& report) {
  RunningSuite suite;
  Progress(fmt::format("rebuild: loading {} orders and cases", size.rebuild_orders));
  LoadOrders(suite, size.rebuild_orders);
  const client::Client ana(suite.As("ana"));
  const auto open = [&](int64_t n, std::function<void(bool)> done) {
    ana.Start<intake::v1::OpenCaseResponse>(OpenCase("rebuild", n),
                                            [done = std::move(done)](const auto& r) { done(r.ok()); });
  };
  if (int64_t failed = client::DriveCount(256, size.rebuild_orders, open); failed > 0)
    Fail(fmt::format("{} cases failed", failed));
  suite.Stop();
  Progress("rebuild: measuring");
  const Rebuilt rebuilt = MeasureRebuild(suite.data(), size.rounds);
  report.AddRatio({"rebuild_vs_rocksdb", fmt::format("rebuild of {} commits, {} rows", rebuilt.commits, rebuilt.rows),
                   static_cast<double>(rebuilt.rows) / rebuilt.rebuild_seconds,
                   static_cast<double>(rebuilt.rows) / rebuilt.reference_seconds, "rows/s",
                   rebuilt.reference_seconds / rebuilt.rebuild_seconds, 0.6});
  report.AddValue("rebuild_commits_per_second", "  commits per second",
                  static_cast<double>(rebuilt.commits) / rebuilt.rebuild_seconds, "1/s");
}

}  // namespace throughline::bench
