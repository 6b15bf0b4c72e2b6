#pragma once

// A service's settings, as the service itself reads them: runs its program with --print-config. Any thread.

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace throughline::doctor {

struct ProbedSettings {
  int exit_code = 0;  // 0: they are right
  std::string problems;
  std::map<std::string, std::string> values;  // kafka.brokers; if they are right
};

// NOT_FOUND: there is no such program, neither beside this one nor in the PATH.
absl::StatusOr<ProbedSettings> ProbeSettings(const std::string& program, const std::string& file);

}  // namespace throughline::doctor
