#pragma once

// Gives each accepted commit of the partitions that this replica has duty for once, in order of offset, and knows up to
// where all that they led to is over. Usually a commit comes as it is folded; what was folded before duty came, or
// while too much was open, is read again from the log. The engine's thread.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "libs/log/event_feed.h"
#include "libs/runtime/clock.h"
#include "libs/runtime/fold/fold.h"
#include "libs/runtime/inbox.h"

namespace throughline::runtime {

// What reactions, timers and published events are made of. All must outlive those who use it.
struct AssignmentParts {
  log::EventLog& log;
  const store::KeyValue& store;
  const Positions& positions;
  const StreamTypes& types;
  const Clock& clock;
  Probe& probe;
  std::string actor;
  log::Topic own;        // its events are published, its streams have timers
  log::EventFeed* feed;  // null: nowhere
  std::shared_ptr<Inbox> inbox;
};

class AssignmentReader {
 public:
  // One partition, from one beginning on.
  struct Progress {
    int64_t next = 0;             // the next offset to give
    std::map<int64_t, int> open;  // offset -> what is not yet over of it
    bool revoked = false;         // duty went, or all began again: nobody waits for what is open
    bool unreadable = false;      // `next` is of a newer version, whose store this is: nothing is given from there on

    void Begin(int64_t offset, size_t count) { open[offset] += static_cast<int>(count); }
    void Over(int64_t offset) {
      auto found = open.find(offset);
      if (--found->second == 0) open.erase(found);
    }
    // Everything before it is over.
    int64_t done() const { return open.empty() ? next : open.begin()->first; }
  };
  using ProgressPtr = std::shared_ptr<Progress>;
  // Says in the progress what it begins.
  using Take = std::function<void(const AcceptedCommit& commit, const ProgressPtr& progress)>;

  // `purpose` is for the service's log. Gives nothing while `busy`.
  AssignmentReader(const AssignmentParts& parts, std::string purpose, Take take, std::function<bool()> busy);

  void Held(const std::vector<log::Position>& held);
  // What the fold has just judged and written. Takes the states out of it: who comes later has none either.
  void Folded(std::vector<Folded>& folded);
  // Reads again what is behind the fold. True if there may be more at once.
  bool CatchUp();
  // From the first that is open, with a new progress.
  void BeginAgain(const log::Partition& partition);

  // In order, so that a simulation repeats itself.
  const std::map<log::Partition, ProgressPtr>& held() const { return held_; }

 private:
  // What is open holds memory. Of a partition with this much nothing is asked for,
  static constexpr size_t kEnough = 256;
  // and with this much nothing is taken that comes with what was asked for of others.
  static constexpr size_t kTooMuch = 512;

  bool Read(std::vector<log::Position> from);
  void Reread(const log::Record& record);

  const AssignmentParts parts_;
  const std::string purpose_;
  const Take take_;
  const std::function<bool()> busy_;
  std::map<log::Partition, ProgressPtr> held_;
  std::unique_ptr<log::Subscription> behind_;             // reads again what Folded() did not give
  absl::flat_hash_map<log::Partition, int64_t> reading_;  // where `behind_` stands
};

}  // namespace throughline::runtime
