#pragma once

// Checks TLS files before gRPC gets them: gRPC finds errors only at each handshake, and only logs them. Internal to
// this library; includes no gRPC.

#include "absl/status/status.h"

#include "libs/server/options.h"

namespace throughline::server {

// FAILED_PRECONDITION, with what to do: a file is missing or is not PEM, the key needs a passphrase, or the key does
// not belong to the certificate. Any thread.
absl::Status CheckTlsFiles(const TlsOptions& tls);

}  // namespace throughline::server
