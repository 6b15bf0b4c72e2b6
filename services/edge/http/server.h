#pragma once

// An HTTP/1.1 server on Boost.Asio and Beast, with TLS: everything that a client can make it hold is limited.
//
//   auto server = Server::Start({.host = "127.0.0.1", .port = 8080}, registry, &Handle);
//   ...
//   (*server)->Stop(absl::Seconds(10));
//
// - Connections, requests under way, and the bytes of all bodies together are limited: above, 503 with Retry-After.
// - A head, a body, a pause between requests, and each part of an answer have a time; a slow client loses its
//   connection (408 if it can still be told).
// - What other servers may read in another way is refused (head.h), and the connection closed.
// - The certificate is read again when its file changes; until a new one is whole, the old one is used.
// - Each request has a line in the log, and a span in traces: handlers see its own `traceparent` in place of the
// client's.
// - Handlers run on the server's threads ("http"), which must not be blocked.
//
// Any thread.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "prometheus/registry.h"

#include "libs/server/options.h"
#include "libs/tracing/tracer.h"
#include "services/edge/http/exchange.h"

namespace throughline::edge::http {

struct Limits {
  int connections = 4096;
  int requests = 1024;                         // under way
  size_t head_bytes = 16 << 10;                // a request line and its headers
  size_t body_bytes = (1 << 20) + (64 << 10);  // of one request
  // The same where a path begins so; the first counts.
  std::vector<std::pair<std::string, size_t>> body_bytes_below = {};
  size_t bodies_bytes = size_t{256} << 20;            // of all requests under way
  absl::Duration handshake_time = absl::Seconds(10);  // of TLS
  absl::Duration head_time = absl::Seconds(10);       // from its first byte, or from the connection's begin
  absl::Duration body_time = absl::Seconds(30);       // from the head's end
  absl::Duration idle_time = absl::Seconds(60);       // between two requests
  absl::Duration write_time = absl::Seconds(20);      // of each 64 KiB of an answer
};

struct Options {
  std::string host = "127.0.0.1";
  int port = 0;  // 0: any free one
  std::optional<server::TlsOptions> tls;
  int threads = 0;                    // 0: one per core, at most 4
  tracing::Tracer* tracer = nullptr;  // must outlive the server; null: no spans
  Limits limits;
};

class Server {
 public:
  // FAILED_PRECONDITION, with what to do: the address cannot be listened on, or the certificate cannot be used.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Options& options,
                                                       std::shared_ptr<prometheus::Registry> registry, Handler handler);
  // Cuts off what Stop has not ended.
  ~Server();

  int port() const;
  int connections() const;

  // Takes no more connections, closes those that are idle, tells long answers to end, and waits for requests under way,
  // for at most that long. True: all were answered.
  bool Stop(absl::Duration grace);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace throughline::edge::http
