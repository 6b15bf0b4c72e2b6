#include <fmt/format.h>

#include "libs/client/load.h"
#include "libs/runtime/domain/ids.h"
#include "services/throughline/cli/values.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/table.h"
#include "throughline/intake/v1/commands.pb.h"

namespace throughline::tool {
namespace {

intake::v1::OpenCaseRequest Request(const std::string& run, int64_t n) {
  intake::v1::OpenCaseRequest request;
  request.set_command_id(fmt::format("{}-{}", run, n));
  request.set_customer_id(fmt::format("bench-{}", n % 1000));
  request.set_subject("Load made by throughline bench");
  request.set_text("This case was opened by `throughline bench` to measure how fast cases can be opened.");
  request.set_channel(intake::v1::CHANNEL_PHONE);
  return request;
}

}  // namespace

void AddBench(CLI::App& app, Tool& tool) {
  CLI::App& bench = Command(app, "bench",
                            "Opens cases as fast as the running suite takes them, and prints the rate. The cases "
                            "remain: use a separate suite.",
                            "throughline bench\nthroughline --json bench --in-flight 1 --in-flight 256 --seconds 5");
  auto in_flight = std::make_shared<std::vector<int>>(std::vector<int>{1, 16, 64, 256});
  auto seconds = std::make_shared<double>(3);
  bench.add_option("--in-flight", *in_flight, "Calls in flight; give it several times for several runs")
      ->check(WholeNumber(1, 4096));
  bench.add_option("--seconds", *seconds, "How long each run is measured")
      ->capture_default_str()
      ->check(NumberFrom(0.1, 600));
  tool.Does(bench, [&tool, in_flight, seconds]() -> absl::Status {
    absl::StatusOr<client::Client*> found = tool.client();
    if (!found.ok()) return found.status();
    const client::Client& client = **found;
    // One call first: its error is clearer than that of thousands.
    const std::string run = runtime::RandomId();
    absl::Status first = client.Call<intake::v1::OpenCaseResponse>(Request(run + "-first", 0)).status();
    if (!first.ok()) return first;
    Table table({{"IN FLIGHT", Column::kWhole, Column::kRight},
                 {"CASES/S", Column::kWhole, Column::kRight},
                 {"P50 MS", Column::kWhole, Column::kRight},
                 {"P99 MS", Column::kWhole, Column::kRight},
                 {"FAILED", Column::kWhole, Column::kRight}});
    int64_t failures = 0;
    for (int calls : *in_flight) {
      if (tool.terminal().interactive) tool.Note(fmt::format("{} in flight, {} s ...\n", calls, *seconds));
      const client::Measured measured = client::Drive(
          calls, absl::Milliseconds(300), absl::Seconds(*seconds), [&](int64_t n, std::function<void(bool)> done) {
            client.Start<intake::v1::OpenCaseResponse>(
                Request(fmt::format("{}-{}", run, calls), n),
                [done = std::move(done)](const absl::StatusOr<intake::v1::OpenCaseResponse>& opened) {
                  done(opened.ok());
                });
          });
      failures += measured.failures;
      if (tool.json()) {
        tool.Print(
            fmt::format(R"({{"in_flight":{},"cases_per_second":{:.1f},"p50_ms":{:.3f},"p99_ms":{:.3f},"failures":{}}})"
                        "\n",
                        calls, measured.per_second, measured.p50_ms, measured.p99_ms, measured.failures));
      }
      table.Row({{std::to_string(calls)},
                 {fmt::format("{:.0f}", measured.per_second)},
                 {fmt::format("{:.2f}", measured.p50_ms)},
                 {fmt::format("{:.2f}", measured.p99_ms)},
                 {std::to_string(measured.failures)}});
    }
    if (!tool.json()) tool.Print(table.Render(tool.terminal()));
    if (failures > 0) tool.set_exit_code(kFailed);
    return absl::OkStatus();
  });
}

}  // namespace throughline::tool
