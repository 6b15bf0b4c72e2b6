#pragma once

// Between absl::Status with its payloads (libs/runtime/domain/refusal.h) and what travels: grpc::Status whose details
// are a serialized google.rpc.Status, sent as `grpc-status-details-bin`. The codes have the same numbers on both sides.
//
// Pure functions; safe from any thread. gRPC's headers stay out of this one.

#include <string>

#include "absl/status/status.h"

namespace grpc {
class Status;
}

namespace throughline::server {

// Payloads of type `type.googleapis.com/…` become details; others stay here. What travels is always valid, and always
// short enough: gRPC's clients take 8 KiB of metadata with an answer and make RESOURCE_EXHAUSTED of a longer one. So
// bytes that are not UTF-8 are replaced, a message longer than 1 KiB is cut, and details that are too long lose what
// callers need least: the last bad fields, an ErrorInfo's metadata.
grpc::Status ToGrpc(const absl::Status& status);

// The client's side. Details become payloads again; a server without details still gives code and message.
absl::Status FromGrpc(const grpc::Status& status);

// One line for a person at a terminal: what happened, and what to do about it when the status says so.
//   "FAILED_PRECONDITION (CASE_CLOSED): the case is closed: reopen it first"
std::string Explain(const absl::Status& status);

}  // namespace throughline::server
