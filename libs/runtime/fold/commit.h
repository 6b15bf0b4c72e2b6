#pragma once

// The record of a commit: made by the writer, judged by the fold. Any thread.

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"
#include "libs/runtime/commands/command.h"
#include "throughline/log/v1/commit.pb.h"

namespace throughline::runtime {

// The newest `Commit.schema_version` that this binary writes and reads.
inline constexpr uint32_t kSchemaVersion = 1;

// A commit that a record holds. `events` are decoded by the stream's type.
struct ReadCommit {
  StreamId stream;
  const StreamType* type = nullptr;
  std::shared_ptr<const throughline::log::v1::Commit> header;
  std::vector<MessagePtr> events;  // without those that were ignored
  bool ignored = false;            // some of another service's, which its writer allowed
};

// The commit of `events`, that follows the accepted commit number `version` with digest `follows`.
throughline::log::v1::Commit MakeCommit(const Command& command, uint64_t version, const std::string& follows,
                                        const std::vector<MessagePtr>& events);

// SHA-256 of the record's value: what the next commit on the stream names as the one that it follows.
std::string DigestOf(const log::Record& record);

// UNIMPLEMENTED: a commit of a newer version, which must not be skipped. An event that is not known is ignored if its
// writer marked it and the topic is not the service's own; its commit counts on its stream as any other.
// INVALID_ARGUMENT: no commit at all, or one that stands in another stream's place; to be quarantined. `partitions`:
// the topic's number of partitions.
absl::StatusOr<ReadCommit> ReadRecord(const log::Record& record, const StreamTypes& types, int32_t partitions);

// Spares the other readers of the record, in services of the same process, to read and digest it again.
void ShareReading(const log::Record& record, const std::string& digest, const ReadCommit& read);

}  // namespace throughline::runtime
