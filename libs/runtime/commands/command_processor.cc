#include "libs/runtime/commands/command_processor.h"

#include <spdlog/spdlog.h>

#include "libs/crypto/sha256.h"
#include "libs/log/partitioner.h"
#include "libs/runtime/domain/damage.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/kill_point.h"

namespace throughline::runtime {
namespace {

absl::Status UnknownAppend() {
  return Refuse(absl::StatusCode::kUnavailable, "APPEND_UNKNOWN",
                "the log did not answer, so the outcome is unknown; try again with the same command_id");
}

absl::Status OutcomeUnknown() {
  return Refuse(absl::StatusCode::kDeadlineExceeded, "OUTCOME_UNKNOWN",
                "the log did not answer in time, so the outcome is unknown; try again with the same command_id");
}

// The answer to a command whose append failed. A failure that the record did not cause goes away sooner or later. So it
// is not a refusal: a refusal is final, and a reaction would be lost.
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
                                   const Decisions& decisions, const Limits& limits)
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
      decisions_(decisions),
      limits_(limits),
      under_way_(limits.in_flight) {}

void CommandProcessor::Take(CommandPtr command) {
  absl::StatusOr<Entry> entry = under_way_.Add(command);
  if (!entry.ok()) return command->done(entry.status());
  if ((*entry)->state == State::kToDecide) Decide(*entry, Basis::kInFlight);
}

void CommandProcessor::Decide(const Entry& entry, Basis basis) {
  try {
    DecideOn(entry, basis);
  } catch (const store::DamagedRow& damaged) {
    Answer(entry, RowUnreadable(damaged));
  }
}

void CommandProcessor::DecideOn(const Entry& entry, Basis basis) {
  const Command& command = *entry->command;
  const std::string stream = command.stream.ToString();
  StreamHead head = heads_.Load(*command.type, stream);
  if (AnswerRepeated(entry, stream, head)) return;
  CommitInFlight* last = nullptr;
  if (basis == Basis::kInFlight) {
    if (CommitInFlight* same = commits_.FindCommand(stream, command.caller)) {
      return WaitForCommit(entry, State::kBehindCommit, *same);
    }
    last = commits_.Last(stream);
    if (last != nullptr) head = {last->header().version(), last->digest, last->local.state};
    if (++entry->attempts > limits_.attempts) {
      return Answer(entry, WithMetadata(Refuse(absl::StatusCode::kAborted, "CONTENDED",
                                               "others change " + stream + " at the same time; try again"),
                                        "current_version", std::to_string(head.version)));
    }
  }
  Decided decided = command.decide(*head.state);
  const bool adds = decided.ok() && !decided->empty();
  if (basis == Basis::kSettled) {
    // Events follow what is in flight, if there is anything by now.
    return adds ? DecideOn(entry, Basis::kInFlight)
                : AnswerWithoutEvents(entry, stream, decided.status(), std::move(head));
  }
  if (adds) {
    // A process that hung must not do what its caller has given up meanwhile, and has perhaps seen refused elsewhere.
    if (command.deadline <= clock_.Trusted()) return Answer(entry, OutcomeUnknown());
    return Append(entry, stream, head, *decided);
  }
  // To add nothing is an answer about the present. What is in flight may yet lose; once it is settled, the answer rests
  // on what is folded. To decide on what is in flight again would not end: a busy stream always has something in
  // flight.
  last != nullptr ? WaitForCommit(entry, State::kDoubtful, *last) : WaitForTheEnd(entry);
}

void CommandProcessor::AnswerWithoutEvents(const Entry& entry, const std::string& stream, const absl::Status& decided,
                                           StreamHead head) {
  if (decided.ok()) {
    const log::Partition partition = PartitionOf(stream);
    return Answer(entry, CommandResult{head.version, {partition, positions_.Next(partition)}, std::move(head.state)});
  }
  // The same request arrived again since the end was asked for. The refusal covers it too, so ask for the end again.
  if (under_way_.SameRequests(*entry) > entry->same_asked) return WaitForTheEnd(entry);
  if (commits_.MayStillCome(stream, entry->command->caller)) return Answer(entry, UnknownAppend());
  Answer(entry, ReasonOf(decided) ? WithMetadata(decided, "current_version", std::to_string(head.version)) : decided);
}

bool CommandProcessor::AnswerRepeated(const Entry& entry, const std::string& stream, const StreamHead& head) {
  if (head.version == 0) return false;
  const Command& command = *entry->command;
  auto row = kCommandRows.Get(store_, CommandKey(stream, command.caller.id, command.caller.command_id));
  if (!row) return false;
  if (!command.digest.empty() && !row->command_digest().empty() && command.digest != row->command_digest()) {
    Answer(entry, Refuse(absl::StatusCode::kInvalidArgument, "COMMAND_ID_REUSED",
                         "command_id " + command.caller.command_id + " was used before for another request on " +
                             stream + "; give each request an id of its own"));
    return true;
  }
  Answer(entry, CommandResult{row->version(), {{topic_, row->partition()}, row->offset() + 1}, head.state, true});
  return true;
}

void CommandProcessor::Append(const Entry& entry, const std::string& stream, const StreamHead& head,
                              const std::vector<MessagePtr>& events) {
  const Command& command = *entry->command;
  auto header = std::make_shared<throughline::log::v1::Commit>(MakeCommit(command, head.version, head.digest, events));
  const std::optional<OpenSpan> span = decisions_.BeginCommit(command);
  if (span) header->set_traceparent(span->context.ToHeader());
  log::Record record{PartitionOf(stream), 0, stream, header->SerializeAsString()};
  if (record.value.size() > limits_.record_bytes) {
    return Answer(entry, Refuse(absl::StatusCode::kInvalidArgument, "COMMIT_TOO_LARGE",
                                "the request makes a record of " + std::to_string(record.value.size()) +
                                    " bytes; the limit is " + std::to_string(limits_.record_bytes)));
  }
  absl::StatusOr<ReadCommit> read =
      ReadBack(record, {command.stream, command.type, header, events}, types_, positions_.PartitionsOf(topic_));
  if (!read.ok()) {
    probe_.RefusedUnreadable();
    spdlog::error("refused a commit on {} that no reader could read: {}", stream, std::string(read.status().message()));
    return Answer(entry, Refuse(absl::StatusCode::kInternal, "COMMIT_UNREADABLE",
                                "the request makes a record that could not be read back (" +
                                    std::string(read.status().message()) +
                                    "), so nothing was written; look for text that is not UTF-8, and report this"));
  }
  std::string digest = crypto::Sha256(record.value);
  if (CommitInFlight* same = commits_.Find(digest)) return WaitForCommit(entry, State::kBehindCommit, *same);
  std::shared_ptr<google::protobuf::Message> after(head.state->New());
  after->MergeFrom(*head.state);  // it is empty; CopyFrom would look whether one is part of the other
  for (const MessagePtr& event : read->events) command.type->Evolve(*after, *event);
  auto commit = std::make_unique<CommitInFlight>();
  commit->digest = digest;
  commit->local = {*std::move(read), std::move(after)};
  commit->command = entry;
  commit->span = span;
  commits_.Add(std::move(commit));
  entry->state = State::kAppended;
  log_.Append(record.partition, stream, std::move(record.value),
              [this, digest = std::move(digest), inbox = inbox_](absl::StatusOr<int64_t> offset) {
                KillPoint("appended");
                // The fold reports a success.
                if (!offset.ok())
                  inbox->Push([this, digest, status = offset.status()] { AppendFailed(digest, status); });
              });
}

void CommandProcessor::AppendFailed(const std::string& digest, const absl::Status& status) {
  const std::unique_ptr<CommitInFlight> commit =
      commits_.TakeFailed(digest, absl::IsUnavailable(status), clock_.Steady());
  if (commit == nullptr) return;  // it was folded all the same
  probe_.AppendFailed();
  if (commit->span) decisions_.EndCommit(*commit->span, commit->header(), absl::StatusCodeToString(status.code()));
  if (commit->command != nullptr) Answer(commit->command, ExplainFailedAppend(status));
  Settled(*commit);
}

const LocalCommit* CommandProcessor::Find(const std::string& digest) const {
  const CommitInFlight* commit = commits_.Find(digest);
  return commit == nullptr ? nullptr : &commit->local;
}

void CommandProcessor::Folded(const std::vector<runtime::Folded>& folded) {
  for (const runtime::Folded& record : folded) {
    if (record.position.partition.topic != topic_) continue;
    const bool accepted = record.verdict == Verdict::kAccepted;
    if (accepted) commits_.Accepted(record.commit.header->stream(), record.digest);
    const std::unique_ptr<CommitInFlight> commit = commits_.TakeFolded(record.digest, accepted);
    if (commit == nullptr) continue;
    if (commit->span) decisions_.EndCommit(*commit->span, commit->header(), accepted ? "" : "VOID");
    if (commit->command != nullptr && accepted) {
      const log::Position after{record.position.partition, record.position.offset + 1};
      Answer(commit->command,
             CommandResult{record.commit.version, after, record.commit.state, false, record.commit.events});
    } else if (commit->command != nullptr) {
      probe_.DecidedAgain();
      WaitForItsTurn(commit->command, State::kToDecide);
    }
    Settled(*commit);
  }
}

void CommandProcessor::WaitForCommit(const Entry& entry, State state, CommitInFlight& commit) {
  entry->state = state;
  commit.waiting.push_back(entry);
}

void CommandProcessor::Settled(const CommitInFlight& commit) {
  for (const Entry& entry : commit.waiting) {
    WaitForItsTurn(entry, entry->state == State::kDoubtful ? State::kToAskForEnd : State::kToDecide);
  }
}

void CommandProcessor::WaitForTheEnd(const Entry& entry) {
  entry->state = State::kBehindEnd;
  entry->same_asked = under_way_.SameRequests(*entry);
  barrier_.Wait(
      [this, entry](const absl::Status& status) {
        if (entry->state != State::kBehindEnd) return;  // the service is stopping, and has answered it
        status.ok() ? Decide(entry, Basis::kSettled) : Answer(entry, status);
      },
      entry->command->deadline, PartitionOf(entry->command->stream.ToString()));
}

void CommandProcessor::WaitForItsTurn(const Entry& entry, State state) {
  entry->state = state;
  if (inbox_->Push([this, entry] { TakeItsTurn(entry); })) return;
  Answer(entry, Refuse(absl::StatusCode::kUnavailable, "SHUTTING_DOWN",
                       "the service is stopping; try again with the same command_id"));
}

void CommandProcessor::TakeItsTurn(const Entry& entry) {
  entry->state == State::kToAskForEnd ? WaitForTheEnd(entry) : Decide(entry, Basis::kInFlight);
}

log::Partition CommandProcessor::PartitionOf(const std::string& stream) const {
  return {topic_, log::PartitionFor(stream, positions_.PartitionsOf(topic_))};
}

void CommandProcessor::Answer(const Entry& entry, absl::StatusOr<CommandResult> outcome) {
  entry->state = State::kAnswered;
  decisions_.Decided(*entry->command, outcome);
  const CommandsUnderWay::Behind behind = under_way_.Remove(*entry, IsRefusal(outcome.status()));
  for (const Entry& same : behind.refused) Answer(same, outcome.status());
  if (behind.next != nullptr) WaitForItsTurn(behind.next, State::kToDecide);
  std::function<void(absl::StatusOr<CommandResult>)> done = std::move(entry->command->done);
  done(std::move(outcome));
}

void CommandProcessor::Expire() {
  commits_.Expire(clock_.Steady());
  const std::vector<Entry> expired = under_way_.TakeExpired(clock_.Trusted());
  if (expired.empty()) return;
  for (const Entry& entry : expired) Answer(entry, OutcomeUnknown());
  commits_.ForgetAnswered();
}

void CommandProcessor::Fail(const absl::Status& status) {
  for (const Entry& entry : under_way_.TakeAll()) Answer(entry, status);
  commits_.ForgetAnswered();
}

}  // namespace throughline::runtime
