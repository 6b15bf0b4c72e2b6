#pragma once

// Log lines on standard error, as text or JSON. Bearer tokens are masked in all lines, also in those logged through
// spdlog.
//
//   Log(LogLevel::kWarning, {.trace = context.caller().correlation_id, .stream = "case/7"}, "gave up after 5 tries");
//
// Logging never blocks (log_sink.h): lines that are not read in time wait, up to a megabyte; further ones are dropped
// and counted. Any thread, after SetUpLogging.

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace throughline::server {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Empty fields are left out.
struct LogFields {
  std::string_view service;
  std::string_view trace;    // the correlation id
  std::string_view stream;   // `kind/key`
  std::string_view command;  // the command id
};

struct LogOptions {
  std::string format = "text";  // or `json`
  std::string level = "info";   // or `debug`, `warning`, `error`
  std::string replica = {};     // in every JSON line; empty: left out
};

// Sets spdlog's default logger, and redirects gRPC's and protobuf's log lines to it. INVALID_ARGUMENT: an unknown
// format or level.
absl::Status SetUpLogging(const LogOptions& options);

void Log(LogLevel level, const LogFields& fields, std::string_view message);

// Since the start of the process.
uint64_t LogLinesDropped();

// `text` with the secret part of every `tl_<name>_<secret>` replaced by `***`.
std::string MaskSecrets(std::string_view text);

}  // namespace throughline::server
