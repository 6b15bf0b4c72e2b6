#pragma once

// A look at TLS files before gRPC gets them: gRPC finds out at each handshake, and tells only its own log. Internal to
// this library; includes no gRPC.

#include "absl/status/status.h"

#include "libs/server/options.h"

namespace throughline::server {

// FAILED_PRECONDITION, with what to do: a file is missing or is no PEM, the key needs a passphrase, or it does not
// belong to the certificate. Any thread.
absl::Status CheckTlsFiles(const TlsOptions& tls);

}  // namespace throughline::server
