#pragma once

// Up to where each service has reacted to each partition, as noted in `<prefix>.reactions` beside the offsets of its
// consumer group, which the brokers forget:
//
//   `<group>/<topic>/<partition>`  the offset
//   `<group>/begun`                for people, how it is known that the group's positions are all noted
//
// Only with the second may a partition without the first begin at its first record: nothing was ever reacted to there.
// Without it, and without offsets of the group, a service that has written before has lost its positions. To begin at
// the first record would decide reactions that are long done anew, on today's state; so it does not start until an
// operator says from when on it is to react (`throughline log react-since`).

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/log/event_log.h"
#include "libs/log/kafka/layout.h"
#include "libs/log/kafka/topics/notes.h"

namespace throughline::log {

// For the operator of a service that has lost its positions: what was written before `since` counts as reacted to.
// Durable when it returns; says how many records are still to be reacted to. `how`: who, when, why; for people.
// FAILED_PRECONDITION: its positions are known, or there is no such topic. UNAVAILABLE: no broker answers.
absl::StatusOr<int64_t> ReactSince(const KafkaCluster& cluster, Topic service, absl::Time since, const std::string& how,
                                   absl::Duration timeout);

namespace kafka {

// Of one group. One thread.
class ReactionNotes {
 public:
  // `topic` empty: nothing is noted, and all begins at the first record. The layout must outlive it.
  ReactionNotes(KafkaCluster cluster, std::string topic, std::string group, const Layout& layout);

  // Before anything is written: makes sure that the group's positions are noted, or that there are none. `member` is
  // of the group, `own` the topic of its service. FAILED_PRECONDITION: they are lost; says what to do.
  absl::Status Admit(rd_kafka_t* member, Topic own, const std::vector<Topic>& topics, absl::Duration timeout);
  // Sets the offsets that the group does not know. FAILED_PRECONDITION: they are lost.
  absl::Status Recall(std::vector<Position>& held, absl::Duration timeout) const;

  // Handed over, to be durable soon. UNAVAILABLE: not even that; try again.
  absl::Status Write(const Position& done);
  absl::Status Flush(absl::Duration timeout) { return writer_.Flush(timeout); }

  // As Admit, where an operator says what the positions are. The number of records behind them.
  absl::StatusOr<int64_t> Set(rd_kafka_t* member, absl::Time since, const std::string& how, absl::Duration timeout);

 private:
  std::string KeyOf(const Partition& partition) const;
  std::string BegunKey() const;
  // By key; none: the group's positions are not noted.
  absl::StatusOr<std::optional<std::map<std::string, int64_t>>> Read(absl::Duration timeout) const;
  // Durable when it returns.
  absl::Status Begin(const std::vector<Position>& positions, const std::string& how, absl::Duration timeout);
  absl::Status Lost() const;

  const KafkaCluster cluster_;
  const std::string topic_;
  const std::string group_;
  const Layout& layout_;
  NoteWriter writer_;
};

}  // namespace kafka
}  // namespace throughline::log
