#pragma once

// Fetches one page over plain HTTP/1.1, as Prometheus and the probes of an orchestrator do. Any thread.

#include <string>

#include "absl/status/statusor.h"

namespace throughline::testing {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

// What `http://<address><path>` answers. UNAVAILABLE if nobody does.
absl::StatusOr<HttpAnswer> HttpAsk(const std::string& address, const std::string& path);

// The body of `http://<address><path>`; `address` is an address, IPv6 in brackets, and a port. UNAVAILABLE if nobody
// answers 200.
absl::StatusOr<std::string> HttpGet(const std::string& address, const std::string& path);

}  // namespace throughline::testing
