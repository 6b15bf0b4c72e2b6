#include "libs/runtime/end_barrier.h"

#include "absl/algorithm/container.h"

namespace throughline::runtime {

EndBarrier::EndBarrier(log::EventLog& log, const Positions& positions, std::vector<log::Partition> partitions,
                       std::shared_ptr<Inbox> inbox, Probe& probe)
    : log_(log), positions_(positions), partitions_(std::move(partitions)), inbox_(std::move(inbox)), probe_(probe) {}

void EndBarrier::Wait(Reached reached) {
  asking_next_.push_back(std::move(reached));
  if (!asking_) Query();
}

void EndBarrier::Query() {
  asking_ = true;
  auto waiting = std::make_shared<std::vector<Reached>>(std::exchange(asking_next_, {}));
  log_.QueryEnds(partitions_, [this, waiting, inbox = inbox_](absl::StatusOr<std::vector<log::Position>> ends) {
    inbox->Push([this, waiting, ends = std::move(ends)]() mutable { Answered(std::move(ends), std::move(*waiting)); });
  });
}

void EndBarrier::Answered(absl::StatusOr<std::vector<log::Position>> ends, std::vector<Reached> waiting) {
  asking_ = false;
  if (!ends.ok()) {
    for (Reached& reached : waiting) reached(absl::UnavailableError("the log does not answer; try again"));
  } else {
    int64_t lag[std::size(log::kTopics)] = {};
    for (const log::Position& end : *ends) {
      lag[static_cast<size_t>(end.partition.topic)] += end.offset - positions_.Next(end.partition);
    }
    for (log::Topic topic : log::kTopics) {
      if (absl::c_any_of(partitions_, [&](const log::Partition& p) { return p.topic == topic; })) {
        probe_.Lag(topic, std::max<int64_t>(0, lag[static_cast<size_t>(topic)]));
      }
    }
    folding_.push_back({*std::move(ends), std::move(waiting)});
    Folded();
  }
  if (!asking_ && !asking_next_.empty()) Query();
}

void EndBarrier::Folded() {
  while (!folding_.empty() &&
         absl::c_all_of(folding_.front().ends, [&](const log::Position& end) { return positions_.Reached(end); })) {
    std::vector<Reached> waiting = std::move(folding_.front().waiting);
    folding_.pop_front();
    for (Reached& reached : waiting) reached(absl::OkStatus());
  }
}

void EndBarrier::Fail(const absl::Status& status) {
  for (Group& group : std::exchange(folding_, {})) {
    for (Reached& reached : group.waiting) reached(status);
  }
  for (Reached& reached : std::exchange(asking_next_, {})) reached(status);
}

}  // namespace throughline::runtime
