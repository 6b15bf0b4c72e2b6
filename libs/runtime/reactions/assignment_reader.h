#pragma once

// Gives each accepted commit of the partitions that are assigned to this replica once, in order of offset, and knows up
// to which offset everything that they led to is done. Usually a commit is given as it is folded. A commit that was
// folded before its partition was assigned, or while too much was open, is read again from the log. The engine's
// thread.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "libs/log/event_feed.h"
#include "libs/runtime/clock.h"
#include "libs/runtime/commands/decisions.h"
#include "libs/runtime/fold/fold.h"
#include "libs/runtime/inbox.h"
#include "libs/runtime/reads/executor.h"

namespace throughline::runtime {

// What reactions, timers and publishing need. All of it must outlive its users.
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
  Executor& publishing;  // where events are written for the feed
  std::shared_ptr<Inbox> inbox;
  const Decisions& decisions;
};

class AssignmentReader {
 public:
  // One partition, from one beginning on.
  struct Progress {
    int64_t next = 0;             // the next offset to give
    std::map<int64_t, int> open;  // offset -> how many reactions or events of it are not done
    bool revoked = false;         // revoked, or restarted: ignore results of open reactions
    bool unreadable = false;      // a newer version wrote `next` and folded it into this store: nothing more is given

    void Begin(int64_t offset, size_t count) { open[offset] += static_cast<int>(count); }
    void Over(int64_t offset) {
      auto found = open.find(offset);
      if (--found->second == 0) open.erase(found);
    }
    // Everything before this offset is done.
    int64_t done() const { return open.empty() ? next : open.begin()->first; }
  };
  using ProgressPtr = std::shared_ptr<Progress>;
  // Enters into the progress what it begins.
  using Take = std::function<void(const AcceptedCommit& commit, const ProgressPtr& progress)>;

  // `purpose` is for the service's log. Gives nothing while `busy`.
  AssignmentReader(const AssignmentParts& parts, std::string purpose, Take take, std::function<bool()> busy);

  // These partitions are assigned now, each from its position on; others are revoked.
  void Assigned(const std::vector<log::Position>& assigned);
  // What the fold has just judged and written. Clears the states, because a re-read commit has none.
  void Folded(std::vector<Folded>& folded);
  // Reads again what is behind the fold. True if there may be more at once.
  bool CatchUp();
  // Begins again at the first commit that is open, with a new progress.
  void BeginAgain(const log::Partition& partition);

  // Ordered, so that a simulation is repeatable.
  const std::map<log::Partition, ProgressPtr>& assigned() const { return assigned_; }

 private:
  // Open commits hold memory. At kEnough, stop reading the partition; at kTooMuch, drop its records that arrive with
  // those of other partitions.
  static constexpr size_t kEnough = 256;
  static constexpr size_t kTooMuch = 512;

  bool Read(std::vector<log::Position> from);
  void Reread(const log::Record& record);

  const AssignmentParts parts_;
  const std::string purpose_;
  const Take take_;
  const std::function<bool()> busy_;
  std::map<log::Partition, ProgressPtr> assigned_;
  std::unique_ptr<log::Subscription> behind_;             // reads again what Folded() did not give
  absl::flat_hash_map<log::Partition, int64_t> reading_;  // where `behind_` stands
};

}  // namespace throughline::runtime
