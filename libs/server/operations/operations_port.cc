#include "libs/server/operations/operations_port.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "prometheus/text_serializer.h"

#include "libs/crypto/sha256.h"
#include "libs/files/reloaded.h"
#include "libs/files/whole_file.h"
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

constexpr std::chrono::milliseconds kLookForChangesEvery{500};
constexpr size_t kLeastTokenBytes = 16;

// Digests: comparing them tells nothing about the tokens.
using TokenDigests = std::vector<std::string>;

absl::StatusOr<TokenDigests> ReadTokens(const std::string& path) {
  const std::optional<std::string> content = files::ReadFile(path);
  if (!content) return absl::FailedPreconditionError(absl::StrCat("cannot read the tokens of the metrics in ", path));
  TokenDigests digests;
  for (const absl::string_view line : absl::StrSplit(*content, '\n')) {
    const absl::string_view token = absl::StripAsciiWhitespace(line);
    if (token.empty()) continue;
    if (token.size() < kLeastTokenBytes) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, " holds a token of less than ", kLeastTokenBytes, " characters: give longer ones"));
    }
    digests.push_back(crypto::Sha256({token.data(), token.size()}));
  }
  if (!digests.empty()) return digests;
  return absl::FailedPreconditionError(absl::StrCat(path, " holds no token: give one on a line of its own"));
}

}  // namespace

struct OperationsPort::Secrets {
  std::unique_ptr<files::Reloaded<TlsContext>> tls;       // null: plain
  std::unique_ptr<files::Reloaded<TokenDigests>> tokens;  // null: nobody is asked
};

absl::StatusOr<std::unique_ptr<OperationsPort>> OperationsPort::Start(const Options& options,
                                                                      std::vector<Pages> pages) {
  auto secrets = std::make_unique<Secrets>();
  HttpPages::Security security;
  if (options.tls) {
    TlsOptions files = *options.tls;
    files.client_ca_file.clear();
    auto tls = files::Reloaded<TlsContext>::Load(
        {files.certificate_file, files.key_file}, [files] { return ReadTlsFiles(files); }, kLookForChangesEvery);
    if (!tls.ok()) return tls.status();
    secrets->tls = *std::move(tls);
    security.tls = [&reloaded = *secrets->tls] { return *reloaded.Get(); };
  }
  if (const std::string& path = options.tokens_file; !path.empty()) {
    auto tokens = files::Reloaded<TokenDigests>::Load(
        {path}, [path] { return ReadTokens(path); }, kLookForChangesEvery);
    if (!tokens.ok()) return tokens.status();
    secrets->tokens = *std::move(tokens);
    security.may_see = [&reloaded = *secrets->tokens](const std::string& page, std::string_view bearer) {
      if (!absl::EndsWith(page, "/metrics")) return true;
      const auto known = reloaded.Get();
      return !bearer.empty() && std::find(known->begin(), known->end(), crypto::Sha256(bearer)) != known->end();
    };
  }
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
  port->secrets_ = std::move(secrets);
  port->pages_ =
      std::make_unique<HttpPages>(*std::move(sockets), std::move(by_path), HttpPages::Limits(), std::move(security));
  return port;
}

OperationsPort::OperationsPort() = default;
OperationsPort::~OperationsPort() = default;
int OperationsPort::port() const { return pages_->port(); }

}  // namespace throughline::server
