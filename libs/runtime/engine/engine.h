#pragma once

// One service at work: its parts, wired together, and the step that drives them all. One thread steps it (host.h), or a
// simulation does. The parts: commands/ decides and appends, fold/ judges and applies, reads/ answers, reactions/ and
// timers/ give commands of their own.
//
// Step and Start: one thread. Everything else: any thread; what must happen on the engine's thread goes by its inbox.

#include "libs/log/event_feed.h"
#include "libs/log/partition_assignment.h"
#include "libs/runtime/engine/definition.h"
#include "libs/runtime/engine/log_identity.h"
#include "libs/runtime/engine/readiness.h"
#include "libs/runtime/fold/read_ahead.h"
#include "libs/runtime/reads/executor.h"
#include "libs/runtime/reads/parked_readers.h"
#include "libs/runtime/reads/watches.h"
#include "libs/runtime/timers/timer_runner.h"

namespace throughline::runtime {

class Engine {
 public:
  struct Limits {
    CommandProcessor::Limits commands;
    size_t fold_records = 1024;  // at most, in one step
  };
  // All must outlive the engine. `assignment` may be null: no reactors and no timers then.
  struct Environment {
    log::EventLog& log;
    store::KeyValue& store;
    log::PartitionAssignment* assignment;
    const Clock& clock;
    Probe& probe;
    log::EventFeed* feed = nullptr;  // null: accepted events are published nowhere
    // Where commands and waiting reads are answered, where watches are called, and where events are written for the
    // feed. Null: at once, on the engine's thread, so that a simulation is repeatable.
    Executor* answers = nullptr;
    Executor* watching = nullptr;
    Executor* publishing = nullptr;
    tracing::Tracer* tracer = nullptr;  // null: no spans
    bool read_ahead = false;            // on a thread of its own while it catches up (fold/read_ahead.h)
  };
  using Done = std::function<void(absl::Status)>;

  Engine(Definition& definition, const Environment& environment, const Limits& limits);
  ~Engine();

  // Reads the log's identity, compares it with what was folded before, and begins to read. FAILED_PRECONDITION: it is
  // another log than before; DATA_LOSS, OUT_OF_RANGE: the log is damaged or truncated.
  absl::Status Start();

  // Does what there is to do. True: there is more at once; false: wait for the inbox, at most 50 ms. An error ends the
  // service: the log cannot be trusted any more.
  absl::StatusOr<bool> Step();
  // Answers everything under way UNAVAILABLE; nothing is taken any more.
  void Close();

  void Execute(CommandPtr command);

  // Calls `done` once all that the token names has been folded: at once, on this thread, if it has been already;
  // otherwise where answers are given. INVALID_ARGUMENT: not a token of this installation, or ahead of the log's end;
  // DEADLINE_EXCEEDED: not folded by then. `field` is the request's field that the token was given in.
  void AfterToken(std::string_view token, absl::Time deadline, Done done,
                  const std::string& field = "consistency_token");
  // Calls `done`, where answers are given, once everything has been folded that was in the folded topics when this was
  // called. A row that is not there then does not exist.
  void AfterPresent(absl::Time deadline, Done done);
  // Runs `task` where watches are called, once the service has caught up with the end that the log had at the start.
  // Not run if it is closed before that.
  void WhenCaughtUp(Executor::Task task);

  std::string TokenFor(const log::Position& position) const { return identity_.TokenOf({position}); }
  const LogIdentity& identity() const { return identity_; }

  // See TimerGauge. The engine's thread.
  size_t OverdueTimers(const std::string& timer) { return overdue_.CountDue(clock_.Trusted(), timer); }

  const StreamTypes& types() const { return definition_.types; }
  // The rows of one moment. This is the only way to read, so that several rows of one answer fit together.
  std::unique_ptr<const store::KeyValue> View() const { return store_.View(); }
  const Clock& clock() const { return clock_; }
  const Positions& positions() const { return *positions_; }
  Watches& watches() { return watches_; }
  Inbox& inbox() { return *inbox_; }

  // Whether somebody waits for what it will fold next: a command, a reader, a watch of the present.
  bool Awaited() const {
    return commands_->in_flight() > 0 || !readers_->empty() || !own_end_->idle() || !all_ends_->idle();
  }

  // See Readiness.
  bool Ready() const { return readiness_.Ready(); }
  FoldStatus fold_status() const { return readiness_.status(); }

 private:
  absl::Status Subscribe();
  absl::StatusOr<bool> FoldStep();
  // What need not be done in every step: deadlines, gauges, readiness.
  void StepNowAndThen();
  // Returns a function that calls `done` where answers are given.
  template <typename Result>
  std::function<void(Result)> WhereAnswersAreGiven(std::function<void(Result)> done);
  void Take(CommandPtr command);
  // Begins to take part in the assignment of partitions. Not before: a replica that has not caught up would leave its
  // partitions without reactions, or decide on old states.
  void CaughtUp();

  Definition& definition_;
  log::EventLog& log_;
  store::KeyValue& store_;
  log::PartitionAssignment* const assignment_;
  const Clock& clock_;
  Probe& probe_;
  log::EventFeed* const feed_;
  const bool read_ahead_;
  const Limits limits_;
  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  InlineExecutor at_once_;
  Executor& answers_;
  Executor& watching_;
  Executor& publishing_;
  Watches watches_;
  const Decisions decisions_;

  LogIdentity identity_;
  Readiness readiness_;
  Heads heads_;
  TimerIndex overdue_;  // counts for gauges, over all streams
  std::unique_ptr<Positions> positions_;
  std::unique_ptr<Fold> fold_;
  std::unique_ptr<EndBarrier> own_end_;   // of its own topic: for refusals
  std::unique_ptr<EndBarrier> all_ends_;  // of all that it folds: for "not found", readiness and reactors that join
  std::unique_ptr<CommandProcessor> commands_;
  std::unique_ptr<ReactionRunner> reactions_;
  std::unique_ptr<TimerRunner> timers_;
  std::unique_ptr<log::Subscription> subscription_;
  ReadAhead* ahead_ = nullptr;  // `subscription_`, while it reads ahead
  std::unique_ptr<ParkedReaders> readers_;
  std::vector<Executor::Task> when_caught_up_;
  absl::Time stepped_now_and_then_ = absl::InfinitePast();
};

}  // namespace throughline::runtime
