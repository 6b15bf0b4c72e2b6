#include "libs/runtime/commands/commands_under_way.h"

#include <algorithm>

#include "libs/runtime/domain/refusal.h"

namespace throughline::runtime {
namespace {

constexpr absl::Duration kTryAgainAfter = absl::Milliseconds(100);

std::string NameOf(const Command& command) {
  std::string name = command.stream.ToString();
  name.append(1, '\0').append(command.caller.id).append(1, '\0').append(command.caller.command_id);
  return name;
}

void SortByArrival(std::vector<CommandUnderWayPtr>& entries) {
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a->arrival < b->arrival; });
}

// kToDecide and kToAskForEnd wait for their turn, not for the log; the end barrier expires kBehindEnd.
bool OnlyTheLogHoldsUp(CommandUnderWay::State state) {
  using State = CommandUnderWay::State;
  switch (state) {
    case State::kBehindSame:
    case State::kAppended:
    case State::kBehindCommit:
    case State::kDoubtful:
      return true;
    case State::kToDecide:
    case State::kToAskForEnd:
    case State::kBehindEnd:
    case State::kAnswered:
      return false;
  }
  return false;
}

}  // namespace

absl::StatusOr<CommandUnderWayPtr> CommandsUnderWay::Add(CommandPtr command) {
  size_t& of_caller = of_callers_[command->caller.id];
  const bool own = of_caller >= (limit_ + 1) / 2;
  if (own || size_ >= limit_) {
    if (of_caller == 0) of_callers_.erase(command->caller.id);
    return WithRetryAfter(
        Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_COMMANDS",
               own ? "`" + command->caller.id + "` has as many commands under way as one caller may; send slower"
                   : "too many commands are under way; try again in a moment"),
        kTryAgainAfter);
  }
  ++of_caller;
  ++size_;
  auto entry = std::make_shared<CommandUnderWay>();
  entry->name = NameOf(*command);
  entry->command = std::move(command);
  entry->arrival = arrivals_++;
  Group& group = groups_[entry->name];
  if (!group.empty()) entry->state = CommandUnderWay::State::kBehindSame;
  group.push_back(entry);
  return entry;
}

size_t CommandsUnderWay::SameRequests(const CommandUnderWay& entry) const {
  auto group = groups_.find(entry.name);
  if (group == groups_.end()) return 0;
  return static_cast<size_t>(std::count_if(
      group->second.begin() + 1, group->second.end(),
      [&](const CommandUnderWayPtr& behind) { return behind->command->digest == entry.command->digest; }));
}

CommandsUnderWay::Behind CommandsUnderWay::Remove(const CommandUnderWay& entry, bool refused) {
  --size_;
  if (auto of_caller = of_callers_.find(entry.command->caller.id); --of_caller->second == 0) {
    of_callers_.erase(of_caller);
  }
  Behind behind;
  auto found = groups_.find(entry.name);
  if (found == groups_.end() || found->second.front().get() != &entry) return behind;
  Group& group = found->second;
  group.erase(group.begin());
  if (refused) {
    const auto first = std::stable_partition(group.begin(), group.end(), [&](const CommandUnderWayPtr& same) {
      return same->command->digest != entry.command->digest;
    });
    behind.refused.assign(first, group.end());
    group.erase(first, group.end());
  }
  if (group.empty()) {
    groups_.erase(found);
  } else {
    behind.next = group.front();
  }
  return behind;
}

std::vector<CommandUnderWayPtr> CommandsUnderWay::TakeExpired(absl::Time now) {
  std::vector<CommandUnderWayPtr> expired;
  for (auto& [name, group] : groups_) {
    const auto over = [&](const CommandUnderWayPtr& entry) {
      return entry->command->deadline <= now && OnlyTheLogHoldsUp(entry->state);
    };
    if (over(group.front())) expired.push_back(group.front());
    if (group.size() == 1) continue;
    const auto first =
        std::stable_partition(group.begin() + 1, group.end(), [&](const auto& entry) { return !over(entry); });
    expired.insert(expired.end(), first, group.end());
    group.erase(first, group.end());
  }
  SortByArrival(expired);
  return expired;
}

std::vector<CommandUnderWayPtr> CommandsUnderWay::TakeAll() {
  std::vector<CommandUnderWayPtr> all;
  for (auto& [name, group] : groups_) all.insert(all.end(), group.begin(), group.end());
  groups_.clear();
  SortByArrival(all);
  return all;
}

}  // namespace throughline::runtime
