#pragma once

// Runs the reactors for the partitions that are assigned to this replica, has its service's own events published, and
// checkpoints the offset up to which both are done. The engine's thread.

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "libs/log/partition_assignment.h"
#include "libs/runtime/commands/attempts.h"
#include "libs/runtime/reactions/publisher.h"
#include "libs/runtime/reactions/reactor.h"

namespace throughline::runtime {

class ReactionRunner {
 public:
  // `present`: of all that is folded.
  ReactionRunner(const AssignmentParts& parts, std::vector<Reactor*> reactors, CommandProcessor& commands,
                 EndBarrier& present, log::PartitionAssignment* assignment);

  void Assigned(const std::vector<log::Position>& assigned);
  bool IsAssigned(const log::Partition& partition) const { return reader_.assigned().contains(partition); }
  bool HasAssignment() const { return !reader_.assigned().empty(); }

  // What the fold has just judged and written; see AssignmentReader.
  void Folded(std::vector<Folded>& folded);
  // Catches up, tries again, remembers what is done. True if there may be more to do at once.
  bool Step();

 private:
  static constexpr size_t kMaxOutstanding = 1024;

  // A call of a reactor that is yet to come. Its commit is open until then.
  struct Postponed {
    Reactor* reactor;
    AcceptedCommit commit;
    AssignmentReader::ProgressPtr progress;
    Backoff backoff = {};
  };
  using PostponedPtr = std::shared_ptr<Postponed>;

  void React(const AcceptedCommit& commit, const AssignmentReader::ProgressPtr& progress);
  // UNAVAILABLE: not yet; says why.
  absl::Status React(Reactor& reactor, const AcceptedCommit& commit, const AssignmentReader::ProgressPtr& progress);
  void ReactInThePresent(const PostponedPtr& postponed);
  void ReactLater(const PostponedPtr& postponed, const absl::Status& why);
  void Remember();

  const AssignmentParts parts_;
  const std::vector<Reactor*> reactors_;
  log::PartitionAssignment* const assignment_;
  EndBarrier& present_;
  Attempts attempts_;
  std::multimap<absl::Duration, PostponedPtr> later_;  // by steady time
  AssignmentReader reader_;
  std::optional<Publisher> publisher_;
  std::map<log::Partition, int64_t> remembered_;
  absl::Duration remembered_at_ = -absl::InfiniteDuration();
};

}  // namespace throughline::runtime
