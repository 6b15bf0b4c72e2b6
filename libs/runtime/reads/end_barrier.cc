#include "libs/runtime/reads/end_barrier.h"

#include <algorithm>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/refusal.h"

namespace throughline::runtime {

EndBarrier::EndBarrier(log::EventLog& log, const Positions& positions, std::vector<log::Partition> partitions,
                       std::shared_ptr<Inbox> inbox, Probe& probe)
    : log_(log), positions_(positions), partitions_(std::move(partitions)), inbox_(std::move(inbox)), probe_(probe) {}

void EndBarrier::Wait(Reached reached, absl::Time deadline, std::optional<log::Partition> only) {
  asking_next_.push_back({std::move(reached), deadline, only});
  if (!asking_) Query();
}

void EndBarrier::Query() {
  asking_ = true;
  asked_ = std::exchange(asking_next_, {});
  log_.QueryEnds(partitions_, [this, inbox = inbox_](absl::StatusOr<std::vector<log::Position>> ends) {
    inbox->Push([this, ends = std::move(ends)]() mutable { Answered(std::move(ends)); });
  });
}

void EndBarrier::Answered(absl::StatusOr<std::vector<log::Position>> ends) {
  asking_ = false;
  std::vector<Waiting> asked = std::exchange(asked_, {});
  if (!ends.ok()) {
    for (Waiting& waiting : asked) waiting.reached(absl::UnavailableError("the log does not answer; try again"));
  } else {
    ShowLag(*ends);
    folding_.push_back({*std::move(ends), std::move(asked)});
    Folded();
  }
  if (!asking_ && !asking_next_.empty()) Query();
}

int64_t EndBarrier::RecordsBefore(const log::Position& end) const {
  return std::max<int64_t>(0, end.offset - positions_.Next(end.partition));
}

void EndBarrier::ShowLag(const std::vector<log::Position>& ends) {
  for (const log::Position& end : ends) probe_.Lag(end.partition, positions_.Next(end.partition), end.offset);
}

bool EndBarrier::IsReached(const Group& group, const Waiting& waiting) const {
  return absl::c_all_of(group.ends, [&](const log::Position& end) {
    return (waiting.only && *waiting.only != end.partition) || positions_.Reached(end);
  });
}

void EndBarrier::Folded() {
  std::vector<Waiting> reached;
  for (Group& group : folding_) {
    std::erase_if(group.waiting, [&](Waiting& waiting) {
      if (!IsReached(group, waiting)) return false;
      reached.push_back(std::move(waiting));
      return true;
    });
  }
  std::erase_if(folding_, [](const Group& group) { return group.waiting.empty(); });
  for (Waiting& waiting : reached) waiting.reached(absl::OkStatus());
}

void EndBarrier::Expire(absl::Time now) {
  Answer([now](const Waiting& waiting) { return waiting.deadline <= now; },
         Refuse(absl::StatusCode::kDeadlineExceeded, "NOT_YET_FOLDED",
                "this replica has not folded the log to its end in time; try again"));
}

void EndBarrier::Fail(const absl::Status& status) {
  Answer([](const Waiting&) { return true; }, status);
}

void EndBarrier::Answer(const std::function<bool(const Waiting&)>& over, const absl::Status& status) {
  std::vector<Waiting> answered;
  const auto take = [&](std::vector<Waiting>& from) {
    std::erase_if(from, [&](Waiting& waiting) {
      if (!over(waiting)) return false;
      answered.push_back(std::move(waiting));
      return true;
    });
  };
  take(asked_);
  take(asking_next_);
  for (Group& group : folding_) take(group.waiting);
  std::erase_if(folding_, [](const Group& group) { return group.waiting.empty(); });
  for (Waiting& waiting : answered) waiting.reached(status);
}

}  // namespace throughline::runtime
