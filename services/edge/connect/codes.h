#pragma once

// The codes of the Connect protocol (https://connectrpc.com/docs/protocol#error-codes). Their numbers are gRPC's.
//
// Pure; safe from any thread.

namespace throughline::edge::connect {

enum Code {
  kOk = 0,
  kCanceled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// "invalid_argument"; of a number that is no code: "unknown".
const char* NameOf(int code);
// The status of an HTTP answer to a unary call.
int HttpStatusOf(int code);

}  // namespace throughline::edge::connect
