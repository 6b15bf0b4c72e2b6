#pragma once

// Compares the stores of stopped replicas, row by row.

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

// Empty, or how many rows differ and the first of them.
std::string Difference(const Rows& a, const Rows& b);

// Judges the log again and compares with the stores' positions and states. Returns what does not hold.
std::vector<std::string> Verify(const Audit& audit, int32_t partitions, const std::string& brokers_name,
                                const std::map<log::Topic, std::string>& stores);

}  // namespace throughline::faults
