#include "libs/runtime/fold.h"

#include <spdlog/spdlog.h>

#include "libs/runtime/digest.h"
#include "libs/runtime/time.h"

namespace throughline::runtime {
namespace {

std::string Where(const log::Partition& partition, int64_t offset) {
  return log::TopicName(partition.topic) + "/" + std::to_string(partition.index) + "@" + std::to_string(offset);
}

std::string PositionBytes(const std::vector<int64_t>& next) {
  std::string bytes;
  for (int64_t offset : next) store::AppendKey(bytes, offset);
  return bytes;
}

}  // namespace

std::string CommandKey(const std::string& stream, const std::string& command_id) {
  std::string both;
  both.reserve(stream.size() + command_id.size() + 1);
  both.append(stream).push_back('\0');
  both.append(command_id);
  return Sha256(both).substr(0, 16);
}

std::vector<int64_t> ReadPositions(const store::KeyValue& store, log::Topic topic, int32_t partitions) {
  std::vector<int64_t> next(static_cast<size_t>(partitions), 0);
  const std::string bytes = kPositionRows.Get(store, static_cast<int64_t>(topic)).value_or("");
  std::string_view rest = bytes;
  for (int64_t& offset : next) {
    if (!store::TakeKey(rest, offset)) break;
  }
  return next;
}

Fold::Fold(const StreamTypes& types, std::vector<Projection*> projections, store::KeyValue& store, Heads& heads,
           Positions& positions, Probe& probe)
    : types_(types),
      projections_(std::move(projections)),
      store_(store),
      heads_(heads),
      positions_(positions),
      probe_(probe) {
  for (log::Topic topic : log::kTopics) {
    const std::vector<int64_t> next = ReadPositions(store_, topic, positions_.PartitionsOf(topic));
    for (size_t i = 0; i < next.size(); ++i) positions_.Set({topic, static_cast<int32_t>(i)}, next[i]);
  }
}

absl::Status Fold::Apply(const std::vector<log::RecordPtr>& records, const FindPrepared& find,
                         std::vector<Folded>& folded, absl::flat_hash_set<std::string>& notified) {
  store::Batch batch(store_);
  Touched touched;
  next_.clear();
  for (const log::RecordPtr& record : records) {
    if (stopped_.contains(record->partition)) continue;
    if (absl::Status status = ApplyOne(*record, find, touched, batch, folded); !status.ok()) return status;
  }
  for (auto& [name, stream] : touched) {
    if (stream.changed) heads_.Store(batch, name, {stream.version, std::move(stream.digest), std::move(stream.state)});
  }
  WritePositions(batch);
  notified = batch.TakeNotified();
  store_.Write(batch.TakeChanges());
  for (const auto& [partition, next] : next_) positions_.Set(partition, next);
  return absl::OkStatus();
}

void Fold::WritePositions(store::Batch& batch) const {
  absl::flat_hash_map<log::Topic, std::vector<int64_t>> topics;
  for (const auto& [partition, next] : next_) {
    auto [topic, added] = topics.try_emplace(partition.topic);
    if (added) {
      for (int32_t i = 0; i < positions_.PartitionsOf(partition.topic); ++i) {
        topic->second.push_back(positions_.Next({partition.topic, i}));
      }
    }
    topic->second[static_cast<size_t>(partition.index)] = next;
  }
  for (const auto& [topic, next] : topics) kPositionRows.Put(batch, static_cast<int64_t>(topic), PositionBytes(next));
}

absl::Status Fold::ApplyOne(const log::Record& record, const FindPrepared& find, Touched& touched, store::Batch& batch,
                            std::vector<Folded>& folded) {
  const log::Partition& partition = record.partition;
  auto next = next_.try_emplace(partition, positions_.Next(partition)).first;
  if (record.offset != next->second) {
    return absl::DataLossError("the log is not contiguous: expected " + Where(partition, next->second) +
                               ", got offset " + std::to_string(record.offset) +
                               "; records are missing or it is another log");
  }
  Folded result;
  result.position = {partition, record.offset};
  result.digest = DigestOf(record);
  const Prepared* prepared = find(result.digest);
  absl::StatusOr<ReadCommit> read =
      prepared != nullptr ? prepared->commit : ReadRecord(record, types_, positions_.PartitionsOf(partition.topic));
  const int64_t topic = static_cast<int64_t>(partition.topic);
  if (absl::IsUnimplemented(read.status())) {
    stopped_.emplace(partition, Where(partition, record.offset) + ": " + std::string(read.status().message()) +
                                    "; start a newer version, it goes on from there");
    spdlog::error("the fold stopped at {}", stopped_.at(partition));
    probe_.StoppedPartitions(stopped_.size());
    return absl::OkStatus();
  }
  next->second = record.offset + 1;
  if (read.ok()) ShareReading(record, result.digest, *read);
  if (!read.ok()) {
    throughline::log::v1::QuarantinedRow row;
    row.set_key(record.key);
    row.set_value(record.value);
    row.set_reason(std::string(read.status().message()));
    kQuarantinedRows.Put(batch, topic, partition.index, record.offset, row);
    spdlog::warn("quarantined {}: {}", Where(partition, record.offset), row.reason());
    probe_.Quarantined(partition.topic);
    result.verdict = Verdict::kQuarantined;
  } else if (Stream& stream = Touch(*read, touched); Follows(*read->header, stream)) {
    Accept(record, *std::move(read), prepared != nullptr ? prepared->state : nullptr, stream, batch, result);
    probe_.Accepted(partition.topic);
  } else {
    kVoidRows.Put(batch, topic, partition.index, record.offset, std::string());
    probe_.Void(partition.topic);
    result.verdict = Verdict::kVoid;
  }
  folded.push_back(std::move(result));
  return absl::OkStatus();
}

void Fold::Accept(const log::Record& record, ReadCommit read, MessagePtr state_after, Stream& stream,
                  store::Batch& batch, Folded& folded) {
  stream.version += 1;
  stream.digest = folded.digest;
  stream.changed = true;
  if (stream.type->own()) {
    if (state_after == nullptr) {
      std::shared_ptr<google::protobuf::Message> state(stream.state->New());
      state->CopyFrom(*stream.state);
      for (const MessagePtr& event : read.events) stream.type->Evolve(*state, *event);
      state_after = std::move(state);
    }
    stream.state = std::move(state_after);
    throughline::log::v1::CommandRow command;
    command.set_version(stream.version);
    command.set_partition(record.partition.index);
    command.set_offset(record.offset);
    command.set_command_digest(read.header->command_digest());
    command.set_record_digest(folded.digest.substr(0, 8));
    kCommandRows.Put(batch, CommandKey(read.header->stream(), read.header->command_id()), command);
  }
  folded.verdict = Verdict::kAccepted;
  AcceptedCommit& commit = folded.commit;
  commit.position = folded.position;
  commit.stream = std::move(read.stream);
  commit.version = stream.version;
  commit.time = FromProto(read.header->event_time());
  commit.header = std::move(read.header);
  commit.events = std::move(read.events);
  commit.state = stream.state;
  for (Projection* projection : projections_) projection->Apply(commit, batch);
}

Fold::Stream& Fold::Touch(const ReadCommit& read, Touched& touched) const {
  auto [entry, added] = touched.try_emplace(read.header->stream());
  Stream& stream = entry->second;
  if (!added) return stream;
  stream.type = read.type;
  const StreamHead& head = heads_.Load(*read.type, read.header->stream());
  stream.version = head.version;
  stream.digest = head.digest;
  stream.state = head.state;
  return stream;
}

}  // namespace throughline::runtime
