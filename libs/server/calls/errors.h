#pragma once

// Converts between absl::Status with payloads (libs/runtime/domain/refusal.h) and grpc::Status with details: a
// serialized google.rpc.Status, sent as `grpc-status-details-bin`. Both use the same code numbers.
//
// Pure functions; any thread. Includes no gRPC headers.

#include <string>

#include "absl/status/status.h"

namespace grpc {
class Status;
}

namespace throughline::server {

// Payloads of type `type.googleapis.com/…` become details; others are dropped. The result is always valid and short:
// gRPC clients accept 8 KiB of metadata with an answer, and turn more into RESOURCE_EXHAUSTED. So invalid UTF-8 is
// replaced, a message is cut at 1 KiB, and details that are too long lose what callers need least: the last bad fields,
// and an ErrorInfo's metadata.
grpc::Status ToGrpc(const absl::Status& status);

// For clients. Details become payloads again.
absl::Status FromGrpc(const grpc::Status& status);

// One line for a person: what happened and, if the status says so, what to do.
//   "FAILED_PRECONDITION (CASE_CLOSED): the case is closed: reopen it first"
std::string Explain(const absl::Status& status);

}  // namespace throughline::server
