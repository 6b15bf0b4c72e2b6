#include "services/edge/config.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/client/addresses.h"
#include "libs/command_line/address.h"
#include "libs/server/transport/listen.h"
#include "services/process/settings/tracing_settings.h"

namespace throughline::edge {
namespace {

constexpr int64_t kKib = 1 << 10;
constexpr int64_t kMib = 1 << 20;
constexpr size_t kAroundMessage = 64 << 10;  // a body may be larger than its message: JSON, a prefix

using Complain = process::Settings::Complain;

// A certificate and its key: both or none.
void CheckPair(const std::string& prefix, const std::string& certificate, const std::string& key,
               const Complain& complain) {
  if (certificate.empty() == key.empty()) return;
  const bool no_key = key.empty();
  complain(prefix + (no_key ? ".cert" : ".key"),
           absl::StrCat("it needs ", prefix, no_key ? ".key" : ".cert", ": give both or none"));
}

}  // namespace

Config::Config() {
  edge.http.port = 8080;
  edge.metrics_port = 9470;
  run.program = "throughline-edge";
}

void Config::Declare(process::Settings& settings) {
  settings.Text("host", edge.http.host, "Address to listen on; one other than loopback needs TLS, or insecure");
  settings.Flag("insecure", insecure_, "Allows any host without TLS; use it where something else encrypts");
  settings.Number("port", edge.http.port, 0, 65535, "HTTP port; 0: any free one");
  settings.Text("metrics-host", edge.metrics_host,
                "Address of the operations port, which asks for no credential but metrics-tokens; default: as host");
  settings.Flag("metrics-tls", edge.metrics_tls, "The operations port serves TLS, with tls.cert and tls.key");
  settings.Text(
      "metrics-tokens", edge.metrics_tokens,
      "A file with a token per line: /metrics asks for one of them (Authorization: Bearer); read again when it "
      "changes; default: /metrics asks for none");
  settings.Number("metrics-port", edge.metrics_port, -1, 65535,
                  "The operations port, HTTP: /metrics and the probes /livez, /startupz, /readyz; 0: any free one, -1: "
                  "none");
  settings.Text("address", edge.client.address,
                "Where the services are: host:port,host:port of all, or intake=host:port,ownership=host:port,...");
  settings.Text("services.ca", edge.client.ca_file,
                "PEM file; the services' certificates must be of this CA; it and the next two are read again when "
                "renewed; default: no TLS");
  settings.Text("services.cert", edge.client.certificate_file,
                "PEM file; shown to services that ask for a certificate");
  settings.Text("services.key", edge.client.key_file, "PEM file");
  settings.Text("origins", origins_,
                "Whose pages in browsers may call, as https://shop.example,https://desk.example; default: none but our "
                "own");
  settings.Text("public.token-file", edge.notices.token_file,
                "File with a credential of the role reader, with which the public pages are read; read again when "
                "renewed; default: there are no public pages");
  settings.Text("public.title", edge.notices.site.title, "Whose public pages they are: their header");
  settings.Text("public.url", edge.notices.site.url,
                "Where the public reaches the public pages, as https://status.example: stands in feeds; default: where "
                "it listens");
  settings.Number("public.live", edge.notices.live, 0, 1'000'000,
                  "Public pages that are told of changes at once; more look each minute; part of limits.requests");
  settings.Text(
      "token-file", edge.token_file,
      "File with the edge's own credential, of a service, for what it does in its own name: webhooks, pages of "
      "orders; read again when it changes; default: none of these");
  settings.Text("orders.site", edge.orders.site, "Whose the pages of orders are, as their customers read it");
  settings.Text("webhooks.endpoints", edge.webhooks.endpoints,
                "TOML file of the addresses that carriers push to; it and the secrets beside it are read again when "
                "they change; needs token-file; default: no webhooks");
  settings.Number("webhooks.body-kib", edge.webhooks.body_bytes, 16, 5 << 10, "Size limit of a push, KiB", kKib);
  settings.Period("webhooks.deadline", edge.webhooks.deadline, absl::Milliseconds(100), absl::Minutes(1),
                  "How long a push may take to become durable; then its source is told to send it again");
  settings.Period("grace", run.grace, absl::ZeroDuration(), absl::Minutes(10),
                  "How long requests under way may run on at shutdown");
  settings.Text("tls.cert", tls_.certificate_file, "PEM file; with tls.key, serves HTTPS; read again when renewed");
  settings.Text("tls.key", tls_.key_file, "PEM file");
  settings.Text("tls.client-ca", tls_.client_ca_file, "PEM file; clients must then show a certificate of this CA");
  settings.Choice("log.format", run.log.format, {"text", "json"}, "Format of log lines on standard error");
  settings.Choice("log.level", run.log.level, {"debug", "info", "warning", "error"},
                  "The least severe level that is logged");
  process::DeclareTracing(settings, edge.tracing);
  DeclareLimits(settings);
  settings.Check([this](const Complain& complain) { Complete(complain); });
}

void Config::DeclareLimits(process::Settings& settings) {
  http::Limits& limits = edge.http.limits;
  settings.Number("limits.threads", edge.http.threads, 0, 64, "Threads of the HTTP server; 0: one per core, at most 4");
  settings.Number("limits.connections", limits.connections, 1, 1'000'000,
                  "Open connections; more are told 503 and closed; lower if there are too few descriptors");
  settings.Number("limits.requests", limits.requests, 1, 1'000'000,
                  "Requests under way, streams included; more are told 503");
  settings.Number("limits.head-kib", limits.head_bytes, 1, 1024, "Size limit of a request line with its headers, KiB",
                  kKib);
  settings.Number("limits.message-kib", edge.connect.message_bytes, 16, 64 << 10,
                  "Size limit of a request's message, decompressed, KiB", kKib);
  settings.Number("limits.bodies-mib", limits.bodies_bytes, 1, 1 << 20,
                  "Size of the bodies of all requests under way, MiB; more are told 503", kMib);
  const absl::Duration least = absl::Milliseconds(100), most = absl::Hours(1);
  settings.Period("limits.handshake-time", limits.handshake_time, least, most, "For a TLS handshake");
  settings.Period("limits.head-time", limits.head_time, least, most, "For a request line with its headers");
  settings.Period("limits.body-time", limits.body_time, least, most, "For a request's body");
  settings.Period("limits.idle-time", limits.idle_time, least, most, "Between two requests of a connection");
  settings.Period("limits.write-time", limits.write_time, least, most, "For each 64 KiB of an answer");
  settings.Period("limits.deadline", edge.connect.deadline, least, most, "Deadline of calls whose client sets none");
}

void Config::ReadOrigins(const Complain& complain) {
  edge.origins = absl::StrSplit(origins_, ',', absl::SkipEmpty());
  for (const std::string& origin : edge.origins) {
    if (http::IsOrigin(origin)) continue;
    complain("origins", absl::StrCat(origin,
                                     " is not an origin: write it as https://shop.example, in lower case, "
                                     "without a path and without wildcards"));
  }
}

void Config::CheckPublicPages(const Complain& complain) const {
  const notices::Options& pages = edge.notices;
  if (pages.token_file.empty()) return;
  if (access(pages.token_file.c_str(), R_OK) != 0) {
    complain("public.token-file",
             absl::StrCat("the file ", pages.token_file, " cannot be read: name one that this user may read"));
  }
  if (pages.site.title.empty()) complain("public.title", "is empty: say whose status it is");
  if (!pages.site.url.empty() && !http::IsOrigin(pages.site.url)) {
    complain("public.url", "write it as https://status.example, in lower case and without a path");
  }
  if (pages.live > edge.http.limits.requests / 2) {
    complain("public.live", "it is more than half of limits.requests: other callers would find no place");
  }
}

void Config::Complete(const Complain& complain) {
  ReadOrigins(complain);
  CheckPublicPages(complain);
  edge.http.limits.body_bytes = edge.connect.message_bytes + kAroundMessage;
  if (absl::Status host = command_line::CheckListenHost(edge.http.host); !host.ok()) complain("host", host.message());
  if (absl::Status host = command_line::CheckListenHost(edge.metrics_host, "--metrics-port");
      !edge.metrics_host.empty() && !host.ok()) {
    complain("metrics-host", host.message());
  }
  if (const auto addresses = client::ParseAddresses(edge.client.address); !addresses.ok()) {
    complain("address", addresses.status().message());
  }
  if (!edge.webhooks.endpoints.empty()) {
    if (edge.token_file.empty()) complain("webhooks.endpoints", "it needs token-file: pushes are passed on with it");
    if (const auto endpoints = ReadEndpoints(edge.webhooks.endpoints); !endpoints.ok()) {
      complain("webhooks.endpoints", endpoints.status().message());
    }
  }
  CheckPair("services", edge.client.certificate_file, edge.client.key_file, complain);
  if (!edge.client.certificate_file.empty() && edge.client.ca_file.empty()) {
    complain("services.cert", "it needs services.ca: without it nothing is encrypted");
  }
  CheckPair("tls", tls_.certificate_file, tls_.key_file, complain);
  if (!tls_.client_ca_file.empty() && tls_.certificate_file.empty()) {
    complain("tls.client-ca", "it needs tls.cert and tls.key: without them nothing is encrypted");
  }
  if (edge.metrics_tls && tls_.certificate_file.empty()) {
    complain("metrics-tls", "it needs tls.cert and tls.key");
  }
  for (const auto& [key, path] : {std::pair("tls.cert", tls_.certificate_file),
                                  {"metrics-tokens", edge.metrics_tokens},
                                  {"tls.key", tls_.key_file},
                                  {"token-file", edge.token_file},
                                  {"services.ca", edge.client.ca_file},
                                  {"services.cert", edge.client.certificate_file},
                                  {"services.key", edge.client.key_file},
                                  {"tls.client-ca", tls_.client_ca_file}}) {
    if (path.empty() || access(path.c_str(), R_OK) == 0) continue;
    complain(key, absl::StrCat("the file ", path, " cannot be read: name one that this user may read"));
  }
  if (!tls_.certificate_file.empty()) {
    edge.http.tls = tls_;
  } else if (!insecure_) {
    if (const absl::Status exposed = server::CheckNotExposed(edge.http.host); !exposed.ok()) {
      complain("host", exposed.message());
    }
  }
}

}  // namespace throughline::edge
