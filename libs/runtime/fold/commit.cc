#include "libs/runtime/fold/commit.h"

#include <algorithm>

#include "libs/crypto/sha256.h"
#include "libs/log/partitioner.h"

namespace throughline::runtime {

using throughline::log::v1::Commit;

namespace {

// What Record::decoded holds. It owns all of it: the service that read the record may end before the record does.
struct Reading {
  std::string digest;
  StreamId stream;
  const google::protobuf::Message* event = nullptr;  // the prototype of `events`
  std::shared_ptr<const Commit> header;
  std::vector<MessagePtr> events;
};

std::shared_ptr<const Reading> ReadingOf(const log::Record& record) {
  return std::static_pointer_cast<const Reading>(record.decoded.Get());
}

}  // namespace

std::string DigestOf(const log::Record& record) {
  const std::shared_ptr<const Reading> reading = ReadingOf(record);
  return reading != nullptr ? reading->digest : crypto::Sha256(record.value);
}

void ShareReading(const log::Record& record, const std::string& digest, const ReadCommit& read) {
  // Do not share a reading that ignored events: the service that owns the topic must not ignore them.
  if (record.decoded.Get() != nullptr || read.ignored) return;
  auto reading = std::make_shared<Reading>();
  *reading = {digest, read.stream, &read.type->event(), read.header, read.events};
  record.decoded.Set(std::move(reading));
}

absl::StatusOr<ReadCommit> ReadRecord(const log::Record& record, const StreamTypes& types, int32_t partitions) {
  if (const std::shared_ptr<const Reading> reading = ReadingOf(record)) {
    const StreamType* type = types.Find(reading->stream.kind);
    if (type != nullptr && &type->event() == reading->event && type->topic() == record.partition.topic) {
      return ReadCommit{reading->stream, type, reading->header, reading->events};
    }
  }
  auto header = std::make_shared<Commit>();
  if (!header->ParseFromString(record.value)) return absl::InvalidArgumentError("not a commit");
  if (header->schema_version() == 0 || header->version() == 0 || header->command_id().empty() ||
      header->actor().id().empty() || header->events().empty()) {
    return absl::InvalidArgumentError("not a commit: a field that every commit has is missing");
  }
  if (header->schema_version() > kSchemaVersion) {
    return absl::UnimplementedError("schema version " + std::to_string(header->schema_version()) +
                                    " is newer than this version's " + std::to_string(kSchemaVersion));
  }
  std::optional<StreamId> stream = StreamId::Parse(header->stream());
  if (!stream || header->stream() != record.key) {
    return absl::InvalidArgumentError("not a commit: its stream is not the record's key");
  }
  if (log::PartitionFor(record.key, partitions) != record.partition.index) {
    return absl::InvalidArgumentError("the commit stands in a partition that is not its stream's");
  }
  if (types.LeavesUnread(stream->kind)) {
    return absl::InvalidArgumentError("a " + stream->kind +
                                      " has no place in this topic");  // where it has one, none is read
  }
  ReadCommit read;
  read.type = types.Find(stream->kind);
  const bool may_ignore = !types.Owns(record.partition.topic);
  if (read.type == nullptr && may_ignore &&
      std::all_of(header->events().begin(), header->events().end(), [](const auto& e) { return e.ignorable(); })) {
    read.type = &types.Unknown(record.partition.topic);
  }
  if (read.type == nullptr) {
    return absl::UnimplementedError("stream kind " + stream->kind + " is not known to this version");
  }
  if (read.type->topic() != record.partition.topic) {
    return absl::InvalidArgumentError("a " + stream->kind + " has no place in this topic");
  }
  for (const auto& committed : header->events()) {
    absl::StatusOr<MessagePtr> event = read.type->Decode(committed.type(), committed.data());
    if (absl::IsUnimplemented(event.status()) && may_ignore && committed.ignorable()) {
      read.ignored = true;
      continue;
    }
    if (!event.ok()) return event.status();
    read.events.push_back(*std::move(event));
  }
  read.stream = *std::move(stream);
  read.header = std::move(header);
  return read;
}

}  // namespace throughline::runtime
