#pragma once

// Compares the stores of stopped replicas.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"
#include "libs/store/key_value.h"
#include "tests/faults/matrix/audit.h"

namespace throughline::faults {

// The store of this version's layout in `path`, to read.
absl::StatusOr<std::unique_ptr<store::KeyValue>> OpenStore(log::Topic service, const std::string& path);

// Empty if the digests are equal; otherwise how many rows differ and the first of them.
std::string Difference(const store::KeyValue& a, const store::KeyValue& b);

// Judges the log again and compares with the stores' positions and states. Returns what does not hold.
std::vector<std::string> Verify(const Audit& audit, int32_t partitions, const std::string& brokers_name,
                                const std::map<log::Topic, std::string>& stores);

}  // namespace throughline::faults
