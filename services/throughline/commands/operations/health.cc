// `throughline health`: whether the services serve, at every address. Container health checks run it, too.

#include "libs/client/health.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "nlohmann/json.hpp"

#include "libs/client/services.h"
#include "libs/client/tls_problem.h"
#include "services/throughline/cli/values.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"

namespace throughline::tool {
namespace {

using client::ServerHealth;
using State = ServerHealth::State;

struct Asked {
  std::vector<std::string> services;
  std::string wait;
};

struct Shown {
  const char* name;  // as gRPC's health protocol names it, for machines
  const char* text;
  Style style;
};
Shown ShownAs(State state) {
  switch (state) {
    case State::kServing:
      return {"SERVING", "serving", Style::kGreen};
    case State::kNotServing:
      return {"NOT_SERVING", "not serving", Style::kRed};
    case State::kNotServedThere:
      return {"SERVICE_UNKNOWN", "not a service of this server", Style::kRed};
    case State::kNotReached:
      break;
  }
  return {"NOT_REACHED", "not reached", Style::kRed};
}

// One that answers that it does not serve counts more than one that does not answer. A TLS problem is a mistake in the
// command line: trying again does not help.
ExitCode CodeOf(const std::vector<ServerHealth>& found) {
  ExitCode code = kOk;
  for (const ServerHealth& one : found) {
    const bool answered = one.state != State::kNotReached || client::IsTlsProblem(one.why);
    if (one.state != State::kServing && (answered || code == kOk)) code = answered ? kFailed : kTryAgain;
  }
  return code;
}

void Show(const std::vector<ServerHealth>& found, Tool& tool) {
  Table table({{"ADDRESS"}, {"SERVICE"}, {"HEALTH"}, {"WHY", Column::kWraps}});
  for (const ServerHealth& one : found) {
    const Shown shown = ShownAs(one.state);
    const std::string why(one.why.message());
    table.Row({{one.address}, {one.service, Style::kBold}, {shown.text, shown.style}, {why, Style::kDim}});
    if (!tool.json()) continue;
    nlohmann::ordered_json line = {{"address", one.address}, {"service", one.service}, {"health", shown.name}};
    if (!why.empty()) line["why"] = why;
    tool.Print(line.dump() + "\n");
  }
  if (!tool.json()) tool.Print(table.Render(tool.terminal()));
}

bool HasTlsProblem(const std::vector<ServerHealth>& found) {
  return absl::c_any_of(found, [](const ServerHealth& one) { return client::IsTlsProblem(one.why); });
}

// While it waits it looks at the address again and again: a `throughline up` that starts anew may get another one.
absl::Status Health(const Asked& asked, Tool& tool) {
  std::optional<absl::Time> until;
  if (!asked.wait.empty()) until = absl::Now() + *ParsePeriod(asked.wait);
  absl::StatusOr<std::vector<ServerHealth>> found;
  do {
    const absl::StatusOr<client::Options> options = tool.connection();
    if (!options.ok()) return options.status();
    std::optional<absl::Duration> wait;
    if (until) wait = std::clamp(*until - absl::Now(), absl::ZeroDuration(), absl::Seconds(2));
    found = client::AskHealth(*options, asked.services, wait);
    if (!found.ok()) return found.status();
  } while (until && absl::Now() < *until && CodeOf(*found) != kOk && !HasTlsProblem(*found));
  Show(*found, tool);
  tool.set_exit_code(CodeOf(*found));
  return absl::OkStatus();
}

}  // namespace

void AddHealth(CLI::App& app, Tool& tool) {
  CLI::App& health =
      Command(app, "health", "Tells whether the services serve, at every address; no credential is needed",
              "throughline health\nthroughline health --address intake=a:7070,b:7070 --wait 60s\n"
              "throughline health --address 127.0.0.1:7070 --service intake --json");
  auto asked = std::make_shared<Asked>();
  health
      .add_option("--service", asked->services,
                  "Ask only about this service; may be repeated (default: all that the address names or serves)")
      ->allow_extra_args(false)
      ->check(OneOf(client::ServiceNames()));
  health.add_option("--wait", asked->wait, "Wait this long until all serve at the same time")
      ->type_name("PERIOD")
      ->check([](const std::string& text) { return std::string(ParsePeriod(text).status().message()); });
  health.footer(absl::StrCat(health.get_footer(),
                             "\n\nExit codes: 0 all serve; 1 one answers that it does not; 3 one is not reached."));
  tool.Does(health, [&tool, asked] { return Health(*asked, tool); });
}

}  // namespace throughline::tool
