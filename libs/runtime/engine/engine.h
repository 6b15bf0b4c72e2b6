#pragma once

// One service at work: a state machine that one thread drives (host.h), or a simulation step by step. It takes
// commands, decides, appends, folds what the log gives, answers, reacts and fires timers.
//
// Step and Start: one thread. Everything else: any thread; what must happen on the engine's thread goes by its inbox.

#include <atomic>

#include "libs/log/event_feed.h"
#include "libs/log/partition_assignment.h"
#include "libs/runtime/engine/definition.h"
#include "libs/runtime/reads/executor.h"
#include "libs/runtime/reads/parked_readers.h"
#include "libs/runtime/reads/token.h"
#include "libs/runtime/reads/watches.h"
#include "libs/runtime/timers/timer_runner.h"

namespace throughline::runtime {

class Engine {
 public:
  struct Limits {
    CommandProcessor::Limits commands;
    size_t fold_records = 1024;  // at most, in one step
  };
  // All must outlive the engine. `duty` may be null: no reactors and no timers then.
  struct Environment {
    log::EventLog& log;
    store::KeyValue& store;
    log::PartitionAssignment* assignment;
    const Clock& clock;
    Probe& probe;
    log::EventFeed* feed = nullptr;  // null: accepted events are published nowhere
    // Where commands and waiting reads are answered, and where watches are called. Null: at once, on the engine's
    // thread, as a simulation wants it.
    Executor* answers = nullptr;
    Executor* watching = nullptr;
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

  // Calls `done` once all that the token names has been folded: at once, on this thread, if it has; otherwise where
  // answers are given, here and below. INVALID_ARGUMENT:
  // no token of this installation, or ahead of the log's end; DEADLINE_EXCEEDED: not folded by then. `field` is whence
  // it came.
  void AfterToken(std::string_view token, absl::Time deadline, Done done,
                  const std::string& field = "consistency_token");
  // Calls `done` once everything has been folded that stood in the folded topics when this was called: what is not
  // there then, is not there.
  void AfterPresent(absl::Time deadline, Done done);
  // Runs `task` where watches are called, once the service has caught up with the end that the log had at the start.
  // Not run if it is closed before that.
  void WhenCaughtUp(Executor::Task task);

  std::string TokenFor(const log::Position& position) const { return MakeTokenFor({position}); }
  std::string MakeTokenFor(const std::vector<log::Position>& places) const;
  std::string MakeTokenFor(const WatchPosition& position) const;
  absl::StatusOr<WatchPosition> ReadWatchPosition(std::string_view token, std::string_view question,
                                                  absl::string_view field) const;

  // See TimerGauge. The engine's thread.
  size_t OverdueTimers(const std::string& timer) { return overdue_.CountDue(clock_.Trusted(), timer); }

  const StreamTypes& types() const { return definition_.types; }
  // The rows of one moment: nothing is read otherwise, as what several rows say must fit together.
  std::unique_ptr<const store::KeyValue> View() const { return store_.View(); }
  const Clock& clock() const { return clock_; }
  const Positions& positions() const { return *positions_; }
  Watches& watches() { return watches_; }
  Inbox& inbox() { return *inbox_; }

  // Whether somebody waits for what it will fold next: a command, a reader, a watch of the present.
  bool Awaited() const {
    return commands_->in_flight() > 0 || !readers_->empty() || !own_end_->idle() || !all_ends_->idle();
  }

  // Whether it has folded all that the log had when it started, and no partition has stopped.
  bool Ready() const { return caught_up_.load(std::memory_order_acquire) && !stopped_.load(std::memory_order_acquire); }

 private:
  absl::Status CheckIdentity();
  absl::StatusOr<bool> FoldStep();
  void Expire();
  // Calls `done` where answers are given.
  template <typename Result>
  std::function<void(Result)> Handed(std::function<void(Result)> done);
  void Take(CommandPtr command);
  // Readiness: whether the end is folded that the log had at the start; asked until the log answers.
  void AskWhetherCaughtUp();
  // PartitionAssignment is taken only then: before, what it were given would stand still, or be decided on what was
  // long ago.
  void BeCaughtUp();
  // A log that lost what was folded last never makes the service ready; this says why.
  void WarnOfUnseen(absl::Time now);

  Definition& definition_;
  log::EventLog& log_;
  store::KeyValue& store_;
  log::PartitionAssignment* const assignment_;
  const Clock& clock_;
  Probe& probe_;
  log::EventFeed* const feed_;
  const Limits limits_;
  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  InlineExecutor at_once_;
  Executor& answers_;
  Executor& watching_;
  Watches watches_;

  log::Identity identity_;
  std::string token_mark_;
  Heads heads_;
  TimerIndex overdue_;  // for gauges: of all streams, and nothing is taken
  std::unique_ptr<Positions> positions_;
  std::unique_ptr<Fold> fold_;
  std::unique_ptr<EndBarrier> own_end_;   // of its own topic: for refusals
  std::unique_ptr<EndBarrier> all_ends_;  // of all that it folds: for "not found", readiness and reactors that join
  std::unique_ptr<CommandProcessor> commands_;
  std::unique_ptr<ReactionRunner> reactions_;
  std::unique_ptr<TimerRunner> timers_;
  std::unique_ptr<log::Subscription> subscription_;
  std::unique_ptr<ParkedReaders> readers_;
  absl::Time expired_ = absl::InfinitePast();
  absl::Time warned_ = absl::InfinitePast();
  bool asking_whether_caught_up_ = false;
  std::atomic<bool> caught_up_{false};
  std::vector<Executor::Task> when_caught_up_;
  std::atomic<bool> stopped_{false};
};

}  // namespace throughline::runtime
