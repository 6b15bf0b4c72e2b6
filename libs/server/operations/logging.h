#pragma once

// Log lines: text for people, JSON lines for machines, on standard error. Bearer tokens are masked in whatever is
// logged, also through spdlog directly.
//
//   Log(LogLevel::kWarning, {.trace = context.caller().correlation_id, .stream = "case/7"}, "gave up after 5 tries");
//
// A line is written before the call returns if somebody reads standard error. Otherwise it waits, up to a megabyte of
// them does, and what is more is dropped and counted: whoever logs never waits. Any thread, after SetUpLogging.

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace throughline::server {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// What a line is about; empty fields are left out.
struct LogFields {
  std::string_view service;
  std::string_view trace;    // the correlation id
  std::string_view stream;   // `kind/key`
  std::string_view command;  // the command id
};

struct LogOptions {
  std::string format = "text";  // or `json`
  std::string level = "info";   // or `debug`, `warning`, `error`
  std::string replica = {};     // in every line of JSON; empty: left out
};

// INVALID_ARGUMENT: an unknown format or level. Sets spdlog's default logger and takes in gRPC's and protobuf's own
// lines.
absl::Status SetUpLogging(const LogOptions& options);

void Log(LogLevel level, const LogFields& fields, std::string_view message);

// Since the process began.
uint64_t LogLinesDropped();

// `text` with the secret part of every `tl_<name>_<secret>` replaced by `***`.
std::string MaskSecrets(std::string_view text);

}  // namespace throughline::server
