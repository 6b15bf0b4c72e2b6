#include "libs/runtime/reactions/assignment_reader.h"

#include "absl/algorithm/container.h"
#include <spdlog/spdlog.h>

#include "libs/runtime/domain/time.h"
#include "libs/runtime/fold/tables.h"

namespace throughline::runtime {

AssignmentReader::AssignmentReader(const AssignmentParts& parts, std::string purpose, Take take,
                                   std::function<bool()> busy)
    : parts_(parts), purpose_(std::move(purpose)), take_(std::move(take)), busy_(std::move(busy)) {}

void AssignmentReader::Assigned(const std::vector<log::Position>& assigned) {
  // Partitions that stay assigned go on. The others are revoked: the replica that they are assigned to now begins
  // again.
  std::map<log::Partition, ProgressPtr> before = std::exchange(assigned_, {});
  for (const log::Position& position : assigned) {
    if (auto kept = before.extract(position.partition); !kept.empty()) {
      assigned_.insert(std::move(kept));
      continue;
    }
    auto progress = std::make_shared<Progress>();
    progress->next = position.offset;
    assigned_.emplace(position.partition, std::move(progress));
  }
  for (auto& [partition, progress] : before) progress->revoked = true;
  behind_.reset();
}

void AssignmentReader::BeginAgain(const log::Partition& partition) {
  ProgressPtr& progress = assigned_.at(partition);
  auto anew = std::make_shared<Progress>();
  anew->next = progress->done();
  progress->revoked = true;
  progress = std::move(anew);
  behind_.reset();
}

void AssignmentReader::Folded(std::vector<runtime::Folded>& folded) {
  for (runtime::Folded& record : folded) {
    auto found = assigned_.find(record.position.partition);
    if (found == assigned_.end() || found->second->next != record.position.offset) continue;
    const ProgressPtr progress = found->second;
    if (progress->open.size() >= kEnough || busy_()) continue;  // CatchUp takes it from here
    ++progress->next;
    if (record.verdict != Verdict::kAccepted) continue;
    record.commit.state = nullptr;
    take_(record.commit, progress);
  }
}

bool AssignmentReader::CatchUp() {
  bool behind = false;
  std::vector<log::Position> wanted;
  for (const auto& [partition, progress] : assigned_) {
    if (progress->unreadable || progress->next >= parts_.positions.Next(partition)) continue;
    behind = true;
    if (progress->open.size() < kEnough) wanted.push_back({partition, progress->next});
  }
  if (!behind) behind_.reset();
  if (wanted.empty() || busy_()) return false;
  return Read(std::move(wanted));
}

bool AssignmentReader::Read(std::vector<log::Position> from) {
  const bool covered = absl::c_all_of(from, [&](const log::Position& next) {
    auto reading = reading_.find(next.partition);
    return reading != reading_.end() && reading->second <= next.offset;
  });
  if (behind_ == nullptr || !covered) {
    reading_.clear();
    for (const log::Position& next : from) reading_[next.partition] = next.offset;
    auto subscription = parts_.log.Subscribe(std::move(from), [inbox = parts_.inbox] { inbox->Wake(); });
    if (!subscription.ok()) {
      spdlog::error("the log cannot be read for {}: {}", purpose_, std::string(subscription.status().message()));
      return false;
    }
    behind_ = *std::move(subscription);
  }
  absl::StatusOr<std::vector<log::RecordPtr>> records = behind_->Poll(128);
  if (!records.ok()) {
    spdlog::error("the log cannot be read for {}: {}", purpose_, std::string(records.status().message()));
    behind_.reset();
    return false;
  }
  for (const log::RecordPtr& record : *records) {
    reading_[record->partition] = record->offset + 1;
    Reread(*record);
  }
  return !records->empty();
}

void AssignmentReader::Reread(const log::Record& record) {
  auto found = assigned_.find(record.partition);
  if (found == assigned_.end()) return;
  const ProgressPtr progress = found->second;
  if (record.gap > 0 && record.offset - record.gap < progress->next && record.offset >= progress->next &&
      record.offset < parts_.positions.Next(record.partition)) {
    progress->next = record.offset + 1;
    return;
  }
  // A record that is not folded yet comes by Folded(). If it is not the next one, this subscription is outdated, and
  // CatchUp() makes a new one.
  if (record.offset >= parts_.positions.Next(record.partition) || record.offset != progress->next) return;
  if (progress->open.size() >= kTooMuch) return;
  const int64_t topic = static_cast<int64_t>(record.partition.topic);
  if (parts_.types.Unread(record) || kVoidRows.Has(parts_.store, topic, record.partition.index, record.offset) ||
      kQuarantinedRows.Has(parts_.store, topic, record.partition.index, record.offset)) {
    ++progress->next;
    return;
  }
  absl::StatusOr<ReadCommit> read =
      ReadRecord(record, parts_.types, parts_.positions.PartitionsOf(record.partition.topic));
  if (!read.ok()) {
    progress->unreadable = true;
    spdlog::error("{} was folded by a newer version and cannot be read for {} ({}): start that one again",
                  log::ToText(log::Position{record.partition, record.offset}), purpose_,
                  std::string(read.status().message()));
    return;
  }
  ++progress->next;
  AcceptedCommit commit;
  commit.position = {record.partition, record.offset};
  commit.stream = std::move(read->stream);
  commit.version = read->header->version();
  commit.time = FromProto(read->header->event_time());
  commit.header = std::move(read->header);
  commit.events = std::move(read->events);
  take_(commit, progress);
}

}  // namespace throughline::runtime
