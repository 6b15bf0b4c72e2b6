#pragma once

// Gaps in the log that operators accepted: offsets that hold no record, as a foreign transaction leaves them. They are
// kept in the topic `<prefix>.gaps`, with who accepted each, when and why, and read whenever the log is opened.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/log/event_log.h"
#include "libs/log/kafka/settings.h"

namespace throughline::log {

struct Gap {
  Partition partition;
  int64_t from;
  int64_t to;  // the last offset without a record
  auto operator<=>(const Gap&) const = default;
};

// "throughline.intake.log/3@5-6", whatever the cluster's prefix.
std::string GapText(const Gap& gap);
// INVALID_ARGUMENT: it is not of this form.
absl::StatusOr<Gap> ParseGap(std::string_view text);

struct AcceptedGap {
  Gap gap;
  std::string how;  // who, when, why; for people
};

// In the order in which they were accepted. None if there is no such topic. UNAVAILABLE: no broker answers.
absl::StatusOr<std::vector<AcceptedGap>> ReadGaps(const KafkaCluster& cluster, absl::Duration timeout);

// Looks whether exactly these offsets hold no record, and if so keeps it for ever. FAILED_PRECONDITION: one of them
// holds a record, more of them hold none, the log does not reach there, or `<prefix>.gaps` is missing or forgets.
absl::Status AcceptGap(const KafkaCluster& cluster, const AcceptedGap& gap, absl::Duration timeout);

namespace kafka {

// The parts, each within one of `accepted` (ascending), that make up what is missing; empty if they do not.
std::vector<Gap> Cover(const std::vector<Gap>& accepted, const Gap& missing);

}  // namespace kafka
}  // namespace throughline::log
