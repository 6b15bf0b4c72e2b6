// throughline-bench: every figure beside its reference, measured in the same run on the same machine. See
// scripts/bench.

#include <cstdio>

#include "absl/synchronization/mutex.h"
#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "tests/bench/cases.h"
#include "tests/bench/flat.h"
#include "tests/bench/kafka.h"
#include "tests/bench/long.h"
#include "tests/bench/peers.h"
#include "tests/bench/risk.h"
#include "tests/bench/support/followers.h"
#include "tests/bench/support/notice_links.h"
#include "tests/bench/support/reference.h"
#include "tests/bench/support/watchers.h"
#include "tests/bench/throughput.h"

int main(int argc, char** argv) {
  using namespace throughline::bench;
  CLI::App app("Measures Throughline against references in the same run; prints ratios, because machines differ.");
  bool json = false;
  bool quick = false;
  bool cold = false;
  bool kafka = false;
  bool serve_reference = false;
  int rounds = 0;
  std::vector<int> in_flight;
  std::string store;
  std::string write_commits;
  std::string fold_commits;
  int followers = 0;
  int notices = 0;
  std::vector<std::string> only;
  app.add_flag("--json", json, "One JSON object with the ratios under their keys");
  app.add_flag("--quick", quick, "Smaller sizes: to see that it runs, not to quote");
  app.add_option("--rounds", rounds, "So many rounds of each, in place of the usual number")
      ->check(CLI::PositiveNumber);
  app.add_option("--in-flight", in_flight, "open-case: so many calls at a time, in place of 1, 16, 64 and 256")
      ->check(CLI::PositiveNumber);
  app.add_flag("--kafka", kafka, "Services on a single-node Kafka, in place of the suite on its embedded log");
  app.add_option("--only", only, "Only these")
      ->check(CLI::IsMember({"open-case", "matters", "push", "push-raw", "rebuild", "rebuild-beside", "timers", "trace",
                             "trace-full", "flat", "watchers", "worklist", "history", "search", "cases", "long",
                             "notice-links", "risk"}));
  app.add_flag("--cold", cold, "flat: the many cases are read from the disk, as if nobody had touched them for long");
  app.add_flag("--serve-reference", serve_reference,
               "Serve what is measured against (the benchmark does so by itself)");
  app.add_option("--store", store, "With --serve-reference: the store to scan");
  app.add_option("--write-commits", write_commits,
                 "Write commits to the Kafka at these brokers (scripts/bench --peers)");
  app.add_option("--fold-commits", fold_commits, "Fold those commits from there once, and print JSON");
  app.add_option("--serve-followers", followers, "So many who follow an outage (the benchmark starts them by itself)")
      ->check(CLI::PositiveNumber);
  app.add_option("--notices", notices, "With --serve-followers: of the outage")->check(CLI::PositiveNumber);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  spdlog::set_default_logger(spdlog::stderr_logger_mt("bench"));        // standard output is for the report
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // as in production, for both sides
  if (serve_reference) return ServeReference(store);
  if (followers > 0) return ServeFollowers(followers, notices);

  Size size;
  if (quick) {
    size = {.seconds = 1,
            .rounds = 1,
            .latency_rounds = 1,
            .rebuild_orders = 4'000,
            .small_orders = 2'000,
            .large_orders = 20'000,
            .full_orders = 10'000,
            .flat_cases = 100'000,
            .long_stream = 10'000,
            .long_case = 1'000,
            .timers = 50'000,
            .shipments = 100'000,
            .watchers = 1'000,
            .linked_cases = 1'000,
            .broker_warm_up = 4};
  }
  if (!write_commits.empty()) return WriteCommits(write_commits, size.broker_warm_up), 0;
  if (!fold_commits.empty()) return std::puts(FoldCommits(fold_commits).c_str()), 0;
  size.cold = cold;
  if (rounds > 0) size.rounds = size.latency_rounds = rounds;
  if (!in_flight.empty()) size.in_flight = in_flight;
  Report report;
  const auto wanted = [&](const char* name) {
    return only.empty() || std::find(only.begin(), only.end(), name) != only.end();
  };
  if (kafka) {
    MeasureKafka(size, report);
  } else {
    if (wanted("open-case")) MeasureOpenCase(size, report);
    if (wanted("matters")) MeasureMatters(size, report);
    if (wanted("push")) MeasurePush(size, report);
    if (wanted("push-raw")) MeasurePushRaw(size, report);
    if (wanted("rebuild")) MeasureRebuildOf(size, report);
    if (wanted("rebuild-beside")) MeasureRebuildBeside(size, report);
    if (wanted("timers")) MeasureTimers(size, report);
    if (wanted("worklist")) MeasureWorklists(size, report);
    if (wanted("history")) MeasureHistories(size, report);
    if (wanted("search")) MeasureSearch(size, report);
    if (wanted("cases")) MeasureCases(size, report);
    if (wanted("long")) MeasureLong(size, report);
    if (wanted("watchers")) MeasureWatchers(size, report);
    if (wanted("notice-links")) MeasureNoticeLinks(size, report);
    if (wanted("risk")) MeasureRisk(size, report);
    if (wanted("trace")) MeasureTrace(size, report);
    // Only if they are asked for: they write ten million events.
    if (!only.empty() && wanted("trace-full")) MeasureTraceFull(size, report);
    if (!only.empty() && wanted("flat")) MeasureFlat(size, report);
  }
  std::fputs((json ? report.Json() + "\n" : report.Text()).c_str(), stdout);
  return 0;
}
