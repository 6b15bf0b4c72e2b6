#pragma once

// Notes about the log, stored on the cluster: small topics with one partition each.
//
//   `<prefix>.reactions`  compacted: the checkpoints of each service (group/checkpoints.h)
//   `<prefix>.gaps`       unlimited retention: the accepted gaps (gaps.h)
//
// A note is a key and a value.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/log/kafka/client.h"
#include "libs/log/kafka/secrets.h"
#include "libs/log/kafka/settings.h"

namespace throughline::log::kafka {

struct Note {
  std::string key;
  std::string value;
};

// All notes of the topic, in order. Blocks. UNAVAILABLE: its end was not reached in time.
absl::StatusOr<std::vector<Note>> ReadNotes(const KafkaCluster& cluster, const std::string& topic,
                                            absl::Duration timeout);

// One thread.
class NoteWriter {
 public:
  // The secrets must outlive it.
  NoteWriter(const KafkaCluster& cluster, const Secrets& secrets, std::string topic);
  NoteWriter(const NoteWriter&) = delete;
  NoteWriter& operator=(const NoteWriter&) = delete;

  // Queues the note; Flush makes it durable. UNAVAILABLE: not queued; try again.
  absl::Status Write(Note note);
  // Waits until all notes are durable. UNAVAILABLE: not in time, or one of them failed.
  absl::Status Flush(absl::Duration timeout);

 private:
  const std::string topic_;
  rd_kafka_resp_err_t failed_ = RD_KAFKA_RESP_ERR_NO_ERROR;  // an error since the last Flush
  Renewal renewal_;
  Client producer_;  // made on first use, and replaced when broken or when the secrets change
};

}  // namespace throughline::log::kafka
