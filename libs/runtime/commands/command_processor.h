#pragma once

// The write path: load, decide, append, and after the fold answer or decide again. It stands here once, for all streams
// of all services. The engine's thread.

#include "libs/runtime/clock.h"
#include "libs/runtime/commands/doubts.h"
#include "libs/runtime/commands/overlay.h"
#include "libs/runtime/reads/end_barrier.h"

namespace throughline::runtime {

class CommandProcessor {
 public:
  struct Limits {
    size_t in_flight = 4096;                // commands taken and not answered; half of them of one caller
    int attempts = 20;                      // decisions per command before ABORTED
    size_t record_bytes = size_t{1} << 20;  // of one commit
  };

  // All must outlive the writer.
  CommandProcessor(log::EventLog& log, log::Topic topic, const StreamTypes& types, const store::KeyValue& store,
                   Heads& heads, const Positions& positions, EndBarrier& barrier, std::shared_ptr<Inbox> inbox,
                   const Clock& clock, Probe& probe, const Limits& limits);

  void Take(CommandPtr command);
  // Knows the commit that this process made with this digest; nullptr otherwise.
  const LocalCommit* Find(const std::string& digest) const;
  // What the fold has judged, in order; called before the barrier hears of it.
  void Folded(const std::vector<Folded>& folded);
  // Forgets commands past their deadline, which nobody waits for any more. Their commits may still be accepted.
  void Expire();
  // Answers everything that is under way UNAVAILABLE.
  void Fail(const absl::Status& status);

  size_t in_flight() const { return in_flight_; }

 private:
  void Decide(const CommandPtr& command);
  // One of the two ways to decide, answered DATA_LOSS if a row that it reads cannot be decoded.
  void Try(void (CommandProcessor::*decide)(const CommandPtr&), const CommandPtr& command);
  void DecideOnWhatIsInFlight(const CommandPtr& command);
  void DecideBehindBarrier(const CommandPtr& command);
  // Settles a decision that adds nothing, made on folded state that was the present: a refusal, or nothing to do.
  void AnswerWithoutEvents(const CommandPtr& command, const Decided& decided, StreamHead head);
  bool AnswerRepeated(const CommandPtr& command, const std::string& stream, const StreamHead& head);
  // Appends what reads back; INTERNAL for what does not.
  void Append(const CommandPtr& command, const std::string& stream, const StreamHead& head,
              const std::vector<MessagePtr>& events);
  void AppendFailed(const std::string& digest, const absl::Status& status);
  // How many with the same id and the same request wait for this one.
  size_t Followers(const Command& command) const;
  void WaitForTheEnd(const CommandPtr& command);
  void Answer(const CommandPtr& command, absl::StatusOr<CommandResult> outcome);
  // Those that wait for it: what is refused is refused to all of them; otherwise the next one is decided.
  void AnswerTheSame(const CommandPtr& answered, const absl::Status& status);
  // Decides again the commands that waited for this commit to be settled.
  void Release(const std::string& digest);
  void DecideSoon(CommandPtr command);
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
  const Limits limits_;

  struct Pending {
    CommandPtr command;  // null once answered
    std::shared_ptr<const LocalCommit> local;
  };
  // Every command under way by stream, caller and command id, with the same ones that came after it: they wait for its
  // answer, as one must not be refused while the other may yet take effect.
  absl::flat_hash_map<std::string, std::vector<CommandPtr>> under_way_;
  Overlay overlay_;
  absl::flat_hash_map<std::string, Pending> pending_;  // by digest, until folded or known to have failed
  // Commands that cannot be settled before a commit in flight is, by its digest: the same command again, or one that
  // would be refused because of it.
  absl::flat_hash_map<std::string, std::vector<CommandPtr>> waiting_;
  Doubts doubts_;
  size_t in_flight_ = 0;
  absl::flat_hash_map<std::string, size_t> of_callers_;  // the same by caller; none is 0
};

}  // namespace throughline::runtime
