#pragma once

// Publishes the events of its service's own topic to the feed, for the partitions that are assigned to this replica. It
// is independent of the reactions: they go on while the feed takes nothing. The engine's thread.

#include "libs/runtime/reactions/assignment_reader.h"

namespace throughline::runtime {

class Publisher {
 public:
  // There must be a feed.
  explicit Publisher(const AssignmentParts& parts);

  void Assigned(const std::vector<log::Position>& assigned);
  void Folded(std::vector<Folded>& folded) { reader_.Folded(folded); }
  // True if there may be more to do at once.
  bool Step();
  // The offset before which everything is published, at most `offset`; `offset` itself for another service's topic.
  int64_t DoneBefore(const log::Partition& partition, int64_t offset) const;

 private:
  using Broken = std::shared_ptr<std::atomic<bool>>;  // FeedEvent::broken, from one beginning on

  void Publish(const AcceptedCommit& commit, const AssignmentReader::ProgressPtr& progress);
  // Where events are written for the feed.
  void Send(const AcceptedCommit& commit, const Broken& broken, const AssignmentReader::ProgressPtr& progress);

  const AssignmentParts parts_;
  AssignmentReader reader_;
  std::map<log::Partition, Broken> broken_;
  // Partitions in which an event was not published: they begin again at the first open one, at this steady time.
  std::map<log::Partition, absl::Duration> again_;
};

}  // namespace throughline::runtime
