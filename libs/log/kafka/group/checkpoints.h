#pragma once

// Copies of each service's checkpoints in `<prefix>.reactions`, because brokers delete the offsets of a consumer group:
//
//   `<group>/<topic>/<partition>`  the checkpoint
//   `<group>/begun`                all checkpoints of the group are in this topic; the value tells people since when
//   and why
//
// With `<group>/begun`, a partition without a checkpoint begins at its first record: there was no reaction to it yet.
// Without it, and without offsets of the group, a service that has written records has lost its checkpoints. It must
// not begin at the first record: that would decide old reactions again, on today's state. So it does not start until an
// operator gives the time from which on it reacts (`throughline log react-since`).

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/log/event_log.h"
#include "libs/log/kafka/topics/layout.h"
#include "libs/log/kafka/topics/notes.h"

namespace throughline::log {

// For the operator of a service that has lost its checkpoints: records from before `since` count as reacted to. Durable
// on return. Returns the number of records that are left to react to. `how`: who, when and why, for people.
// FAILED_PRECONDITION: the checkpoints are known, or there is no such topic. UNAVAILABLE: no broker answers.
absl::StatusOr<int64_t> ReactSince(const KafkaCluster& cluster, Topic service, absl::Time since, const std::string& how,
                                   absl::Duration timeout);

namespace kafka {

// The notes of one group. One thread.
class ReactionNotes {
 public:
  // `topic` empty: nothing is stored, and all partitions begin at their first record. Layout and secrets must outlive
  // it.
  ReactionNotes(KafkaCluster cluster, const Secrets& secrets, std::string topic, std::string group,
                const Layout& layout);

  // To be called before the service writes: ensures that the topic has the group's checkpoints, or that there are none
  // yet. `member`: a client of the group. `own`: the topic of its service. FAILED_PRECONDITION: they are lost; says
  // what to do.
  absl::Status Admit(rd_kafka_t* member, Topic own, const std::vector<Topic>& topics, absl::Duration timeout);
  // Fills in the offsets that the group does not have. FAILED_PRECONDITION: they are lost.
  absl::Status Recall(std::vector<Position>& held, absl::Duration timeout) const;

  // Queues the note; Flush makes it durable. UNAVAILABLE: not queued; try again.
  absl::Status Write(const Position& done);
  absl::Status Flush(absl::Duration timeout) { return writer_.Flush(timeout); }

  // As Admit, with checkpoints given by an operator. Returns the number of records after them.
  absl::StatusOr<int64_t> Set(rd_kafka_t* member, absl::Time since, const std::string& how, absl::Duration timeout);

 private:
  std::string KeyOf(const Partition& partition) const;
  std::string BegunKey() const;
  // By key. Nothing: the topic does not have the group's checkpoints.
  absl::StatusOr<std::optional<std::map<std::string, int64_t>>> Read(absl::Duration timeout) const;
  // Durable on return.
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
