#include "libs/runtime/reactions/reaction_runner.h"

#include <spdlog/spdlog.h>

#include "libs/runtime/domain/damage.h"
#include "libs/runtime/kill_point.h"

namespace throughline::runtime {

ReactionRunner::ReactionRunner(const AssignmentParts& parts, std::vector<Reactor*> reactors, CommandProcessor& commands,
                               EndBarrier& present, log::PartitionAssignment* assignment)
    : parts_(parts),
      reactors_(std::move(reactors)),
      assignment_(assignment),
      present_(present),
      attempts_(commands, parts.clock),
      reader_(
          parts, "reactions", [this](const auto& commit, const auto& progress) { React(commit, progress); },
          [this] { return attempts_.outstanding() >= kMaxOutstanding; }) {
  if (parts.feed != nullptr) publisher_.emplace(parts);
}

void ReactionRunner::Assigned(const std::vector<log::Position>& assigned) {
  std::map<log::Partition, int64_t> before = std::exchange(remembered_, {});
  for (const log::Position& position : assigned) {
    auto known = before.find(position.partition);
    remembered_[position.partition] = known == before.end() ? position.offset : known->second;
  }
  reader_.Assigned(assigned);
  if (publisher_) publisher_->Assigned(assigned);
}

void ReactionRunner::Folded(std::vector<runtime::Folded>& folded) {
  reader_.Folded(folded);
  if (publisher_) publisher_->Folded(folded);
}

void ReactionRunner::React(const AcceptedCommit& commit, const AssignmentReader::ProgressPtr& progress) {
  for (Reactor* reactor : reactors_) {
    const bool joins = reactor->NeedsPresent(commit);
    const absl::Status reacted = joins ? absl::OkStatus() : React(*reactor, commit, progress);
    if (!joins && reacted.ok()) continue;
    progress->Begin(commit.position.offset, 1);
    const auto postponed = std::make_shared<Postponed>(Postponed{reactor, commit, progress});
    joins ? ReactInThePresent(postponed) : ReactLater(postponed, reacted);
  }
}

void ReactionRunner::ReactInThePresent(const PostponedPtr& postponed) {
  present_.Wait(
      [this, postponed](const absl::Status& reached) {
        const auto& [reactor, commit, progress, backoff] = *postponed;
        if (progress->revoked) return;
        const absl::Status reacted = reached.ok() ? React(*reactor, commit, progress) : reached;
        if (!reacted.ok()) return ReactLater(postponed, reacted);
        progress->Over(commit.position.offset);
      },
      absl::InfiniteFuture());
}

void ReactionRunner::ReactLater(const PostponedPtr& postponed, const absl::Status& why) {
  later_.emplace(parts_.clock.Steady() + postponed->backoff.Next(), postponed);
  if (!postponed->backoff.became_long()) return;
  spdlog::warn("{} is not answered yet: {}", postponed->commit.Cause(), std::string(why.message()));
}

absl::Status ReactionRunner::React(Reactor& reactor, const AcceptedCommit& commit,
                                   const AssignmentReader::ProgressPtr& progress) {
  Reactions reactions(parts_.types, parts_.actor, commit.Cause(), *commit.header, parts_.decisions.traces(),
                      parts_.clock.Trusted());
  try {
    reactor.React(commit, parts_.store, reactions);
  } catch (const store::DamagedRow& damaged) {
    return RowUnreadable(damaged);  // tried again, until the store is mended
  }
  if (reactions.not_yet()) return absl::UnavailableError(*reactions.not_yet());
  std::vector<CommandPtr> commands = reactions.Take();
  if (commands.empty()) return absl::OkStatus();
  const int64_t offset = commit.position.offset;
  progress->Begin(offset, commands.size());
  for (CommandPtr& command : commands) {
    auto traced = parts_.decisions.BeginReaction(*command, "react", commit.header->traceparent());
    attempts_.Begin(std::move(command), [this, progress, offset, traced = std::move(traced)](bool accepted) mutable {
      KillPoint("reacted");
      if (traced) traced(accepted);
      accepted ? parts_.probe.ReactionDone() : parts_.probe.ReactionRefused();
      progress->Over(offset);
    });
  }
  return absl::OkStatus();
}

bool ReactionRunner::Step() {
  attempts_.Step();
  while (!later_.empty() && later_.begin()->first <= parts_.clock.Steady()) {
    ReactInThePresent(later_.extract(later_.begin()).mapped());
  }
  bool more = reader_.CatchUp();
  if (publisher_) more |= publisher_->Step();
  if (parts_.clock.Steady() - remembered_at_ >= absl::Milliseconds(100)) Remember();
  return more;
}

void ReactionRunner::Remember() {
  remembered_at_ = parts_.clock.Steady();
  if (assignment_ == nullptr) return;
  std::vector<log::Position> done;
  for (const auto& [partition, progress] : reader_.assigned()) {
    const int64_t offset = publisher_ ? publisher_->DoneBefore(partition, progress->done()) : progress->done();
    if (offset == remembered_[partition]) continue;
    remembered_[partition] = offset;
    done.push_back({partition, offset});
  }
  if (!done.empty()) assignment_->Checkpoint(done);
}

}  // namespace throughline::runtime
