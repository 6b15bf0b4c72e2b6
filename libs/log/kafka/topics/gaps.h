#pragma once

// Gaps that operators have accepted: offsets without a record, as left by a foreign transaction. The topic
// `<prefix>.gaps` stores each with who accepted it, when and why; it is read whenever the log is opened.

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

// "throughline.intake.log/3@5-6", without the cluster's prefix.
std::string GapText(const Gap& gap);
// INVALID_ARGUMENT: not of this form.
absl::StatusOr<Gap> ParseGap(std::string_view text);

struct AcceptedGap {
  Gap gap;
  std::string how;  // who, when and why, for people
};

// In the order of acceptance; empty if the topic does not exist. UNAVAILABLE: no broker answers.
absl::StatusOr<std::vector<AcceptedGap>> ReadGaps(const KafkaCluster& cluster, absl::Duration timeout);

// Stores the gap for ever, if exactly these offsets hold no record. FAILED_PRECONDITION: one of them holds a record,
// the gap is longer, the log ends before it, or `<prefix>.gaps` is missing or has limited retention.
absl::Status AcceptGap(const KafkaCluster& cluster, const AcceptedGap& gap, absl::Duration timeout);

namespace kafka {

// Splits `missing` into parts that each lie within one of `accepted` (ascending). Empty: they do not cover it.
std::vector<Gap> Cover(const std::vector<Gap>& accepted, const Gap& missing);

}  // namespace kafka
}  // namespace throughline::log
