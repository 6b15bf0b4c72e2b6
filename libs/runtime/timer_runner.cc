#include "libs/runtime/timer_runner.h"

#include "libs/log/partitioner.h"
#include "libs/runtime/time.h"

namespace throughline::runtime {

TimerRunner::TimerRunner(const DutyParts& parts, TimerHandler* handler, const ReactionRunner& duty, Writer& writer)
    : parts_(parts), handler_(handler), duty_(duty), attempts_(writer, parts.clock) {
  time_.At(parts.clock.Now(), parts.clock.Steady());  // so that a jump before the first look is one
}

void TimerRunner::Step() {
  if (handler_ == nullptr) return;
  attempts_.Step();
  const absl::Duration steady = parts_.clock.Steady();
  if (steady - looked_ < absl::Milliseconds(50)) return;
  looked_ = steady;
  const absl::Time now = time_.At(parts_.clock.Now(), steady);
  constexpr size_t kAtOnce = 256;
  std::vector<std::pair<std::string, throughline::log::v1::TimerRow>> due;
  absl::flat_hash_set<std::string> still_there;
  kTimerRows.Scan(parts_.store, "",
                  [&](std::string_view raw, const auto& key, const throughline::log::v1::TimerRow& timer) {
                    if (std::get<0>(key) > now) return false;
                    std::string name(raw);
                    if (fired_.contains(name)) {
                      still_there.insert(std::move(name));
                    } else if (!firing_.contains(name)) {
                      const log::Partition partition{
                          parts_.own, log::PartitionFor(timer.stream(), parts_.positions.PartitionsOf(parts_.own))};
                      if (duty_.HasDuty(partition)) due.emplace_back(std::move(name), timer);
                    }
                    return due.size() < kAtOnce;
                  });
  if (due.size() < kAtOnce) fired_ = std::move(still_there);
  for (const auto& [key, timer] : due) Fire(key, timer, now);
}

void TimerRunner::Fire(const std::string& key, const throughline::log::v1::TimerRow& timer, absl::Time now) {
  const std::string cause =
      timer.stream() + "#" + timer.name() + "@" + std::to_string(absl::ToUnixMicros(FromProto(timer.due())));
  Reactions reactions(parts_.types, parts_.actor, cause, "", now);
  handler_->Fire(timer, parts_.store, reactions);
  std::vector<CommandPtr> commands = reactions.Take();
  parts_.probe.TimerFired();
  if (commands.empty()) {
    fired_.insert(key);
    return;
  }
  firing_[key] = static_cast<int>(commands.size());
  for (CommandPtr& command : commands) {
    attempts_.Begin(std::move(command), [this, key](bool) {
      auto firing = firing_.find(key);
      if (--firing->second > 0) return;
      firing_.erase(firing);
      fired_.insert(key);
    });
  }
}

}  // namespace throughline::runtime
