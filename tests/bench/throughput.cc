#include "tests/bench/throughput.h"

#include <algorithm>

#include "absl/time/clock.h"
#include <fmt/format.h>

#include "libs/client/load.h"
#include "tests/bench/support/fixture.h"
#include "tests/bench/support/requests.h"

namespace throughline::bench {
namespace {

// Why an answer is no success; empty if it is one.
std::string Refusal(const supplier::v1::PushStatusEventsResponse& answer) {
  return answer.result() == supplier::v1::PUSH_RESULT_REFUSED ? answer.error().message() : "";
}
std::string Refusal(const supplier::v1::PushRawEventsResponse& answer) {
  if (answer.has_error()) return answer.error().message();
  if (answer.events_size() != 1) return "not one event";
  const bool accepted = answer.events(0).result() == supplier::v1::PUSH_RESULT_ACCEPTED;
  return accepted ? "" : supplier::v1::PushResult_Name(answer.events(0).result());
}

// Pushes events of new shipments over one stream until the time is over; returns acknowledged messages per second.
// `make` makes scan number so-and-so of a shipment.
template <typename Request, typename Response>
double DrivePush(const client::Client& client, Request (*make)(int64_t, int), int64_t first_shipment, double seconds) {
  constexpr int kScansPerShipment = 5;
  const absl::Time end = absl::Now() + absl::Seconds(seconds);
  const absl::Time begun = absl::Now();
  int64_t sent = 0;
  int64_t answered = 0;
  absl::Status status = client.Push<Request, Response>(
      [&](Request& request) {
        if (absl::Now() > end) return false;
        request = make(first_shipment + sent / kScansPerShipment, static_cast<int>(sent % kScansPerShipment));
        ++sent;
        return true;
      },
      [&](const auto&, const Response& answer) {
        ++answered;
        if (const std::string why = Refusal(answer); !why.empty()) Fail("a scan was refused: " + why);
      });
  if (!status.ok()) Fail("push: " + status.ToString());
  return static_cast<double>(answered) / absl::ToDoubleSeconds(absl::Now() - begun);
}

// Against a bare bidirectional stream of the same bytes.
template <typename Request, typename Response>
Report::Ratio MeasureStream(const Size& size, const char* name, Request (*make)(int64_t, int), int window) {
  RunningSuite suite;
  RunningReference reference("");
  client::Options options = suite.As("ups");
  options.push_window = window;
  const client::Client to_suite(options);
  client::Options reference_options = reference.options();
  reference_options.push_window = window;
  const client::Client to_reference(reference_options);
  double best_suite = 0;
  double best_reference = 0;
  for (int round = 0; round < size.rounds; ++round) {
    Progress(fmt::format("{}, round {}", name, round + 1));
    suite.AwaitQuiet();
    best_reference = std::max(best_reference, DrivePush<Request, Response>(to_reference, make, 0, size.seconds));
    best_suite = std::max(
        best_suite, DrivePush<Request, Response>(to_suite, make, int64_t{1'000'000'000} * (round + 1), size.seconds));
  }
  Report::Ratio ratio;
  ratio.figure = best_suite;
  ratio.reference = best_reference;
  ratio.unit = "1/s";
  ratio.ratio = best_suite / best_reference;
  return ratio;
}

}  // namespace

client::Measured DriveOpenCase(const client::Client& client, const std::string& run, int in_flight, double seconds,
                               bool about_orders) {
  const client::Measured measured = client::Drive(
      in_flight, absl::Seconds(1), absl::Seconds(seconds), [&](int64_t n, std::function<void(bool)> done) {
        intake::v1::OpenCaseRequest request = OpenCase(run, n);
        if (about_orders) request.set_order_id(request.command_id());
        client.Start<intake::v1::OpenCaseResponse>(request,
                                                   [done = std::move(done)](const auto& opened) { done(opened.ok()); });
      });
  if (measured.failures > 0) Fail(fmt::format("{} OpenCase calls failed", measured.failures));
  return measured;
}

void MeasureOpenCase(const Size& size, Report& report) {
  RunningSuite suite;
  RunningReference reference("");
  const client::Client to_suite(suite.As("ana"));
  const client::Client to_reference(reference.options());
  int run = 0;
  for (int in_flight : size.in_flight) {
    client::Measured best_suite;
    client::Measured best_reference;
    for (int round = 0; round < size.rounds; ++round) {
      Progress(fmt::format("OpenCase, {} in flight, round {}", in_flight, round + 1));
      suite.AwaitQuiet();
      const client::Measured echo = DriveOpenCase(to_reference, fmt::format("e{}", run), in_flight, size.seconds);
      const client::Measured ours = DriveOpenCase(to_suite, fmt::format("s{}", run++), in_flight, size.seconds);
      if (echo.per_second > best_reference.per_second) best_reference = echo;
      if (ours.per_second > best_suite.per_second) best_suite = ours;
    }
    const bool judged = in_flight == 256;
    report.AddRatio({judged ? "open_case_vs_echo" : fmt::format("open_case_vs_echo_{}", in_flight),
                     fmt::format("durable OpenCase, {} in flight, vs echo", in_flight), best_suite.per_second,
                     best_reference.per_second, "1/s", best_suite.per_second / best_reference.per_second,
                     judged ? 0.7 : 0.0});
    report.AddValue(fmt::format("open_case_p99_ms_{}", in_flight), fmt::format("  its p99, {} in flight", in_flight),
                    best_suite.p99_ms, "ms");
  }
}

void MeasureMatters(const Size& size, Report& report) {
  RunningSuite suite;
  const client::Client ana(suite.As("ana"));
  for (int in_flight : {1, 64}) {
    client::Measured plain;
    client::Measured about;
    for (int round = 0; round < size.rounds; ++round) {
      Progress(fmt::format("OpenCase about orders, {} in flight, round {}", in_flight, round + 1));
      suite.AwaitQuiet();
      const std::string run = fmt::format("m{}-{}", in_flight, round);
      const client::Measured without = DriveOpenCase(ana, run + "p", in_flight, size.seconds);
      const client::Measured with = DriveOpenCase(ana, run + "o", in_flight, size.seconds, true);
      if (without.per_second > plain.per_second) plain = without;
      if (with.per_second > about.per_second) about = with;
    }
    // Two commits instead of one.
    report.AddRatio({fmt::format("open_case_about_order_vs_plain_{}", in_flight),
                     fmt::format("OpenCase about an order, {} in flight, vs about none", in_flight), about.per_second,
                     plain.per_second, "1/s", about.per_second / plain.per_second, 0.0});
    report.AddValue(fmt::format("open_case_about_order_p99_ms_{}", in_flight),
                    fmt::format("  its p99, {} in flight", in_flight), about.p99_ms, "ms");
  }
}

void MeasurePush(const Size& size, Report& report) {
  Report::Ratio ratio = MeasureStream<supplier::v1::PushStatusEventsRequest, supplier::v1::PushStatusEventsResponse>(
      size, "PushStatusEvents", Scan, 256);
  ratio.key = "push_vs_stream_echo";
  ratio.what = "PushStatusEvents, acknowledged durable, vs echo";
  ratio.target = 0.5;
  report.AddRatio(std::move(ratio));
}

void MeasurePushRaw(const Size& size, Report& report) {
  Report::Ratio ratio = MeasureStream<supplier::v1::PushRawEventsRequest, supplier::v1::PushRawEventsResponse>(
      size, "PushRawEvents", Payload, 16);
  ratio.key = "push_raw_vs_stream_echo";
  ratio.what = "PushRawEvents, a scan in each payload, acknowledged durable, vs echo";
  report.AddRatio(std::move(ratio));
}

}  // namespace throughline::bench
