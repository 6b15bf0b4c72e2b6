#include "libs/runtime/commands/command_processor.h"

#include "absl/algorithm/container.h"
#include <spdlog/spdlog.h>

#include "libs/log/partitioner.h"
#include "libs/runtime/commands/read_back.h"
#include "libs/runtime/domain/damage.h"
#include "libs/runtime/domain/digest.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/kill_point.h"

namespace throughline::runtime {
namespace {

absl::Status UnknownAppend() {
  return Refuse(absl::StatusCode::kUnavailable, "APPEND_UNKNOWN",
                "the log did not answer, so the outcome is unknown; try again with the same command_id");
}

constexpr absl::Duration kTryAgainAfter = absl::Milliseconds(100);

// Of the commands under way, how many one caller may have: who floods leaves room for the others.
size_t ShareOf(size_t in_flight) { return (in_flight + 1) / 2; }

// What the same command has in common with itself when it is given again.
std::string NameOf(const Command& command) {
  std::string name = command.stream.ToString();
  name.append(1, '\0').append(command.caller.id).append(1, '\0').append(command.caller.command_id);
  return name;
}

// What a command is told whose append failed. What the record itself is not to blame for passes, sooner or later, so it
// is no refusal of the command: that would be final, and a reaction would be lost.
absl::Status ExplainFailedAppend(const absl::Status& status) {
  if (absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status)) return status;
  if (absl::IsUnavailable(status)) {
    return UnknownAppend();
  }
  return Refuse(absl::StatusCode::kUnavailable, "LOG_REFUSES",
                "the log takes nothing now, and nothing was written: " + std::string(status.message()) +
                    "; whoever runs the service must set that right, for instance the rights on the topic, the topic "
                    "itself or the room on the disk; then try again with the same command_id");
}

}  // namespace

CommandProcessor::CommandProcessor(log::EventLog& log, log::Topic topic, const StreamTypes& types,
                                   const store::KeyValue& store, Heads& heads, const Positions& positions,
                                   EndBarrier& barrier, std::shared_ptr<Inbox> inbox, const Clock& clock, Probe& probe,
                                   const Limits& limits)
    : log_(log),
      topic_(topic),
      types_(types),
      store_(store),
      heads_(heads),
      positions_(positions),
      barrier_(barrier),
      inbox_(std::move(inbox)),
      clock_(clock),
      probe_(probe),
      limits_(limits) {}

void CommandProcessor::Take(CommandPtr command) {
  size_t& of_caller = of_callers_[command->caller.id];
  const bool own = of_caller >= ShareOf(limits_.in_flight);
  if (own || in_flight_ >= limits_.in_flight) {
    if (of_caller == 0) of_callers_.erase(command->caller.id);
    command->done(WithRetryAfter(
        Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_COMMANDS",
               own ? "`" + command->caller.id + "` has as many commands under way as one caller may; send slower"
                   : "too many commands are under way; try again in a moment"),
        kTryAgainAfter));
    return;
  }
  ++of_caller;
  ++in_flight_;
  auto [same, first] = under_way_.try_emplace(NameOf(*command));
  if (!first) return same->second.push_back(std::move(command));
  command->leads = true;
  Decide(command);
}

void CommandProcessor::Decide(const CommandPtr& command) {
  if (std::exchange(command->doubtful, false)) return WaitForTheEnd(command);
  Try(&CommandProcessor::DecideOnWhatIsInFlight, command);
}

void CommandProcessor::Try(void (CommandProcessor::*decide)(const CommandPtr&), const CommandPtr& command) {
  try {
    (this->*decide)(command);
  } catch (const store::DamagedRow& damaged) {
    Answer(command, RowUnreadable(damaged));
  }
}

void CommandProcessor::DecideOnWhatIsInFlight(const CommandPtr& command) {
  const std::string stream = command->stream.ToString();
  StreamHead head = heads_.Load(*command->type, stream);
  if (AnswerRepeated(command, stream, head)) return;
  if (const InFlight* same = overlay_.FindCommand(stream, command->caller)) {
    waiting_[same->digest].push_back(command);
    return;
  }
  const InFlight* last = overlay_.Last(stream);
  if (last != nullptr) head = {last->version, last->digest, last->local->state};
  if (++command->attempts > limits_.attempts) {
    return Answer(command, WithMetadata(Refuse(absl::StatusCode::kAborted, "CONTENDED",
                                               "others change " + stream + " at the same time; try again"),
                                        "current_version", std::to_string(head.version)));
  }
  Decided decided = command->decide(*head.state);
  if (decided.ok() && !decided->empty()) {
    Append(command, stream, head, *decided);
  } else if (last != nullptr) {
    // What is in flight may yet lose. Once it is settled, the answer is about what is folded: on a stream that is never
    // idle there is always something in flight.
    command->doubtful = true;
    waiting_[last->digest].push_back(command);
  } else {
    WaitForTheEnd(command);
  }
}

void CommandProcessor::DecideBehindBarrier(const CommandPtr& command) {
  const std::string stream = command->stream.ToString();
  StreamHead head = heads_.Load(*command->type, stream);
  if (AnswerRepeated(command, stream, head)) return;
  Decided decided = command->decide(*head.state);
  if (decided.ok() && !decided->empty()) return Decide(command);
  // Those that came since are answered with it, and may rest on what the log holds only by now.
  if (!decided.ok() && Followers(*command) > command->followers) return WaitForTheEnd(command);
  if (!decided.ok() && doubts_.About(stream, command->caller)) return Answer(command, UnknownAppend());
  AnswerWithoutEvents(command, decided, std::move(head));
}

void CommandProcessor::AnswerWithoutEvents(const CommandPtr& command, const Decided& decided, StreamHead head) {
  if (!decided.ok()) return Answer(command, decided.status());
  const log::Partition partition = PartitionOf(command->stream.ToString());
  Answer(command, CommandResult{head.version, {partition, positions_.Next(partition)}, std::move(head.state)});
}

bool CommandProcessor::AnswerRepeated(const CommandPtr& command, const std::string& stream, const StreamHead& head) {
  if (head.version == 0) return false;
  auto row = kCommandRows.Get(store_, CommandKey(stream, command->caller.id, command->caller.command_id));
  if (!row) return false;
  if (!command->digest.empty() && !row->command_digest().empty() && command->digest != row->command_digest()) {
    Answer(command, Refuse(absl::StatusCode::kInvalidArgument, "COMMAND_ID_REUSED",
                           "command_id " + command->caller.command_id + " was used before for another request on " +
                               command->stream.ToString() + "; give each request an id of its own"));
    return true;
  }
  Answer(command, CommandResult{row->version(), {{topic_, row->partition()}, row->offset() + 1}, head.state, true});
  return true;
}

void CommandProcessor::Append(const CommandPtr& command, const std::string& stream, const StreamHead& head,
                              const std::vector<MessagePtr>& events) {
  auto header = std::make_shared<throughline::log::v1::Commit>(MakeCommit(*command, head.version, head.digest, events));
  log::Record record{PartitionOf(stream), 0, stream, header->SerializeAsString()};
  if (record.value.size() > limits_.record_bytes) {
    return Answer(command, Refuse(absl::StatusCode::kInvalidArgument, "COMMIT_TOO_LARGE",
                                  "the request makes a record of " + std::to_string(record.value.size()) +
                                      " bytes; the limit is " + std::to_string(limits_.record_bytes)));
  }
  absl::StatusOr<ReadCommit> read =
      ReadBack(record, {command->stream, command->type, header, events}, types_, positions_.PartitionsOf(topic_));
  if (!read.ok()) {
    probe_.RefusedUnreadable();
    spdlog::error("refused a commit on {} that no reader could read: {}", stream, std::string(read.status().message()));
    return Answer(command, Refuse(absl::StatusCode::kInternal, "COMMIT_UNREADABLE",
                                  "the request makes a record that could not be read back (" +
                                      std::string(read.status().message()) +
                                      "), so nothing was written; look for text that is not UTF-8, and report this"));
  }
  auto local = std::make_shared<LocalCommit>();
  std::shared_ptr<google::protobuf::Message> after(head.state->New());
  after->MergeFrom(*head.state);  // it is empty; CopyFrom would look whether one is part of the other
  for (const MessagePtr& event : read->events) command->type->Evolve(*after, *event);
  local->commit = *std::move(read);
  local->state = std::move(after);
  std::string digest = Sha256(record.value);
  auto [pending, added] = pending_.try_emplace(digest, Pending{command, local});
  if (!added) {  // the very same record is under way
    waiting_[digest].push_back(command);
    return;
  }
  overlay_.Push(stream, {digest, head.version + 1, command->caller.id, command->caller.command_id, local});
  log_.Append(record.partition, stream, std::move(record.value),
              [this, digest = std::move(digest), inbox = inbox_](absl::StatusOr<int64_t> offset) {
                KillPoint("appended");
                // A success is heard of from the fold.
                if (!offset.ok())
                  inbox->Push([this, digest, status = offset.status()] { AppendFailed(digest, status); });
              });
}

void CommandProcessor::AppendFailed(const std::string& digest, const absl::Status& status) {
  auto found = pending_.find(digest);
  if (found == pending_.end()) return;  // it was folded all the same
  Pending pending = std::move(found->second);
  pending_.erase(found);
  probe_.AppendFailed();
  const throughline::log::v1::Commit& header = *pending.local->commit.header;
  const bool unknown = absl::IsUnavailable(status);
  const auto doubt = [&](const throughline::log::v1::Commit& open, const std::string& its_digest) {
    doubts_.Add({open.stream(), its_digest, open.follows(), open.actor().id(), open.command_id()}, clock_.Steady());
  };
  if (unknown) doubt(header, digest);
  for (const InFlight& dropped : overlay_.Drop(header.stream(), digest)) {
    // What was decided on it is on its way as well, and comes if it does.
    if (unknown && dropped.digest != digest) doubt(*dropped.local->commit.header, dropped.digest);
  }
  if (pending.command != nullptr) Answer(pending.command, ExplainFailedAppend(status));
  Release(digest);
}

const LocalCommit* CommandProcessor::Find(const std::string& digest) const {
  auto pending = pending_.find(digest);
  return pending == pending_.end() ? nullptr : pending->second.local.get();
}

void CommandProcessor::Folded(const std::vector<runtime::Folded>& folded) {
  for (const runtime::Folded& record : folded) {
    if (record.position.partition.topic != topic_) continue;
    const bool accepted = record.verdict == Verdict::kAccepted;
    if (accepted) {
      overlay_.Accepted(record.commit.header->stream(), record.digest);
      doubts_.Accepted(record.commit.header->stream(), record.digest);
    }
    auto found = pending_.find(record.digest);
    if (found == pending_.end()) continue;
    Pending pending = std::move(found->second);
    pending_.erase(found);
    if (!accepted) overlay_.Drop(pending.local->commit.header->stream(), record.digest);
    if (pending.command != nullptr && accepted) {
      const log::Position& at = record.position;
      Answer(
          pending.command,
          CommandResult{
              record.commit.version, {at.partition, at.offset + 1}, record.commit.state, false, record.commit.events});
    } else if (pending.command != nullptr) {
      probe_.DecidedAgain();
      // Not at once: what follows in this step may settle more of the stream.
      DecideSoon(std::move(pending.command));
    }
    Release(record.digest);
  }
}

size_t CommandProcessor::Followers(const Command& command) const {
  auto found = command.leads ? under_way_.find(NameOf(command)) : under_way_.end();
  if (found == under_way_.end()) return 0;
  return static_cast<size_t>(
      absl::c_count_if(found->second, [&](const CommandPtr& same) { return same->digest == command.digest; }));
}

void CommandProcessor::WaitForTheEnd(const CommandPtr& command) {
  command->followers = Followers(*command);
  barrier_.Wait(
      [this, command](const absl::Status& status) {
        if (!status.ok()) return Answer(command, status);
        Try(&CommandProcessor::DecideBehindBarrier, command);
      },
      command->deadline, PartitionOf(command->stream.ToString()));
}

void CommandProcessor::Release(const std::string& digest) {
  auto found = waiting_.find(digest);
  if (found == waiting_.end()) return;
  for (CommandPtr& command : found->second) DecideSoon(std::move(command));
  waiting_.erase(found);
}

void CommandProcessor::DecideSoon(CommandPtr command) {
  if (inbox_->Push([this, command] { Decide(command); })) return;
  Answer(command, Refuse(absl::StatusCode::kUnavailable, "SHUTTING_DOWN",
                         "the service is stopping; try again with the same command_id"));
}

log::Partition CommandProcessor::PartitionOf(const std::string& stream) const {
  return {topic_, log::PartitionFor(stream, positions_.PartitionsOf(topic_))};
}

void CommandProcessor::Answer(const CommandPtr& command, absl::StatusOr<CommandResult> outcome) {
  --in_flight_;
  if (auto of_caller = of_callers_.find(command->caller.id); --of_caller->second == 0) of_callers_.erase(of_caller);
  if (command->leads) AnswerTheSame(command, outcome.status());
  std::function<void(absl::StatusOr<CommandResult>)> done = std::move(command->done);
  done(std::move(outcome));
}

void CommandProcessor::AnswerTheSame(const CommandPtr& answered, const absl::Status& status) {
  auto found = under_way_.find(NameOf(*answered));
  if (found == under_way_.end()) return;
  std::vector<CommandPtr>& same = found->second;
  std::vector<CommandPtr> refused;
  if (IsRefusal(status)) {
    std::erase_if(same, [&](const CommandPtr& command) {
      if (command->digest != answered->digest) return false;
      refused.push_back(command);
      return true;
    });
  }
  CommandPtr next = same.empty() ? nullptr : std::move(same.front());
  next == nullptr ? static_cast<void>(under_way_.erase(found)) : static_cast<void>(same.erase(same.begin()));
  for (const CommandPtr& command : refused) Answer(command, status);
  if (next == nullptr) return;
  next->leads = true;
  DecideSoon(std::move(next));
}

void CommandProcessor::Expire() {
  doubts_.Expire(clock_.Steady());
  const absl::Time now = clock_.Now();
  const absl::Status expired =
      Refuse(absl::StatusCode::kDeadlineExceeded, "OUTCOME_UNKNOWN",
             "the log did not answer in time, so the outcome is unknown; try again with the same command_id");
  std::vector<CommandPtr> over;
  for (auto& [digest, pending] : pending_) {
    if (pending.command == nullptr || pending.command->deadline > now) continue;
    over.push_back(std::exchange(pending.command, nullptr));
  }
  const auto take = [&](std::vector<CommandPtr>& commands) {
    std::erase_if(commands, [&](const CommandPtr& command) {
      if (command->deadline > now) return false;
      over.push_back(command);
      return true;
    });
  };
  for (auto& [digest, commands] : waiting_) take(commands);
  for (auto& [name, same] : under_way_) take(same);
  // In an order that does not depend on the maps', so that a simulation repeats itself.
  absl::c_sort(over, [](const CommandPtr& a, const CommandPtr& b) {
    return std::tie(a->stream.key, a->caller.command_id) < std::tie(b->stream.key, b->caller.command_id);
  });
  for (const CommandPtr& command : over) Answer(command, expired);
}

void CommandProcessor::Fail(const absl::Status& status) {
  for (auto& [name, same] : std::exchange(under_way_, {})) {
    for (const CommandPtr& command : same) Answer(command, status);
  }
  for (auto& [digest, pending] : std::exchange(pending_, {})) {
    if (pending.command != nullptr) Answer(pending.command, status);
  }
  for (auto& [digest, commands] : std::exchange(waiting_, {})) {
    for (const CommandPtr& command : commands) Answer(command, status);
  }
}

}  // namespace throughline::runtime
