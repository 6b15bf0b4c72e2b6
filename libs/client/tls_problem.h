#pragma once

// Why an encrypted connection could not be made. gRPC 1.51 says it in texts alone, behind UNAVAILABLE as for a server
// that is not there; these are the texts, looked for in one place and tested against real servers.
//
// Pure functions; any thread.

#include "absl/status/status.h"

namespace throughline::client {

// The same status with a reason of its own and a message that says what to do; others stay as they are.
//   TLS_NOT_TRUSTED     the server's certificate is not signed by the authority that is trusted, or has expired
//   TLS_WRONG_NAME      the server's certificate is for another name than the address's
//   TLS_NOT_SERVED      the server does not speak TLS
//   TLS_FILES_UNUSABLE  the authority's, or the own, certificate or key cannot be used
//   CONNECTION_CLOSED   the server closed the connection before it said anything. One that expects TLS does, or a
//                       client's certificate; so does one that takes no more connections.
absl::Status NameTlsProblem(const absl::Status& status);

// One of the first four: waiting does not help.
bool IsTlsProblem(const absl::Status& status);
bool IsClosedAtOnce(const absl::Status& status);

// From here on gRPC logs nothing: what it would say of a connection stands in the status of the call. For programs in
// which a person reads one error, and no log.
void KeepGrpcQuiet();

// The same message and details under another code.
absl::Status WithCode(absl::StatusCode code, const absl::Status& status);

}  // namespace throughline::client
