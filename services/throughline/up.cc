#include "services/throughline/up.h"

#include <fmt/format.h>

#include "services/process/run.h"

namespace throughline {
namespace {

using process::Say;

void Greet(const Suite& suite, const UpOptions& options) {
  const std::string& data = options.suite.data;
  Say(fmt::format("throughline: {}", suite.endpoint()));
  if (suite.metrics_port() >= 0) {
    Say(
        fmt::format("metrics: {} (/intake/metrics, /ownership/metrics, /outage-notice/metrics, "
                    "/supplier-tracking/metrics; /livez, /startupz, /readyz)",
                    suite.metrics_address()));
  }
  Say(fmt::format("data: {}", data));
  Say(fmt::format("credentials: {}/credentials/<name>.token{}", data,
                  suite.made_first_credentials() ? " (made now; `throughline token list` shows who they are)" : ""));
  Say(fmt::format("try: throughline --data {} --as ana worklist", data));
}

}  // namespace

int RunUp(UpOptions options) {
  std::unique_ptr<Suite> suite;
  const process::RunOptions run{.program = "throughline up", .log = options.log, .grace = options.grace};
  return process::RunUntilStopped(run, [&](process::OnFailure on_failure) -> absl::StatusOr<process::Process*> {
    suite.reset();
    options.suite.on_failure = std::move(on_failure);
    absl::StatusOr<std::unique_ptr<Suite>> started = Suite::Start(options.suite);
    if (!started.ok()) return started.status();
    suite = *std::move(started);
    options.suite.port = suite->port();  // the same at each start
    options.suite.metrics_port = suite->metrics_port();
    Greet(*suite, options);
    return &suite->process();
  });
}

}  // namespace throughline
