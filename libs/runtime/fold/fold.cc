#include "libs/runtime/fold/fold.h"

#include <spdlog/spdlog.h>

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/time.h"

namespace throughline::runtime {
namespace {

constexpr size_t kLastBytes = 8;
constexpr size_t kRowsPerRecord = 8;  // read or changed, about

std::string FoldedPositionBytes(const std::vector<FoldedPosition>& places) {
  std::string bytes;
  for (const FoldedPosition& place : places) {
    store::AppendKey(bytes, place.next);
    bytes.append(place.last);
    bytes.append(kLastBytes - place.last.size(), '\0');
  }
  return bytes;
}

}  // namespace

std::string CommandKey(const std::string& stream, const std::string& caller, const std::string& command_id) {
  std::string key;
  key.reserve(stream.size() + caller.size() + command_id.size() + 2);
  key.append(stream).push_back('\0');
  key.append(caller).push_back('\0');
  key.append(command_id);
  return crypto::Sha256(key).substr(0, 16);
}

std::vector<FoldedPosition> ReadFoldedPositions(const store::KeyValue& store, log::Topic topic, int32_t partitions) {
  std::vector<FoldedPosition> places(static_cast<size_t>(partitions));
  const std::string bytes = kPositionRows.Get(store, static_cast<int64_t>(topic)).value_or("");
  std::string_view rest = bytes;
  for (FoldedPosition& place : places) {
    if (!store::TakeKey(rest, place.next) || rest.size() < kLastBytes) break;
    if (place.next > 0) place.last = std::string(rest.substr(0, kLastBytes));
    rest.remove_prefix(kLastBytes);
  }
  return places;
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
    const std::vector<FoldedPosition> places = ReadFoldedPositions(store_, topic, positions_.PartitionsOf(topic));
    for (size_t i = 0; i < places.size(); ++i) {
      const log::Partition partition{topic, static_cast<int32_t>(i)};
      positions_.Set(partition, places[i].next);
      if (!places[i].last.empty()) last_[partition] = places[i].last;
    }
  }
  unseen_ = last_;
}

std::vector<log::Position> Fold::From() const {
  std::vector<log::Position> from;
  for (const log::Partition& partition : positions_.All()) {
    from.push_back({partition, positions_.Next(partition) - (unseen_.contains(partition) ? 1 : 0)});
  }
  return from;
}

std::optional<log::Position> Fold::Unseen() const {
  if (unseen_.empty()) return std::nullopt;
  const log::Partition& partition = unseen_.begin()->first;
  return log::Position{partition, positions_.Next(partition) - 1};
}

absl::Status Fold::Recognize(const log::Record& record, const std::string& digest) {
  auto unseen = unseen_.find(record.partition);
  if (unseen->second != digest.substr(0, kLastBytes)) {
    return absl::DataLossError(
        "the log is not the one that was folded: another record stands at " +
        log::ToText(log::Position{record.partition, record.offset}) +
        " now; point the service at its log, or delete its store to fold this one from the start");
  }
  unseen_.erase(unseen);
  return absl::OkStatus();
}

absl::Status Fold::Apply(const std::vector<log::RecordPtr>& records, const FindLocalCommit& find,
                         std::vector<Folded>& folded, absl::flat_hash_set<std::string>& notified) {
  store::Batch batch(store_, records.size() * kRowsPerRecord);
  Touched touched;
  touched.reserve(records.size());
  folded.reserve(records.size());
  step_.clear();
  for (const log::RecordPtr& record : records) {
    if (stopped_.contains(record->partition)) continue;
    if (absl::Status status = ApplyOne(*record, find, touched, batch, folded); !status.ok()) return status;
  }
  for (auto& [name, stream] : touched) {
    if (!stream.changed) continue;
    heads_.Store(batch, name,
                 {stream.version, std::move(stream.digest), std::move(stream.state), std::move(stream.traceparent)});
  }
  DigestUnread(records);
  WritePlaces(batch);
  notified = batch.TakeNotified();
  store_.Write(batch.TakeChanges());
  for (auto& [partition, place] : step_) {
    positions_.Set(partition, place.next);
    last_[partition] = std::move(place.last);
  }
  return absl::OkStatus();
}

void Fold::DigestUnread(const std::vector<log::RecordPtr>& records) {
  for (const log::RecordPtr& record : records) {
    auto place = step_.find(record->partition);
    if (place == step_.end() || record->offset != place->second.next - 1 || !place->second.last.empty()) continue;
    place->second.last = DigestOf(*record).substr(0, kLastBytes);
  }
}

void Fold::WritePlaces(store::Batch& batch) const {
  absl::flat_hash_map<log::Topic, std::vector<FoldedPosition>> topics;
  for (const auto& [partition, place] : step_) {
    auto [topic, added] = topics.try_emplace(partition.topic);
    if (added) {
      for (int32_t i = 0; i < positions_.PartitionsOf(partition.topic); ++i) {
        auto last = last_.find({partition.topic, i});
        topic->second.push_back({positions_.Next({partition.topic, i}), last == last_.end() ? "" : last->second});
      }
    }
    topic->second[static_cast<size_t>(partition.index)] = place;
  }
  for (const auto& [topic, places] : topics)
    kPositionRows.Put(batch, static_cast<int64_t>(topic), FoldedPositionBytes(places));
}

absl::Status Fold::ApplyOne(const log::Record& record, const FindLocalCommit& find, Touched& touched,
                            store::Batch& batch, std::vector<Folded>& folded) {
  const log::Partition& partition = record.partition;
  Folded result;
  result.position = {partition, record.offset};
  auto place = step_.find(partition);
  const int64_t next = place != step_.end() ? place->second.next : positions_.Next(partition);
  if (record.offset == next && record.gap == 0 && types_.Unread(record)) {
    step_[partition] = {record.offset + 1, ""};
    result.verdict = Verdict::kUnread;
    folded.push_back(std::move(result));
    return absl::OkStatus();
  }
  result.digest = record.gap > 0 ? std::string(kLastBytes, '\0') : DigestOf(record);
  if (record.offset == next - 1 && unseen_.contains(partition)) return Recognize(record, result.digest);
  if (record.gap > 0 && record.offset - record.gap + 1 == next) {
    kGapRows.Put(batch, static_cast<int64_t>(partition.topic), partition.index, next, record.offset);
    spdlog::warn("{} to {}: an accepted gap, no record stands there", log::ToText(log::Position{partition, next}),
                 record.offset);
    step_[partition] = {record.offset + 1, result.digest};
    return absl::OkStatus();
  }
  if (record.offset != next || record.gap > 0) {
    return absl::DataLossError("the log is not contiguous: expected " + log::ToText(log::Position{partition, next}) +
                               ", got offset " + std::to_string(record.offset) +
                               "; records are missing or it is another log");
  }
  const LocalCommit* local = find(result.digest);
  absl::StatusOr<ReadCommit> read =
      local != nullptr ? local->commit : ReadRecord(record, types_, positions_.PartitionsOf(partition.topic));
  const int64_t topic = static_cast<int64_t>(partition.topic);
  if (absl::IsUnimplemented(read.status())) {
    stopped_.emplace(partition, log::ToText(log::Position{partition, record.offset}) + ": " +
                                    std::string(read.status().message()) +
                                    "; start a newer version, it goes on from there");
    spdlog::error("the fold stopped at {}", stopped_.at(partition));
    probe_.StoppedPartitions(stopped_.size());
    return absl::OkStatus();
  }
  step_[partition] = {record.offset + 1, result.digest.substr(0, kLastBytes)};
  if (read.ok()) ShareReading(record, result.digest, *read);
  Stream* stream = read.ok() ? &Touch(*read, touched) : nullptr;
  const bool follows = stream != nullptr && Follows(*read->header, *stream);
  if (follows && read->header->version() != stream->version + 1) {
    read = absl::InvalidArgumentError("a commit that says version " + std::to_string(read->header->version()) +
                                      ", and would be number " + std::to_string(stream->version + 1));
  }
  if (!read.ok()) {
    throughline::log::v1::QuarantinedRow row;
    row.set_key(record.key);
    row.set_value(record.value);
    row.set_reason(std::string(read.status().message()));
    kQuarantinedRows.Put(batch, topic, partition.index, record.offset, row);
    spdlog::warn("quarantined {}: {}", log::ToText(log::Position{partition, record.offset}), row.reason());
    probe_.Quarantined(partition.topic);
    result.verdict = Verdict::kQuarantined;
  } else if (follows) {
    Accept(record, *std::move(read), local != nullptr ? local->state : nullptr, *stream, batch, result);
    probe_.Accepted(partition, result.commit.time);
  } else {
    kVoidRows.Put(batch, topic, partition.index, record.offset, std::string());
    probe_.Void(partition.topic, WhyVoid(*read->header, *stream, result.digest));
    result.verdict = Verdict::kVoid;
  }
  folded.push_back(std::move(result));
  return absl::OkStatus();
}

void Fold::Accept(const log::Record& record, ReadCommit read, MessagePtr state_after, Stream& stream,
                  store::Batch& batch, Folded& folded) {
  stream.version += 1;
  stream.digest = folded.digest;
  stream.traceparent = read.header->traceparent();
  stream.changed = true;
  if (stream.type->own()) {
    if (state_after == nullptr) {
      std::shared_ptr<google::protobuf::Message> state(stream.state->New());
      state->MergeFrom(*stream.state);
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
    kCommandRows.Put(batch, CommandKey(read.header->stream(), read.header->actor().id(), read.header->command_id()),
                     command);
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

VoidReason WhyVoid(const throughline::log::v1::Commit& commit, const StreamEnd& end, const std::string& digest) {
  if (digest == end.digest) return VoidReason::kRepeated;
  return commit.version() <= end.version ? VoidReason::kOvertaken : VoidReason::kAfterVoid;
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
