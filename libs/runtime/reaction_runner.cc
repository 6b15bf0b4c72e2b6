#include "libs/runtime/reaction_runner.h"

#include "libs/runtime/kill_point.h"

namespace throughline::runtime {

ReactionRunner::ReactionRunner(const DutyParts& parts, std::vector<Reactor*> reactors, Writer& writer,
                               EndBarrier& present, log::Duty* duty)
    : parts_(parts),
      reactors_(std::move(reactors)),
      duty_(duty),
      present_(present),
      attempts_(writer, parts.clock),
      reader_(
          parts, "reactions", [this](const auto& commit, const auto& progress) { React(commit, progress); },
          [this] { return attempts_.outstanding() >= kMaxOutstanding; }) {
  if (parts.feed != nullptr) publisher_.emplace(parts);
}

void ReactionRunner::Held(const std::vector<log::Position>& held) {
  std::map<log::Partition, int64_t> before = std::exchange(remembered_, {});
  for (const log::Position& position : held) {
    auto known = before.find(position.partition);
    remembered_[position.partition] = known == before.end() ? position.offset : known->second;
  }
  reader_.Held(held);
  if (publisher_) publisher_->Held(held);
}

void ReactionRunner::Folded(std::vector<runtime::Folded>& folded) {
  reader_.Folded(folded);
  if (publisher_) publisher_->Folded(folded);
}

void ReactionRunner::React(const AcceptedCommit& commit, const DutyReader::ProgressPtr& progress) {
  for (Reactor* reactor : reactors_) {
    if (!reactor->Joins(commit)) {
      React(*reactor, commit, progress);
      continue;
    }
    progress->Begin(commit.position.offset, 1);
    ReactInThePresent(std::make_shared<Postponed>(Postponed{reactor, commit, progress}));
  }
}

void ReactionRunner::ReactInThePresent(const PostponedPtr& postponed) {
  present_.Wait(
      [this, postponed](const absl::Status& status) {
        const auto& [reactor, commit, progress, pause] = *postponed;
        if (progress->let_go) return;
        if (!status.ok()) return ReactLater(postponed);
        React(*reactor, commit, progress);
        progress->Over(commit.position.offset);
      },
      absl::InfiniteFuture());
}

void ReactionRunner::ReactLater(const PostponedPtr& postponed) {
  later_.emplace(parts_.clock.Steady() + postponed->pause, postponed);
  postponed->pause = std::min(postponed->pause * 2, absl::Seconds(5));
}

void ReactionRunner::React(Reactor& reactor, const AcceptedCommit& commit, const DutyReader::ProgressPtr& progress) {
  Reactions reactions(parts_.types, parts_.actor, commit.Cause(), commit.header->correlation_id(), parts_.clock.Now());
  reactor.React(commit, parts_.store, reactions);
  std::vector<CommandPtr> commands = reactions.Take();
  if (commands.empty()) return;
  const int64_t offset = commit.position.offset;
  progress->Begin(offset, commands.size());
  for (CommandPtr& command : commands) {
    attempts_.Begin(std::move(command), [this, progress, offset](bool accepted) {
      KillPoint("reacted");
      accepted ? parts_.probe.ReactionDone() : parts_.probe.ReactionRefused();
      progress->Over(offset);
    });
  }
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
  if (duty_ == nullptr) return;
  std::vector<log::Position> done;
  for (const auto& [partition, progress] : reader_.held()) {
    const int64_t offset = publisher_ ? publisher_->DoneBefore(partition, progress->done()) : progress->done();
    if (offset == remembered_[partition]) continue;
    remembered_[partition] = offset;
    done.push_back({partition, offset});
  }
  if (!done.empty()) duty_->Commit(done);
}

}  // namespace throughline::runtime
