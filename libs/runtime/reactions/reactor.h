#pragma once

// A reactor answers an accepted commit, of any topic that its service folds, with commands to streams of its own
// service. The replica to which the partition is assigned runs it, perhaps twice: each command's id follows from its
// cause, so it has one effect. A reaction whose command is refused is done (the refusal is logged and counted). A
// command that fails otherwise is tried again until it is accepted or refused. See Reactions::NotYet for commands that
// cannot be made yet.
//
//   void React(const AcceptedCommit& commit, const store::KeyValue& reader, Reactions& reactions) override {
//     ... reactions.Execute<Order>({"order", id}, CompleteOrder{...}, "complete");
//   }

#include "libs/runtime/commands/command.h"
#include "libs/runtime/fold/accepted_commit.h"
#include "libs/runtime/fold/tables.h"

namespace throughline::runtime {

// The commands that one cause leads to.
class Reactions {
 public:
  // `cause` names the commit or timer; the commands carry it as causation id. `commit`: whose
  // correlation and trace go on. `spans`: each command is a span of its own.
  Reactions(const StreamTypes& types, std::string actor, std::string cause, const throughline::log::v1::Commit& commit,
            bool spans, absl::Time now);

  // `purpose` tells apart several commands of one cause: the same purpose is the same command.
  template <typename S, typename C>
  void Execute(StreamId stream, C command, std::string_view purpose) {
    auto made = MakeCommand<S>(types_, std::move(stream), std::move(command), CallerFor(purpose));
    made->digest.clear();  // replicas may know different facts, and mean the same command
    commands_.push_back(std::move(made));
  }

  // A fact that the commands need is not there yet, for instance an owner. None of them is given, and the reactor is
  // called again after a pause, for as long as it says so. `why` is for the service's log.
  void NotYet(std::string why) { not_yet_ = std::move(why); }

  // When the commands are made.
  absl::Time now() const { return caller_.time; }

  std::vector<CommandPtr> Take() { return std::move(commands_); }
  const std::optional<std::string>& not_yet() const { return not_yet_; }

 private:
  Caller CallerFor(std::string_view purpose) const;

  const StreamTypes& types_;
  const bool spans_;
  Caller caller_;
  std::vector<CommandPtr> commands_;
  std::optional<std::string> not_yet_;
};

class Reactor {
 public:
  virtual ~Reactor() = default;
  // Whether the reaction to this commit depends on commits of other partitions. React is then called only once the fold
  // has reached the end that the log had after this commit was folded. So the reaction to the later of two commits that
  // belong together always finds the earlier, on whichever replica. Costs one query for the end of the log.
  virtual bool NeedsPresent(const AcceptedCommit&) const { return false; }
  // `commit.state` is null here. `reader` has folded at least this commit. The engine's thread.
  virtual void React(const AcceptedCommit& commit, const store::KeyValue& reader, Reactions& reactions) = 0;
};

// Turns a timer that is due into commands. A command that adds nothing, or is refused, ends the timer too.
class TimerHandler {
 public:
  virtual ~TimerHandler() = default;
  virtual void Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
                    Reactions& reactions) = 0;
  // The stream whose last commit led to the timer, if the timer's own stream has no commit yet: the trace goes on from
  // there. Empty: none.
  virtual std::string CauseOf(const throughline::log::v1::TimerRow&) const { return ""; }
};

}  // namespace throughline::runtime
