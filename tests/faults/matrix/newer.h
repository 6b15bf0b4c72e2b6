#pragma once

// A later version of intake that knows one more kind of stream, for upgrade tests.

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
    int64_t from = 0;    // the store's offset in the partition before
    int64_t folded = 0;  // records of the partition
  };
  // Runs it in this process, on the data directory of a stopped replica, until it has folded the whole partition.
  // DEADLINE_EXCEEDED: it does not become ready.
  static absl::StatusOr<Seen> Run(const std::string& brokers, const std::string& prefix, const std::string& data,
                                  const log::Partition& partition);
};

}  // namespace throughline::faults
