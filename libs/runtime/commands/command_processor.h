#pragma once

// The write path: load, decide, append, and after the fold answer or decide again. It stands here once, for all streams
// of all services. commands_under_way.h lists the states of a command; here is what moves it from one to the next. The
// engine's thread.

#include "libs/runtime/clock.h"
#include "libs/runtime/commands/commits_in_flight.h"
#include "libs/runtime/reads/end_barrier.h"

namespace throughline::runtime {

class CommandProcessor {
 public:
  struct Limits {
    size_t in_flight = 4096;                // commands taken and not answered; half of them of one caller
    int attempts = 20;                      // decisions per command before ABORTED
    size_t record_bytes = size_t{1} << 20;  // of one commit
  };

  // All must outlive the command processor.
  CommandProcessor(log::EventLog& log, log::Topic topic, const StreamTypes& types, const store::KeyValue& store,
                   Heads& heads, const Positions& positions, EndBarrier& barrier, std::shared_ptr<Inbox> inbox,
                   const Clock& clock, Probe& probe, const Decisions& decisions, const Limits& limits);

  void Take(CommandPtr command);
  // The commit with this digest, if this process made it and it is in flight; nullptr otherwise.
  const LocalCommit* Find(const std::string& digest) const;
  // What the fold has judged, in order; called before the barrier hears of it.
  void Folded(const std::vector<Folded>& folded);
  // Answers commands past their deadline DEADLINE_EXCEEDED. Their commits may still be accepted.
  void Expire();
  // Answers everything that is under way with `status`.
  void Fail(const absl::Status& status);

  size_t in_flight() const { return under_way_.size(); }

 private:
  using Entry = CommandUnderWayPtr;
  using State = CommandUnderWay::State;

  // What a decision sees.
  enum class Basis {
    kInFlight,  // the last commit in flight, which may yet lose
    kSettled,   // only what is folded, up to the end that the log had when the command asked for it
  };
  // Decides. DATA_LOSS is answered if a row that it reads cannot be decoded.
  void Decide(const Entry& entry, Basis basis);
  void DecideOn(const Entry& entry, Basis basis);
  // Answers with a decision that adds nothing, made on what is settled: a refusal, or nothing to do.
  void AnswerWithoutEvents(const Entry& entry, const std::string& stream, const absl::Status& decided, StreamHead head);
  // Answers a command that was accepted before.
  bool AnswerRepeated(const Entry& entry, const std::string& stream, const StreamHead& head);
  // Appends a commit that reads back; answers INTERNAL if it does not.
  void Append(const Entry& entry, const std::string& stream, const StreamHead& head,
              const std::vector<MessagePtr>& events);
  void AppendFailed(const std::string& digest, const absl::Status& status);

  // The transitions that wait for something.
  void WaitForCommit(const Entry& entry, State state, CommitInFlight& commit);
  void WaitForTheEnd(const Entry& entry);
  // In state kToDecide or kToAskForEnd: goes on in the next step, as the rest of this one may settle more.
  void WaitForItsTurn(const Entry& entry, State state);
  void TakeItsTurn(const Entry& entry);
  // A commit is folded or has failed: what waited for that goes on.
  void Settled(const CommitInFlight& commit);
  void Answer(const Entry& entry, absl::StatusOr<CommandResult> outcome);

  log::Partition PartitionOf(const std::string& stream) const;

  log::EventLog& log_;
  const log::Topic topic_;
  const StreamTypes& types_;
  const store::KeyValue& store_;
  Heads& heads_;
  const Positions& positions_;
  EndBarrier& barrier_;
  const std::shared_ptr<Inbox> inbox_;
  const Clock& clock_;
  Probe& probe_;
  const Decisions& decisions_;
  const Limits limits_;

  CommandsUnderWay under_way_;
  CommitsInFlight commits_;
};

}  // namespace throughline::runtime
