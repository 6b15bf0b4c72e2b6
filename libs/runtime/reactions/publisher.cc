#include "libs/runtime/reactions/publisher.h"

#include "absl/algorithm/container.h"
#include <spdlog/spdlog.h>

#include "libs/runtime/reactions/feed_events.h"

namespace throughline::runtime {

Publisher::Publisher(const AssignmentParts& parts)
    : parts_(parts),
      reader_(
          parts, "published events", [this](const auto& commit, const auto& progress) { Publish(commit, progress); },
          [] { return false; }) {}

void Publisher::Assigned(const std::vector<log::Position>& assigned) {
  std::vector<log::Position> own;
  absl::c_copy_if(assigned, std::back_inserter(own), [&](const auto& p) { return p.partition.topic == parts_.own; });
  reader_.Assigned(own);
  std::erase_if(broken_, [&](const auto& entry) { return !reader_.assigned().contains(entry.first); });
}

void Publisher::Publish(const AcceptedCommit& commit, const AssignmentReader::ProgressPtr& progress) {
  const log::Position position = commit.position;
  if (again_.contains(position.partition)) return;  // comes again, after what was not published
  if (commit.events.empty()) return;
  progress->Begin(position.offset, commit.events.size());
  Broken& broken = broken_[position.partition];
  if (broken == nullptr) broken = std::make_shared<std::atomic<bool>>(false);
  parts_.publishing.Run([this, commit, broken, progress] { Send(commit, broken, progress); });
}

void Publisher::Send(const AcceptedCommit& commit, const Broken& broken,
                     const AssignmentReader::ProgressPtr& progress) {
  const log::Position position = commit.position;
  for (log::FeedEvent& event : FeedEventsOf(commit)) {
    event.broken = broken;
    parts_.feed->Publish(
        std::move(event), [this, progress, position, inbox = parts_.inbox](const absl::Status& status) {
          inbox->Push([this, progress, position, status] {
            if (status.ok()) {
              parts_.probe.Published();
              return progress->Over(position.offset);
            }
            // The event stays open, so DoneBefore() does not pass it.
            if (progress->revoked || again_.contains(position.partition)) return;
            spdlog::warn("an event was not published, and will be again: {}", std::string(status.message()));
            again_[position.partition] = parts_.clock.Steady() + absl::Seconds(1);
          });
        });
  }
}

bool Publisher::Step() {
  const absl::Duration now = parts_.clock.Steady();
  std::erase_if(again_, [&](const auto& entry) {
    const auto& [partition, when] = entry;
    if (!reader_.assigned().contains(partition)) return true;
    if (when > now) return false;
    reader_.BeginAgain(partition);
    broken_.erase(partition);
    return true;
  });
  return reader_.CatchUp();
}

int64_t Publisher::DoneBefore(const log::Partition& partition, int64_t offset) const {
  auto found = reader_.assigned().find(partition);
  return found == reader_.assigned().end() ? offset : std::min(offset, found->second->done());
}

}  // namespace throughline::runtime
