#include "services/throughline/up.h"

#include <algorithm>
#include <unistd.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include <fmt/format.h>

#include "libs/identity/tokens.h"
#include "libs/server/transport/descriptors.h"
#include "services/process/run.h"

namespace throughline {
namespace {

using process::Say;

constexpr int kMostHttpConnections = 1024;
constexpr int kAroundHttp = 64;  // descriptors besides those of connections: listening, refusals, the certificate

// The edge, as the operations port sees it: the port is there before it, and after it.
class EdgeSlot {
 public:
  void Set(std::unique_ptr<edge::Edge> edge) ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      absl::MutexLock lock(&mutex_);
      edge_.swap(edge);
    }
    edge.reset();
  }
  server::Health health() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (edge_ != nullptr) return edge_->health();
    return {.live = {true, "live"}, .started = {false, "starting"}, .ready = {false, "starting"}};
  }

 private:
  mutable absl::Mutex mutex_;
  std::unique_ptr<edge::Edge> edge_ ABSL_GUARDED_BY(mutex_);
};

// All that runs.
class Everything final : public process::Running {
 public:
  ~Everything() override { slot_->Set(nullptr); }

  absl::Status Start(const UpOptions& options, process::OnFailure on_failure) {
    Suite::Options suite = options.suite;
    suite.on_failure = std::move(on_failure);
    edge::Edge::Options edge;
    if (options.http_port >= 0) {
      const auto most = static_cast<int>(std::min<int64_t>(server::RaiseDescriptorLimit() / 8, kMostHttpConnections));
      edge.http.limits.connections = most;
      suite.more_descriptors = most + kAroundHttp;
      edge.registry = std::make_shared<prometheus::Registry>();
      suite.public_reader = options.public_pages;
      suite.more_pages = {{"/edge", {edge.registry}, [slot = slot_] { return slot->health(); }}};
    }
    absl::StatusOr<std::unique_ptr<Suite>> started = Suite::Start(suite);
    if (!started.ok()) return started.status();
    suite_ = *std::move(started);
    return options.http_port >= 0 ? StartEdge(options, std::move(edge)) : absl::OkStatus();
  }

  bool UpdateHealth() override {
    if (edge_ != nullptr) edge_->UpdateHealth();
    return suite_->UpdateHealth();
  }
  server::Health health() const override { return suite_->process().health(); }
  void Fail(const absl::Status& why) override { suite_->process().Fail(why); }
  bool WantsRestart() const override { return suite_->process().WantsRestart(); }
  // The edge first: what it passed on is answered by the suite.
  void Stop(absl::Duration grace) override {
    const absl::Time end = absl::Now() + grace;
    if (edge_ != nullptr) edge_->Stop(grace);
    suite_->Stop(std::max(end - absl::Now(), absl::ZeroDuration()));
  }

  const Suite& suite() const { return *suite_; }
  const edge::Edge* edge() const { return edge_; }

 private:
  absl::Status StartEdge(const UpOptions& options, edge::Edge::Options edge) {
    edge.services = suite_->process().OpenChannel();
    edge.http.host = options.suite.host;
    edge.http.port = options.http_port;
    edge.http.tls = options.suite.server.tls;
    edge.origins = options.origins;
    edge.tracing = options.suite.tracing;
    if (options.public_pages) edge.notices.token_file = identity::CredentialPath(options.suite.data, kPublicReader);
    edge.notices.site = options.public_site;
    edge.notices.live = edge.http.limits.connections / 4;
    // An installation from before there was one has none: it is needed for what the edge does in its own name.
    const std::string credential = identity::CredentialPath(options.suite.data, "edge");
    edge.webhooks.endpoints = options.webhooks;
    if (!options.webhooks.empty() || access(credential.c_str(), R_OK) == 0) edge.token_file = credential;
    edge.metrics_port = -1;  // the suite's port shows them
    auto started = edge::Edge::Start(std::move(edge));
    if (!started.ok()) return started.status();
    edge_ = started->get();
    slot_->Set(*std::move(started));
    return absl::OkStatus();
  }

  std::unique_ptr<Suite> suite_;
  const std::shared_ptr<EdgeSlot> slot_ = std::make_shared<EdgeSlot>();
  edge::Edge* edge_ = nullptr;  // in the slot
};

void Greet(const Everything& everything, const UpOptions& options) {
  const Suite& suite = everything.suite();
  const std::string& data = options.suite.data;
  Say(fmt::format("throughline: {}", suite.endpoint()));
  if (everything.edge() != nullptr) {
    const std::string url =
        fmt::format("{}://{}", options.suite.server.tls ? "https" : "http", everything.edge()->endpoint());
    Say(fmt::format("http: {} (the calls as JSON; {}/docs describes them)", url, url));
    if (options.public_pages) Say(fmt::format("notices: {}/notices (public)", url));
  }
  if (suite.metrics_port() >= 0) {
    Say(
        fmt::format("metrics: {} (/intake/metrics, /ownership/metrics, /outage-notice/metrics, "
                    "/supplier-tracking/metrics{}; /livez, /startupz, /readyz)",
                    suite.metrics_address(), everything.edge() != nullptr ? ", /edge/metrics" : ""));
  }
  Say(fmt::format("data: {}", data));
  Say(fmt::format("credentials: {}/credentials/<name>.token{}", data,
                  suite.made_first_credentials() ? " (made now; `throughline token list` shows who they are)" : ""));
  Say(fmt::format("try: throughline --data {} --as ana worklist", data));
}

}  // namespace

int RunUp(UpOptions options) {
  std::unique_ptr<Everything> everything;
  const process::RunOptions run{.program = "throughline up", .log = options.log, .grace = options.grace};
  return process::RunUntilStopped(run, [&](process::OnFailure on_failure) -> absl::StatusOr<process::Running*> {
    everything = nullptr;  // before the next begins
    everything = std::make_unique<Everything>();
    if (absl::Status status = everything->Start(options, std::move(on_failure)); !status.ok()) return status;
    options.suite.port = everything->suite().port();  // the same at each start
    options.suite.metrics_port = everything->suite().metrics_port();
    if (everything->edge() != nullptr) options.http_port = everything->edge()->port();
    Greet(*everything, options);
    return everything.get();
  });
}

}  // namespace throughline
