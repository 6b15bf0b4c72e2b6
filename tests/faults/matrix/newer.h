#pragma once

// Intake of a version to come, which knows one more kind of stream: for what happens before and after an upgrade.

#include <string>

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"
#include "throughline/log/v1/commit.pb.h"

namespace throughline::faults {

inline constexpr char kNewerKind[] = "survey";

// An event of that kind.
void FillNewerEvent(throughline::log::v1::CommittedEvent& event);

class NewerIntake {
 public:
  struct Seen {
    int64_t from = 0;    // where the store stood in the partition
    int64_t folded = 0;  // records of the partition
  };
  // Runs it in this process on the data directory of a replica that has stopped, until it has folded all of the
  // partition. DEADLINE_EXCEEDED: it does not become ready.
  static absl::StatusOr<Seen> Run(const std::string& brokers, const std::string& prefix, const std::string& data,
                                  const log::Partition& partition);
};

}  // namespace throughline::faults
