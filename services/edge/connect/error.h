#pragma once

// Errors as Connect writes them: {"code", "message", "details": [{"type", "value", "debug"}]}.
//
// Pure; safe from any thread.

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "google/rpc/status.pb.h"
#include "libs/client/forward.h"

namespace throughline::edge::connect {

struct Error {
  int code = 0;
  std::string message;
  google::protobuf::RepeatedPtrField<google::protobuf::Any> details;

  static Error Of(const absl::Status& status);
  static Error Of(const client::Reply& reply);
};

// A JSON object. A detail's `debug` is its message as JSON, if its type is known here.
std::string ToJson(const Error& error);

// When to try again: what google.rpc.RetryInfo says, or a second if the code is UNAVAILABLE. In whole seconds.
std::optional<int64_t> RetryAfterSeconds(const Error& error);

// The last message of a stream: {"error", "metadata"}. `error` absent: it ended well.
std::string EndOfStream(const std::optional<Error>& error, const client::Metadata& trailers);

}  // namespace throughline::edge::connect
