// throughline-edge: what reaches the services over HTTP.

#include <unistd.h>

#include "absl/strings/str_cat.h"

#include "services/edge/config.h"

int main(int argc, char** argv) {
  using namespace throughline;
  edge::Config config;
  process::Settings settings(config.run.program,
                             "The services over HTTP: JSON for everybody, by the Connect protocol.");
  config.Declare(settings);
  if (std::optional<int> over = settings.Read(argc, argv, environ)) return *over;
  std::unique_ptr<edge::Edge> running;
  return process::RunUntilStopped(config.run, [&](const process::OnFailure&) -> absl::StatusOr<process::Running*> {
    auto started = edge::Edge::Start(config.edge);
    if (!started.ok()) return started.status();
    running = *std::move(started);
    process::Say(absl::StrCat(config.run.program, ": ", config.edge.http.tls.has_value() ? "https://" : "http://",
                              running->endpoint()));
    if (const std::string metrics = running->metrics_address(); !metrics.empty()) {
      process::Say(absl::StrCat("metrics: ", metrics, " (/metrics, /livez, /startupz, /readyz)"));
    }
    if (!config.edge.notices.token_file.empty()) {
      process::Say(absl::StrCat("public notices: ", config.edge.http.tls.has_value() ? "https://" : "http://",
                                running->endpoint(), "/notices"));
    }
    process::Say(absl::StrCat("services: ", config.edge.client.address));
    return running.get();
  });
}
