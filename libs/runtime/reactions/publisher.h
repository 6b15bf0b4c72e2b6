#pragma once

// Publishes the events of its service's own topic to the feed, where this replica has duty. Apart from the reactions: a
// feed that takes nothing holds up nobody. The engine's thread.

#include "libs/runtime/reactions/assignment_reader.h"

namespace throughline::runtime {

class Publisher {
 public:
  // There must be a feed.
  explicit Publisher(const AssignmentParts& parts);

  void Held(const std::vector<log::Position>& held);
  void Folded(std::vector<Folded>& folded) { reader_.Folded(folded); }
  // True if there may be more to do at once.
  bool Step();
  // Everything before it is published; `offset` where nothing is to be.
  int64_t DoneBefore(const log::Partition& partition, int64_t offset) const;

 private:
  void Publish(const AcceptedCommit& commit, const AssignmentReader::ProgressPtr& progress);

  const AssignmentParts parts_;
  AssignmentReader reader_;
  std::map<log::Partition, std::shared_ptr<std::atomic<bool>>> broken_;  // FeedEvent::broken, from one beginning on
  // Where an event was not published: all begins again from the first that is open, not before this steady time.
  std::map<log::Partition, absl::Duration> again_;
};

}  // namespace throughline::runtime
