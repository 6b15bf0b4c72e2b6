#pragma once

// Why a TLS connection failed. gRPC 1.51 reports that only as text, with UNAVAILABLE as for an unreachable server. The
// texts are recognized here only, and tested against real servers.
//
// Pure functions; any thread.

#include "absl/status/status.h"

namespace throughline::client {

// For a TLS failure: the same status with a reason of its own, and a message that says what to do. Other statuses are
// returned unchanged.
//   TLS_NOT_TRUSTED     the server's certificate is not signed by the trusted CA, or has expired
//   TLS_WRONG_NAME      the server's certificate is for another host name
//   TLS_NOT_SERVED      the server does not speak TLS
//   TLS_FILES_UNUSABLE  the CA file, or the client's certificate or key, cannot be used
//   CONNECTION_CLOSED   the server closed the new connection at once: it expects TLS or a client certificate, or it
//                       takes no more connections
absl::Status NameTlsProblem(const absl::Status& status);

// One of the first four: a retry does not help.
bool IsTlsProblem(const absl::Status& status);
bool IsClosedAtOnce(const absl::Status& status);

// Turns gRPC's logging off: the status of the call says the same. For programs whose user reads one error and no log.
void KeepGrpcQuiet();

// The same details with another code, or another message.
absl::Status WithCode(absl::StatusCode code, const absl::Status& status);
absl::Status WithMessage(absl::string_view message, const absl::Status& status);

}  // namespace throughline::client
