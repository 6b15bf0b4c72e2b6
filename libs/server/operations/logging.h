#pragma once

// Log lines on standard error, as text or JSON. Bearer tokens are masked in all lines, also in those logged through
// spdlog.
//
//   Log(LogLevel::kWarning, {.trace = context.caller().correlation_id, .stream = "case/7"}, "gave up after 5 tries");
//   SetLogLevel(*LogLevelOf("debug"));      // while the process runs; `throughline log level` does it by a signal
//
// Logging never blocks (log_sink.h): lines that are not read in time wait, up to a megabyte; further ones are dropped
// and counted. Any thread, after SetUpLogging.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "libs/logging/line.h"

namespace throughline::server {

using logging::Log;
using logging::LogFields;
using logging::LogLevel;
using logging::SetLogLevel;

// "debug", "info", "warning", "error".
std::optional<LogLevel> LogLevelOf(std::string_view name);
std::string_view LogLevelName(LogLevel level);

struct LogOptions {
  std::string format = "text";  // or `json`
  std::string level = "info";   // or `debug`, `warning`, `error`
  std::string replica = {};     // in every JSON line; empty: left out
};

// Sets spdlog's default logger, and redirects gRPC's and protobuf's log lines to it. INVALID_ARGUMENT: an unknown
// format or level.
absl::Status SetUpLogging(const LogOptions& options);

// Since the start of the process.
uint64_t LogLinesDropped();

// `text` with the secret part of every `tl_<name>_<secret>` replaced by `***`.
std::string MaskSecrets(std::string_view text);

}  // namespace throughline::server
