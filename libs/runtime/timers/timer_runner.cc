#include "libs/runtime/timers/timer_runner.h"

#include "libs/log/partitioner.h"
#include "libs/runtime/domain/damage.h"
#include "libs/runtime/domain/time.h"

namespace throughline::runtime {

TimerRunner::TimerRunner(const AssignmentParts& parts, TimerHandler* handler, const ReactionRunner& assignment,
                         CommandProcessor& commands)
    : parts_(parts),
      handler_(handler),
      assignment_(assignment),
      attempts_(commands, parts.clock),
      index_(parts.store) {}

void TimerRunner::Folded(const absl::flat_hash_set<std::string>& notified) {
  if (handler_ == nullptr) return;
  for (const std::string& key : TimersAmong(notified)) {
    if (!index_.Changed(key)) fired_.erase(key);
  }
}

void TimerRunner::Step() {
  if (handler_ == nullptr) return;
  attempts_.Step();
  const absl::Duration steady = parts_.clock.Steady();
  if (steady - looked_ < absl::Milliseconds(50)) return;
  looked_ = steady;
  if (!assignment_.HasAssignment()) return;
  constexpr size_t kAtOnce = 256;
  const absl::Time now = parts_.clock.Trusted();
  const auto wanted = [this](const std::string& stream) {
    return assignment_.IsAssigned({parts_.own, log::PartitionFor(stream, parts_.positions.PartitionsOf(parts_.own))});
  };
  for (const std::string& key : index_.TakeDue(now, kAtOnce, wanted)) {
    if (!fired_.contains(key) && !firing_.contains(key)) Fire(key, now);
  }
}

void TimerRunner::Fire(const std::string& key, absl::Time now) {
  std::string bytes;
  if (!parts_.store.Get(key, &bytes)) return;
  try {
    Fire(key, store::DecodeRow<throughline::log::v1::TimerRow>(bytes), now);
  } catch (const store::DamagedRow& damaged) {
    RowUnreadable(damaged).IgnoreError();  // skip this timer in this process; fire the others
  }
}

void TimerRunner::Fire(const std::string& key, const throughline::log::v1::TimerRow& timer, absl::Time now) {
  const std::string cause =
      timer.stream() + "#" + timer.name() + "@" + std::to_string(absl::ToUnixMicros(FromProto(timer.due())));
  // A timer belongs to the trace of what last happened on its stream, or of what led to it.
  throughline::log::v1::Commit last;
  auto head = kStreamRows.Get(parts_.store, timer.stream());
  if (!head) head = kStreamRows.Get(parts_.store, handler_->CauseOf(timer));
  if (head) last.set_traceparent(head->traceparent());
  Reactions reactions(parts_.types, parts_.actor, cause, last, parts_.decisions.traces(), now);
  handler_->Fire(timer, parts_.store, reactions);
  std::vector<CommandPtr> commands = reactions.Take();
  parts_.probe.TimerFired();
  if (commands.empty()) {
    fired_.insert(key);
    return;
  }
  firing_[key] = static_cast<int>(commands.size());
  for (CommandPtr& command : commands) {
    auto traced = parts_.decisions.BeginReaction(*command, "timer", last.traceparent());
    attempts_.Begin(std::move(command), [this, key, traced = std::move(traced)](bool accepted) mutable {
      if (traced) traced(accepted);
      auto firing = firing_.find(key);
      if (--firing->second > 0) return;
      firing_.erase(firing);
      // The fold may have removed the row meanwhile, and would not report it again.
      std::string ignored;
      if (parts_.store.Get(key, &ignored)) fired_.insert(key);
    });
  }
}

}  // namespace throughline::runtime
