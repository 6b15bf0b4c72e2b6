#include "tests/bench/long.h"

#include "absl/time/clock.h"
#include <fmt/format.h>

#include "tests/bench/support/case_suite.h"
#include "tests/bench/support/requests.h"

namespace throughline::bench {
namespace {

constexpr int64_t kFew = 10;  // commands in a short history
constexpr int kScans = 500;
constexpr int64_t kCalls = 400;  // measured in a round

// Cases of ana's with so many interactions each.
std::vector<std::string> Cases(const CaseSuite& suite, const std::string& run, int64_t cases, int64_t interactions) {
  Progress(fmt::format("{} case(s) with {} interactions", cases, interactions));
  const std::vector<std::string> ids = CaseSuite::Load(suite.ana(), run, cases, cases);
  const int64_t failed = client::DriveCount(64, cases * interactions, [&](int64_t n, Done done) {
    StartInteraction(suite.ana(), ids[static_cast<size_t>(n % cases)], std::move(done));
  });
  if (failed > 0) Fail(fmt::format("{} interactions were not recorded", failed));
  return ids;
}

void MeasureInteractions(const Size& size, Report& report) {
  const CaseSuite suite;
  struct Kind {
    const char* key;
    int64_t cases, interactions;
    std::vector<std::string> ids = {};
    Cost cost = {};
  };
  // Many of the short ones: each gets one interaction in a round, and stays short. The long ones get all that is in
  // flight, so what they cost holds the waiting for each other, too.
  Kind all[] = {{"", kCalls, kFew}, {"case", 4, size.long_case}, {"stream", 1, size.long_stream}};
  for (Kind& kind : all)
    kind.ids = Cases(suite, fmt::format("long-{}", kind.interactions), kind.cases, kind.interactions);
  for (int round = 0; round < size.rounds; ++round) {
    suite.AwaitQuiet();
    Progress(fmt::format("RecordInteraction, round {}", round + 1));
    for (Kind& kind : all) {
      suite.Measure(
          "RecordInteraction", kCalls,
          [&](int64_t n, Done done) {
            StartInteraction(suite.ana(), kind.ids[static_cast<size_t>(n) % kind.ids.size()], std::move(done));
          },
          kind.cost);
    }
  }
  for (const Kind& kind : {all[1], all[2]}) {
    AddCosts(fmt::format("long_{}_vs_10", kind.key),
             fmt::format("RecordInteraction, {} case(s) with {} interactions vs {} with {}", kind.cases,
                         kind.interactions, kCalls, kFew),
             kind.cost, all[0].cost, report);
  }
}

// Pushes scans number `from` to `to` of each of the shipments; keeps what one costs if that is less than before.
void PushScans(const RunningSuite& suite, const client::Client& ups, int64_t first, int64_t shipments, int from, int to,
               Cost& best) {
  const int64_t all = shipments * (to - from);
  int64_t sent = 0, refused = 0;
  const double cpu = suite.CpuSeconds();
  const absl::Time begun = absl::Now();
  const absl::Status status = ups.Push<supplier::v1::PushStatusEventsRequest, supplier::v1::PushStatusEventsResponse>(
      [&](auto& request) {
        if (sent == all) return false;
        request = Scan(first + sent % shipments, from + static_cast<int>(sent / shipments));
        ++sent;
        return true;
      },
      [&](const auto&, const auto& answer) {
        refused += answer.result() == supplier::v1::PUSH_RESULT_REFUSED ? 1 : 0;
      });
  if (!status.ok() || refused > 0) Fail(fmt::format("push: {}, {} refused", status.ToString(), refused));
  const auto each = static_cast<double>(all);
  best.micros = std::min(best.micros, absl::ToDoubleMicroseconds(absl::Now() - begun) / each);
  best.cpu_micros = std::min(best.cpu_micros, (suite.CpuSeconds() - cpu) * 1e6 / each);
}

void MeasureShipments(const Size& size, Report& report) {
  constexpr int64_t kShipments = 200;
  constexpr int64_t kLong = 1'000'000, kShort = 2'000'000;  // their numbers begin there
  constexpr int kScansInRound = 4;
  const RunningSuite suite;
  const client::Client ups(suite.As("ups"));
  const int most = kScans - kScansInRound * size.rounds;
  Progress(fmt::format("{} shipments with {} scans", kShipments, most));
  Cost ignored, many, few;
  PushScans(suite, ups, kLong, kShipments, 0, most, ignored);
  for (int round = 0; round < size.rounds; ++round) {
    // New ones each time, so that they stay short.
    const int64_t fresh = kShort + round * kShipments;
    PushScans(suite, ups, fresh, kShipments, 0, static_cast<int>(kFew), ignored);
    suite.AwaitQuiet();
    Progress(fmt::format("PushStatusEvents, round {}", round + 1));
    const int from = most + round * kScansInRound;
    PushScans(suite, ups, fresh, kShipments, kFew, kFew + kScansInRound, few);
    PushScans(suite, ups, kLong, kShipments, from, from + kScansInRound, many);
  }
  AddCosts("long_shipment_500_vs_10", fmt::format("PushStatusEvents, shipments with {} scans vs {}", most, kFew), many,
           few, report);
}

}  // namespace

void MeasureLong(const Size& size, Report& report) {
  MeasureInteractions(size, report);
  MeasureShipments(size, report);
}

}  // namespace throughline::bench
