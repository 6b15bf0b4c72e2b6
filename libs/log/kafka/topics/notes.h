#pragma once

// Notes about the log, kept on the cluster beside it: small topics of Throughline's own with one partition each.
//
//   `<prefix>.reactions`  compacted: up to where each service has reacted to each partition (group/reactions.h).
//   `<prefix>.gaps`       kept for ever: the gaps that operators accepted.
//
// A note is a key and a value.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/log/kafka/client.h"
#include "libs/log/kafka/settings.h"

namespace throughline::log::kafka {

struct Note {
  std::string key;
  std::string value;
};

// All that the topic holds, in order. Blocks. UNAVAILABLE: not read to its end in time.
absl::StatusOr<std::vector<Note>> ReadNotes(const KafkaCluster& cluster, const std::string& topic,
                                            absl::Duration timeout);

// One thread.
class NoteWriter {
 public:
  NoteWriter(KafkaCluster cluster, std::string topic) : cluster_(std::move(cluster)), topic_(std::move(topic)) {}
  NoteWriter(const NoteWriter&) = delete;
  NoteWriter& operator=(const NoteWriter&) = delete;

  // Handed over, to be durable soon. UNAVAILABLE: not even that; try again.
  absl::Status Write(Note note);
  // Waits until all is durable. UNAVAILABLE: not in time, or some of it never will be.
  absl::Status Flush(absl::Duration timeout);

 private:
  const KafkaCluster cluster_;
  const std::string topic_;
  rd_kafka_resp_err_t failed_ = RD_KAFKA_RESP_ERR_NO_ERROR;  // what became of a note since the last Flush
  Client producer_;                                          // made when first needed, and anew when broken
};

}  // namespace throughline::log::kafka
