#pragma once

// What replicas remember, row by row, once they have stopped.

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"
#include "tests/faults/matrix/audit.h"

namespace throughline::faults {

using Rows = std::map<std::string, std::string>;

// Every row of the store in `path`.
absl::StatusOr<Rows> ReadRows(log::Topic service, const std::string& path);

// Empty, or how many rows differ and which is the first.
std::string Difference(const Rows& a, const Rows& b);

// Judges the log anew against what the stores remember of their folding; what does not hold.
std::vector<std::string> Verify(const Audit& audit, int32_t partitions, const std::string& brokers_name,
                                const std::map<log::Topic, std::string>& stores);

}  // namespace throughline::faults
