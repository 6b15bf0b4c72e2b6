#pragma once

// How far this machine's clock and the brokers' are apart. Kafka has no call that tells its time: this writes a small
// record to a topic of its own, `<prefix>.clock`, which the broker stamps (message.timestamp.type=LogAppendTime), and
// which is made if it is missing. Blocks for up to the timeout; any thread.

#include <algorithm>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/log/kafka/settings.h"

namespace throughline::log {

struct ClockDifference {
  absl::Time sent, answered;  // by this machine's clock
  absl::Time stamped;         // by the broker's

  // This machine's clock less the broker's, at least: zero if the stamp lies between the two.
  absl::Duration least_off() const {
    if (stamped < sent) return sent - stamped;
    if (stamped > answered) return answered - stamped;
    return absl::ZeroDuration();
  }
};

// UNAVAILABLE: the cluster does not answer. PERMISSION_DENIED, FAILED_PRECONDITION: the topic cannot be made or
// written.
absl::StatusOr<ClockDifference> CompareClocks(const KafkaCluster& cluster, absl::Duration timeout);

}  // namespace throughline::log
