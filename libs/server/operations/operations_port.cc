#include "libs/server/operations/operations_port.h"

#include <utility>

#include "absl/strings/str_replace.h"
#include "prometheus/text_serializer.h"

#include "libs/server/transport/http_pages.h"
#include "libs/server/transport/listen.h"

namespace throughline::server {
namespace {

HttpPage Metrics(const std::vector<std::shared_ptr<prometheus::Registry>>& registries) {
  std::vector<prometheus::MetricFamily> families;
  for (const auto& registry : registries) {
    for (prometheus::MetricFamily& family : registry->Collect()) families.push_back(std::move(family));
  }
  return {.type = "text/plain; version=0.0.4; charset=utf-8", .body = prometheus::TextSerializer().Serialize(families)};
}

HttpPage Tell(const HealthCheck& check) {
  return {.status = check.ok ? 200 : 503, .body = absl::StrReplaceAll(check.why, {{"\n", " "}, {"\r", " "}}) + "\n"};
}

}  // namespace

absl::StatusOr<std::unique_ptr<OperationsPort>> OperationsPort::Start(const Options& options,
                                                                      std::vector<Pages> pages) {
  absl::StatusOr<ListenSockets> sockets = ListenSockets::Open("metrics", options.host, options.port);
  if (!sockets.ok()) return sockets.status();
  HttpPages::Pages by_path;
  for (Pages& one : pages) {
    if (!one.registries.empty()) {
      by_path[one.path + "/metrics"] = [registries = std::move(one.registries)] { return Metrics(registries); };
    }
    const std::pair<const char*, HealthCheck Health::*> probes[] = {
        {"/livez", &Health::live}, {"/startupz", &Health::started}, {"/readyz", &Health::ready}};
    for (const auto& [name, check] : probes) {
      by_path[one.path + name] = [health = one.health, check = check] { return Tell(health().*check); };
    }
  }
  auto port = std::unique_ptr<OperationsPort>(new OperationsPort());
  port->pages_ = std::make_unique<HttpPages>(*std::move(sockets), std::move(by_path));
  return port;
}

OperationsPort::OperationsPort() = default;
OperationsPort::~OperationsPort() = default;
int OperationsPort::port() const { return pages_->port(); }

}  // namespace throughline::server
