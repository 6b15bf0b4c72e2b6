#include "services/edge/http/server.h"

#include <algorithm>
#include <list>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "absl/synchronization/mutex.h"

#include "libs/server/transport/listen.h"
#include "services/edge/http/connection.h"
#include "services/edge/http/tls.h"

namespace throughline::edge::http {
namespace {

constexpr int kMaxRefusals = 64;

// A client that vanishes without a word, while an answer in parts is quiet, is noticed after half a minute.
void NoticeTheDead(int fd) {
  const int yes = 1, idle_seconds = 15, interval_seconds = 5, count = 3;
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof idle_seconds);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_seconds, sizeof interval_seconds);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

constexpr absl::Duration kOutOfDescriptorsPause = absl::Milliseconds(50);

}  // namespace

// The first worker's thread also takes new connections.
class Server::Impl {
 public:
  Impl(const Options& options, std::shared_ptr<prometheus::Registry> registry, Handler handler,
       const server::ListenSockets& sockets, std::unique_ptr<TlsContext> tls)
      : port_(sockets.port()),
        core_(std::make_shared<Core>(options.limits, std::move(registry), std::move(handler), options.tracer,
                                     std::move(tls))) {
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    const int threads = options.threads > 0 ? options.threads : std::clamp(cores, 1, 4);
    for (int i = 0; i < threads; ++i) workers_.push_back(std::make_shared<Worker>());
    for (const int fd : sockets.fds()) {
      acceptors_.emplace_back(workers_.front()->io);
      Listen(acceptors_.back(), fd);
    }
    for (asio::ip::tcp::acceptor& acceptor : acceptors_) {
      asio::co_spawn(workers_.front()->io, Accept(acceptor), asio::detached);
    }
    for (const auto& worker : workers_) {
      guards_.emplace_back(worker->io.get_executor());
      worker->thread = std::thread([worker] {
        pthread_setname_np(pthread_self(), "http");
        worker->io.run();
      });
    }
  }

  ~Impl() {
    Stop(absl::ZeroDuration());
    for (const auto& worker : workers_) {
      worker->Post([worker = worker.get()] {
        // Each ends its coroutines, and may leave the set meanwhile.
        const std::vector<Connection*> all(worker->connections.begin(), worker->connections.end());
        for (Connection* connection : all) connection->Abort();
      });
    }
    guards_.clear();
    for (const auto& worker : workers_) worker->thread.join();
    for (const auto& worker : workers_) worker->Close();
  }

  bool Stop(absl::Duration grace) {
    core_->draining.store(true);
    workers_.front()->Post([this] {
      for (asio::ip::tcp::acceptor& acceptor : acceptors_) {
        ErrorCode ignored;
        acceptor.close(ignored);
      }
    });
    for (const auto& worker : workers_) {
      worker->Post([worker = worker.get()] {
        for (Connection* connection : worker->connections) connection->Drain();
      });
    }
    absl::MutexLock lock(&core_->mutex);
    return core_->mutex.AwaitWithTimeout(absl::Condition(
                                             +[](int* connections) { return *connections == 0; }, &core_->connections),
                                         grace);
  }

  int port() const { return port_; }
  int connections() const {
    absl::MutexLock lock(&core_->mutex);
    return core_->connections;
  }

 private:
  void Listen(asio::ip::tcp::acceptor& acceptor, int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    // With the last descriptor, which is the acceptor's, listening ends.
    acceptor.assign(address.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), dup(fd));
  }

  asio::awaitable<void> Accept(asio::ip::tcp::acceptor& acceptor) {
    asio::steady_timer pause(workers_.front()->io);
    for (size_t next = 0;; next = (next + 1) % workers_.size()) {
      const std::shared_ptr<Worker>& worker = workers_[next];
      auto [error, socket] = co_await acceptor.async_accept(worker->io, kAwaitTuple);
      if (error == asio::error::operation_aborted || !acceptor.is_open()) co_return;
      if (error && error != asio::error::connection_aborted) {
        core_->probe.Refused("descriptors");
        pause.expires_after(absl::ToChronoMilliseconds(kOutOfDescriptorsPause));
        co_await pause.async_wait(kAwaitTuple);
      }
      if (!error) Begin(worker, std::move(socket));
    }
  }

  void Begin(const std::shared_ptr<Worker>& worker, asio::ip::tcp::socket socket) {
    ErrorCode ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    NoticeTheDead(socket.native_handle());
    const bool admitted = core_->Admit();
    // Nothing can be told before a handshake.
    if (!admitted && (core_->tls != nullptr || core_->refusals.load() >= kMaxRefusals)) {
      core_->probe.Refused("connections");
      return;
    }
    if (!admitted) core_->refusals.fetch_add(1);
    std::shared_ptr<asio::ssl::context> tls = core_->tls == nullptr ? nullptr : core_->tls->Current();
    worker->Post([core = core_, worker, admitted, tls = std::move(tls), socket = std::move(socket)]() mutable {
      auto connection = std::make_shared<Connection>(core, worker, std::move(socket), std::move(tls));
      admitted ? connection->Start() : connection->StartRefusal();
    });
  }

  const int port_;
  const std::shared_ptr<Core> core_;
  std::vector<std::shared_ptr<Worker>> workers_;
  std::list<asio::ip::tcp::acceptor> acceptors_;
  std::list<asio::executor_work_guard<asio::io_context::executor_type>> guards_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Options& options,
                                                      std::shared_ptr<prometheus::Registry> registry, Handler handler) {
  std::unique_ptr<TlsContext> tls;
  if (options.tls.has_value()) {
    absl::StatusOr<std::unique_ptr<TlsContext>> loaded = TlsContext::Load(*options.tls);
    if (!loaded.ok()) return loaded.status();
    tls = *std::move(loaded);
  }
  absl::StatusOr<server::ListenSockets> sockets = server::ListenSockets::Open("HTTP", options.host, options.port);
  if (!sockets.ok()) return sockets.status();
  return std::unique_ptr<Server>(
      new Server(std::make_unique<Impl>(options, std::move(registry), std::move(handler), *sockets, std::move(tls))));
}

int Server::port() const { return impl_->port(); }
int Server::connections() const { return impl_->connections(); }
bool Server::Stop(absl::Duration grace) { return impl_->Stop(grace); }

}  // namespace throughline::edge::http
