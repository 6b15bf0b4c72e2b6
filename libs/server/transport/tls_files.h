#pragma once

// Looks into TLS files: gRPC finds errors only at each handshake, and only logs them. Includes no gRPC.

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/server/options.h"

struct ssl_ctx_st;

namespace throughline::server {

// FAILED_PRECONDITION, with what to do: a file is missing or is not PEM, the key needs a passphrase, or the key does
// not belong to the certificate. Any thread.
absl::Status CheckTlsFiles(const TlsOptions& tls);

// When the first of the certificates in a PEM file expires. FAILED_PRECONDITION: it has none that can be read.
absl::StatusOr<absl::Time> CertificateExpiry(const std::string& file);
// The same files, for a server of ours that does without gRPC.
using TlsContext = std::shared_ptr<ssl_ctx_st>;
absl::StatusOr<TlsContext> ReadTlsFiles(const TlsOptions& tls);

}  // namespace throughline::server
