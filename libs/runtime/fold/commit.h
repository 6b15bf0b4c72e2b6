#pragma once

// Reads the record of a commit, as every reader of the log reads it. Any thread.

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"
#include "libs/runtime/domain/stream_id.h"
#include "libs/runtime/fold/stream_type.h"
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
  bool ignored = false;            // some were: another service's, marked as ignorable by its writer
};

// SHA-256 of the record's value. The next commit on the stream names it as the one that it follows.
std::string DigestOf(const log::Record& record);

// `partitions`: the topic's number of partitions.
//
// UNIMPLEMENTED: a commit of a newer version, which must not be skipped. INVALID_ARGUMENT: not a commit, or in the
// place of another stream; the fold quarantines it. An unknown event is ignored if its writer marked it as ignorable
// and the topic is another service's; its commit counts on its stream as any other.
absl::StatusOr<ReadCommit> ReadRecord(const log::Record& record, const StreamTypes& types, int32_t partitions);

// The commit of a record that is about to be appended, read from its bytes as every other reader will read it: protobuf
// writes strings that it then refuses to parse. Errors as ReadRecord's. `made` is what the record was made of. In a
// source of its own, read_back.cc, so that the simulation can link one that returns `made`, and show that this is
// found.
absl::StatusOr<ReadCommit> ReadBack(const log::Record& record, const ReadCommit& made, const StreamTypes& types,
                                    int32_t partitions);

// Keeps what was read with the record, so that other services of the same process need not read and digest it again.
void ShareReading(const log::Record& record, const std::string& digest, const ReadCommit& read);

}  // namespace throughline::runtime
