#pragma once

// The settings of a server, with their defaults.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "libs/server/checks/checks.h"
#include "libs/tracing/tracer.h"

namespace throughline::server {

class ReadAudit;

// PEM files. With `client_ca_file`, clients must present a certificate signed by it (mTLS). The files are read again
// every second: new connections use a renewed certificate without a restart.
struct TlsOptions {
  std::string certificate_file;
  std::string key_file;
  std::string client_ca_file;
};

// The limits of one identity, that is of all calls with credentials of one name. Far below a server's capacity, so that
// an identity that floods leaves room for the others.
struct QuotaOptions {
  int calls = 1024;              // unary, under way
  int streams = 1024;            // open
  int events_per_second = 5000;  // pushed events, calls of partners (quota.h); the burst is as large
};

struct ServerOptions {
  std::string host = "127.0.0.1";  // loopback by default
  int port = 0;                    // 0: any free one
  std::optional<TlsOptions> tls;
  bool insecure = false;  // without TLS, hosts other than loopback are refused unless this is set

  RequestLimits requests;
  int max_in_flight = 4096;  // unary calls
  int max_streams = 4096;    // open streams
  QuotaOptions quota;
  int max_streams_per_connection = 1024;
  int max_connections = 4096;                         // more are closed at once
  absl::Duration greeting = absl::Seconds(10);        // for the HTTP/2 preface, and the TLS handshake if any
  absl::Duration idle_connection = absl::Minutes(5);  // without a call; the client reconnects for its next one
  int max_metadata_bytes = 16 << 10;
  size_t memory_quota_bytes = 256 << 20;  // for gRPC's own buffers

  // The queue of one stream.
  size_t max_queued_messages = 4096;
  size_t max_queued_bytes = 4 << 20;

  absl::Duration default_deadline = absl::Seconds(30);  // of unary calls without one
  absl::Duration slow_call = absl::Seconds(1);          // unary calls that take longer are logged

  tracing::Tracer* tracer = nullptr;  // must outlive the server; null: no spans
  ReadAudit* audit = nullptr;         // of RPCs with the option `customers_words`; null: nobody records them

  std::function<absl::Time()> clock = [] { return absl::Now(); };
};

}  // namespace throughline::server
