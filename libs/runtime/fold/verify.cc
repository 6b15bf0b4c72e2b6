#include "libs/runtime/fold/verify.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/fold/acceptance.h"
#include "libs/runtime/fold/commit.h"
#include "libs/runtime/fold/fold.h"
#include "libs/runtime/fold/positions.h"
#include "libs/runtime/fold/tables.h"
#include "throughline/log/v1/commit.pb.h"

namespace throughline::runtime {
namespace {

using throughline::log::v1::StreamRow;

constexpr size_t kMaxProblems = 100;
constexpr int64_t kRecordsInBatch = 4096;

// Of the scratch store. Topic, stream -> its last accepted commit; version 0 if none was.
constexpr store::Table<StreamRow, int64_t, std::string> kSeenStreams{1};

}  // namespace

Verifier::Verifier(const log::Identity& identity, const StreamTypes& types, Stores stores, store::KeyValue& scratch)
    : types_(types), stores_(std::move(stores)), scratch_(scratch), batch_(std::make_unique<store::Batch>(scratch)) {
  for (const auto& topic : identity.topics) partitions_[static_cast<size_t>(topic.topic)] = topic.partitions;
  for (const auto& [topic, store] : stores_) {
    for (const FoldedPosition& place : ReadFoldedPositions(*store, topic, partitions_[static_cast<size_t>(topic)]))
      folded_[topic].push_back(place.next);
  }
}

void Verifier::Problem(std::string text) {
  ++report_.problem_count;
  if (report_.problems.size() < kMaxProblems) report_.problems.push_back(std::move(text));
}

void Verifier::Break(const std::string& stream, std::string problem) {
  broken_.insert(stream);
  Problem(std::move(problem));
}

void Verifier::WriteScratch() {
  scratch_.Write(batch_->TakeChanges());
  batch_ = std::make_unique<store::Batch>(scratch_, 2 * kRecordsInBatch);
  in_batch_ = 0;
}

void Verifier::Suspect(std::string text) {
  ++report_.suspicion_count;
  if (report_.suspicions.size() < kMaxProblems) report_.suspicions.push_back(std::move(text));
}

void Verifier::Unreadable(const log::Partition& partition, const std::string& why) {
  Problem(log::ToText(log::Position{partition, next_[partition]}) + ": the log cannot read on: " + why);
}

void Verifier::Add(const log::Record& record) {
  const std::string where = log::ToText(log::Position{record.partition, record.offset});
  int64_t& next = next_[record.partition];
  if (record.gap > 0) return AddGap(record, next);
  if (record.offset > next) {
    Problem(where + ": " + std::to_string(record.offset - next) + " record(s) before it are missing, from offset " +
            std::to_string(next));
  } else if (record.offset < next) {
    Problem(where + ": comes after offset " + std::to_string(next - 1));
  }
  next = record.offset + 1;
  ++report_.topics[static_cast<size_t>(record.partition.topic)].records;
  AddCommit(record, where);
  if (++in_batch_ == kRecordsInBatch) WriteScratch();
}

// A gap is acceptable only where no store has folded a record.
void Verifier::AddGap(const log::Record& record, int64_t& next) {
  const int64_t first = record.offset - record.gap + 1;
  if (first != next)
    Problem(log::ToText(log::Position{record.partition, first}) +
            ": an accepted gap does not begin where the log ended");
  report_.topics[static_cast<size_t>(record.partition.topic)].gaps += record.gap;
  next = record.offset + 1;
  auto store = stores_.find(record.partition.topic);
  if (store == stores_.end()) return;
  const int64_t topic = static_cast<int64_t>(record.partition.topic);
  const bool folded = first < folded_.at(record.partition.topic)[static_cast<size_t>(record.partition.index)];
  if (folded && !kGapRows.Has(*store->second, topic, record.partition.index, first)) {
    Problem(log::ToText(log::Position{record.partition, first}) +
            ": is accepted as a gap, and a record was folded there before");
  }
}

// How the store's fold judged the record at this position.
Verifier::Remembered Verifier::RecallOf(const log::Record& record) const {
  auto store = stores_.find(record.partition.topic);
  if (store == stores_.end()) return Remembered::kUnknown;
  const int64_t topic = static_cast<int64_t>(record.partition.topic);
  const int32_t index = record.partition.index;
  if (record.offset >= folded_.at(record.partition.topic)[static_cast<size_t>(index)]) return Remembered::kUnknown;
  if (kVoidRows.Has(*store->second, topic, index, record.offset)) return Remembered::kVoid;
  if (kQuarantinedRows.Has(*store->second, topic, index, record.offset)) return Remembered::kQuarantined;
  return Remembered::kAccepted;
}

void Verifier::AddCommit(const log::Record& record, const std::string& where) {
  VerifyReport::Topic& topic = report_.topics[static_cast<size_t>(record.partition.topic)];
  const Remembered remembered = RecallOf(record);
  if (remembered != Remembered::kUnknown) ++topic.compared;
  const absl::StatusOr<ReadCommit> read =
      ReadRecord(record, types_, partitions_[static_cast<size_t>(record.partition.topic)]);
  throughline::log::v1::Commit commit;
  if (read.ok()) {
    commit = *read->header;
  } else if (absl::IsUnimplemented(read.status()) && commit.ParseFromString(record.value)) {
    Suspect(where + ": its events were not read: " + std::string(read.status().message()) +
            "; verify with a newer version");
  } else {
    ++topic.not_commits;
    if (remembered == Remembered::kAccepted || remembered == Remembered::kVoid) {
      Problem(where + ": a commit of " + record.key + " stood here, and it cannot be read (" +
              std::string(read.status().message()) + "): its bytes were changed, or no reader ever could");
    }
    return;
  }
  const int64_t topic_number = static_cast<int64_t>(record.partition.topic);
  const std::optional<StreamRow> seen = kSeenStreams.Get(*batch_, topic_number, commit.stream());
  StreamRow stream = seen.value_or(StreamRow());
  if (!seen) {
    ++topic.streams;
    kSeenStreams.Put(*batch_, topic_number, commit.stream(), stream);
  }
  if (broken_.contains(commit.stream())) return;
  const std::string digest = crypto::Sha256(record.value);
  const bool accepted = Follows(commit, {stream.version(), stream.digest()});
  if (accepted && commit.version() != stream.version() + 1) {
    ++topic.not_commits;
    if (remembered == Remembered::kAccepted || remembered == Remembered::kVoid) {
      Break(commit.stream(), where + ": says version " + std::to_string(commit.version()) + " of " + commit.stream() +
                                 ", and would be number " + std::to_string(stream.version() + 1));
    }
    return;
  }
  if (remembered == Remembered::kAccepted) {
    const store::KeyValue& store = *stores_.at(record.partition.topic);
    auto command = kCommandRows.Get(store, CommandKey(commit.stream(), commit.actor().id(), commit.command_id()));
    if (!command || command->offset() != record.offset || command->record_digest() != digest.substr(0, 8)) {
      return Break(commit.stream(), where + ": the accepted commit of " + commit.stream() + " was changed or replaced");
    }
    if (!accepted) {
      return Break(commit.stream(),
                   where + ": was accepted, and no longer follows the commit before it on " + commit.stream());
    }
  } else if (remembered == Remembered::kVoid && accepted) {
    return Break(commit.stream(), where + ": was void, and now follows the commit before it on " + commit.stream());
  }
  if (!accepted) {
    ++topic.voided;
    // A commit that loses a race follows an accepted commit, so its version is not ahead; a commit that was decided on
    // the loser follows a void one.
    if (remembered == Remembered::kUnknown && commit.version() > stream.version() &&
        !void_digests_.contains(commit.follows())) {
      Suspect(where + ": version " + std::to_string(commit.version()) + " of " + commit.stream() +
              " follows a commit that is not in the log, where its last accepted one is version " +
              std::to_string(stream.version()));
    }
    void_digests_.insert(digest);
    return;
  }
  ++topic.accepted;
  stream.set_version(stream.version() + 1);
  stream.set_digest(digest);
  kSeenStreams.Put(*batch_, topic_number, commit.stream(), stream);
}

// Each stream's last commit, in the log and in the store.
void Verifier::CompareEnds(log::Topic topic, const store::KeyValue& store) {
  const auto compare = [&](std::string_view, const auto& key, const StreamRow& stream) {
    const std::string& name = std::get<1>(key);
    if (stream.version() == 0 || broken_.contains(name)) return true;
    const std::optional<StreamRow> row = kStreamRows.Get(store, name);
    if (!row || row->digest() != stream.digest() || row->version() != stream.version()) {
      Problem(log::TopicName(topic) + ": " + name + " ends at version " + std::to_string(stream.version()) +
              " in the log, and at another commit in the store");
    }
    return true;
  };
  kSeenStreams.Scan(scratch_, "", compare, static_cast<int64_t>(topic));
}

VerifyReport Verifier::Finish() {
  WriteScratch();
  for (log::Topic topic : log::kTopics) {
    auto store = stores_.find(topic);
    if (store == stores_.end()) continue;
    bool at_the_end = true;
    for (int32_t index = 0; index < partitions_[static_cast<size_t>(topic)]; ++index) {
      const int64_t folded = folded_.at(topic)[static_cast<size_t>(index)];
      const int64_t end = next_[{topic, index}];
      if (folded > end) {
        Problem(log::ToText(log::Position{{topic, index}, end}) +
                ": the log ends here, and had been folded up to offset " + std::to_string(folded) +
                ": its end is missing");
      }
      at_the_end = at_the_end && folded == end;
    }
    if (at_the_end) CompareEnds(topic, *store->second);
  }
  return std::move(report_);
}

}  // namespace throughline::runtime
