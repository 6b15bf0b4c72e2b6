#pragma once

// One line of the process's log, with what it is about.
//
//   if (Logs(LogLevel::kInfo)) Log(LogLevel::kInfo, {.trace = trace, .stream = "case/7"}, "accepted 3: CaseOpened");
//
// A line never holds what a customer said or who they are: ids, codes and names of types only, no texts of a request.
// Until the process has set up its log (libs/server/operations/logging.h), nothing below a warning is written: tests
// and tools that run parts of a service in their own process print nothing.
//
// Any thread.

#include <string_view>

namespace throughline::logging {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Empty fields are left out.
struct LogFields {
  std::string_view service;
  std::string_view trace;        // the trace id, or the correlation id of what belongs to no trace
  std::string_view correlation;  // if it is another than the trace
  std::string_view stream;       // `kind/key`
  std::string_view command;      // the command id
};

void Log(LogLevel level, const LogFields& fields, std::string_view message);

// Whether lines of this level are written: ask before a line is put together.
bool Logs(LogLevel level);
// From now on; lines that are logged through spdlog itself, too.
void SetLogLevel(LogLevel level);
LogLevel CurrentLogLevel();

// The fields of the line that this thread is logging; null: none. For the formatter, which runs on the logging thread.
const LogFields* CurrentFields();

}  // namespace throughline::logging
