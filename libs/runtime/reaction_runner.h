#pragma once

// Runs the reactors of the partitions that this replica has duty for, and publishes its service's own events to the
// feed: each accepted commit once per holder, in order of offset, beginning where duty was last known to be done.
// Usually it takes the commits as they are folded; what was folded before duty came is read again from the log. The
// engine's thread.

#include <map>
#include <memory>
#include <vector>

#include "libs/log/duty.h"
#include "libs/log/event_feed.h"
#include "libs/runtime/attempts.h"
#include "libs/runtime/reactor.h"

namespace throughline::runtime {

class ReactionRunner {
 public:
  struct Parts {
    log::EventLog& log;
    const store::KeyValue& store;
    const Positions& positions;
    const StreamTypes& types;
    const Clock& clock;
    Probe& probe;
    std::string actor;
    log::Topic own;        // its events are published
    log::EventFeed* feed;  // null: nowhere
    std::shared_ptr<Inbox> inbox;
  };

  ReactionRunner(const Parts& parts, std::vector<Reactor*> reactors, Writer& writer, log::Duty* duty,
                 std::function<void()> wake);

  void Held(const std::vector<log::Position>& held);
  bool HasDuty(const log::Partition& partition) const { return held_.contains(partition); }

  // What the fold has just judged and written. Takes the states out of it: who reacts later has none either.
  void Folded(std::vector<Folded>& folded);
  // Catches up, tries again, remembers what is done. True if there may be more to do at once.
  bool Step();

 private:
  struct Progress {
    int64_t next = 0;  // the next offset to react to
    int64_t committed = 0;
    std::map<int64_t, int> outstanding;  // offset -> reactions and events not yet over
    // An event was not published: all begins again from the first that is outstanding, not before
    // this, by steady time.
    absl::Duration again = absl::InfiniteDuration();
  };
  static constexpr size_t kMaxOutstanding = 1024;

  void React(const AcceptedCommit& commit, Progress& progress);
  void Publish(const AcceptedCommit& commit, Progress& progress);
  void BeginAgain();
  size_t outstanding() const { return attempts_.outstanding() + publishing_; }
  static void Over(Progress& progress, int64_t offset);
  bool CatchUp();
  void CatchUpOn(const log::Record& record);
  void Remember();

  const Parts parts_;
  const std::vector<Reactor*> reactors_;
  log::Duty* const duty_;
  const std::function<void()> wake_;
  Attempts attempts_;
  size_t publishing_ = 0;
  std::map<log::Partition, std::shared_ptr<Progress>> held_;  // in order, so that a simulation repeats itself
  std::unique_ptr<log::Subscription> behind_;                 // reads again what Folded() did not take
  absl::flat_hash_map<log::Partition, int64_t> reading_;      // where `behind_` stands
  absl::Duration remembered_ = -absl::InfiniteDuration();
};

}  // namespace throughline::runtime
