#include "libs/runtime/reaction_runner.h"

#include "absl/algorithm/container.h"
#include <spdlog/spdlog.h>

#include "libs/runtime/feed_events.h"
#include "libs/runtime/kill_point.h"
#include "libs/runtime/time.h"

namespace throughline::runtime {

ReactionRunner::ReactionRunner(const Parts& parts, std::vector<Reactor*> reactors, Writer& writer, log::Duty* duty,
                               std::function<void()> wake)
    : parts_(parts),
      reactors_(std::move(reactors)),
      duty_(duty),
      wake_(std::move(wake)),
      attempts_(writer, parts.clock) {}

void ReactionRunner::Held(const std::vector<log::Position>& held) {
  // Reactions of partitions that are held on go on; of others they are let go, the new holder begins them again.
  std::map<log::Partition, std::shared_ptr<Progress>> now;
  for (const log::Position& position : held) {
    auto before = held_.find(position.partition);
    if (before != held_.end()) {
      now.insert(*before);
      continue;
    }
    auto progress = std::make_shared<Progress>();
    progress->next = progress->committed = position.offset;
    now.emplace(position.partition, std::move(progress));
  }
  held_ = std::move(now);
  behind_.reset();
}

void ReactionRunner::Folded(std::vector<runtime::Folded>& folded) {
  for (runtime::Folded& record : folded) {
    auto held = held_.find(record.position.partition);
    if (held == held_.end() || held->second->next != record.position.offset) continue;
    if (outstanding() >= kMaxOutstanding) return;  // CatchUp takes it from here
    ++held->second->next;
    if (record.verdict != Verdict::kAccepted) continue;
    record.commit.state = nullptr;
    React(record.commit, *held->second);
  }
}

void ReactionRunner::React(const AcceptedCommit& commit, Progress& progress) {
  if (parts_.feed != nullptr && commit.position.partition.topic == parts_.own) Publish(commit, progress);
  if (reactors_.empty()) return;
  Reactions reactions(parts_.types, parts_.actor, commit.Cause(), commit.header->correlation_id(), parts_.clock.Now());
  for (Reactor* reactor : reactors_) reactor->React(commit, parts_.store, reactions);
  std::vector<CommandPtr> commands = reactions.Take();
  if (commands.empty()) return;
  const int64_t offset = commit.position.offset;
  progress.outstanding[offset] += static_cast<int>(commands.size());
  std::shared_ptr<Progress> kept = held_.at(commit.position.partition);
  for (CommandPtr& command : commands) {
    attempts_.Begin(std::move(command), [this, kept, offset](bool accepted) {
      KillPoint("reacted");
      accepted ? parts_.probe.ReactionDone() : parts_.probe.ReactionRefused();
      Over(*kept, offset);
    });
  }
}

void ReactionRunner::Over(Progress& progress, int64_t offset) {
  auto outstanding = progress.outstanding.find(offset);
  if (--outstanding->second == 0) progress.outstanding.erase(outstanding);
}

void ReactionRunner::Publish(const AcceptedCommit& commit, Progress& progress) {
  if (progress.again != absl::InfiniteDuration()) return;  // comes again, after what was not published
  std::vector<log::FeedEvent> events = FeedEventsOf(commit);
  const int64_t offset = commit.position.offset;
  progress.outstanding[offset] += static_cast<int>(events.size());
  publishing_ += events.size();
  std::shared_ptr<Progress> kept = held_.at(commit.position.partition);
  for (log::FeedEvent& event : events) {
    parts_.feed->Publish(std::move(event), [this, kept, offset, inbox = parts_.inbox](const absl::Status& status) {
      inbox->Push([this, kept, offset, status] {
        --publishing_;
        if (status.ok()) {
          parts_.probe.Published();
          return Over(*kept, offset);
        }
        // It stays outstanding, and with it all that follows.
        if (kept->again == absl::InfiniteDuration()) {
          spdlog::warn("an event was not published, and will be again: {}", std::string(status.message()));
          kept->again = parts_.clock.Steady() + absl::Seconds(1);
        }
      });
    });
  }
}

void ReactionRunner::BeginAgain() {
  const absl::Duration now = parts_.clock.Steady();
  for (auto& [partition, progress] : held_) {
    if (progress->again > now) continue;
    auto anew = std::make_shared<Progress>();
    anew->next = progress->outstanding.begin()->first;
    anew->committed = progress->committed;
    progress = std::move(anew);
    behind_.reset();
  }
}

bool ReactionRunner::Step() {
  attempts_.Step();
  if (parts_.feed != nullptr) BeginAgain();
  const bool more = CatchUp();
  if (parts_.clock.Steady() - remembered_ >= absl::Milliseconds(100)) Remember();
  return more;
}

bool ReactionRunner::CatchUp() {
  std::vector<log::Position> lagging;
  for (const auto& [partition, progress] : held_) {
    if (progress->next < parts_.positions.Next(partition)) lagging.push_back({partition, progress->next});
  }
  if (lagging.empty()) {
    behind_.reset();
    return false;
  }
  if (outstanding() >= kMaxOutstanding) return false;
  const bool covered = absl::c_all_of(lagging, [&](const log::Position& next) {
    auto reading = reading_.find(next.partition);
    return reading != reading_.end() && reading->second <= next.offset;
  });
  if (behind_ == nullptr || !covered) {
    reading_.clear();
    for (const log::Position& next : lagging) reading_[next.partition] = next.offset;
    absl::StatusOr<std::unique_ptr<log::Subscription>> from = parts_.log.Subscribe(std::move(lagging), wake_);
    if (!from.ok()) {
      spdlog::error("reactions cannot be read: {}", std::string(from.status().message()));
      return false;
    }
    behind_ = *std::move(from);
  }
  absl::StatusOr<std::vector<log::RecordPtr>> records = behind_->Poll(128);
  if (!records.ok()) {
    spdlog::error("reactions cannot be read: {}", std::string(records.status().message()));
    behind_.reset();
    return false;
  }
  for (const log::RecordPtr& record : *records) {
    reading_[record->partition] = record->offset + 1;
    CatchUpOn(*record);
  }
  return !records->empty();
}

void ReactionRunner::CatchUpOn(const log::Record& record) {
  auto held = held_.find(record.partition);
  if (held == held_.end()) return;
  Progress& progress = *held->second;
  // Not folded yet: it comes by Folded() then. Not the next: this reading is outdated, the next begins anew.
  if (record.offset >= parts_.positions.Next(record.partition) || record.offset != progress.next) return;
  ++progress.next;
  const int64_t topic = static_cast<int64_t>(record.partition.topic);
  if (kVoidRows.Has(parts_.store, topic, record.partition.index, record.offset)) return;
  if (kQuarantinedRows.Has(parts_.store, topic, record.partition.index, record.offset)) return;
  absl::StatusOr<ReadCommit> read =
      ReadRecord(record, parts_.types, parts_.positions.PartitionsOf(record.partition.topic));
  if (!read.ok()) return;  // the fold judged these bytes before, so this cannot be
  AcceptedCommit commit;
  commit.position = {record.partition, record.offset};
  commit.stream = std::move(read->stream);
  commit.version = read->header->version();
  commit.time = FromProto(read->header->event_time());
  commit.header = std::move(read->header);
  commit.events = std::move(read->events);
  React(commit, progress);
}

void ReactionRunner::Remember() {
  remembered_ = parts_.clock.Steady();
  if (duty_ == nullptr) return;
  std::vector<log::Position> done;
  for (auto& [partition, progress] : held_) {
    const int64_t offset = progress->outstanding.empty() ? progress->next : progress->outstanding.begin()->first;
    if (offset == progress->committed) continue;
    progress->committed = offset;
    done.push_back({partition, offset});
  }
  if (!done.empty()) duty_->Commit(done);
}

}  // namespace throughline::runtime
