#pragma once

// Addresses to listen on, and why one cannot be had, said so that the reader knows what to do. Any thread.

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace throughline::server {

// `host:port`; an IPv6 address gets the brackets that tell it from the port, if it has none.
std::string JoinHostPort(const std::string& host, int port);

// FAILED_PRECONDITION if `host` can be reached from other machines: what is sent there without TLS can be read on the
// way. OK also for a name that means nothing: nobody can listen on that.
absl::Status CheckNotExposed(const std::string& host);

// FAILED_PRECONDITION with the cause, found by trying once more. `what`: "gRPC", "metrics".
absl::Status CannotListen(std::string_view what, const std::string& host, int port);

}  // namespace throughline::server
