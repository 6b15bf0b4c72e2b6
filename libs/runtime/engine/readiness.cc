#include "libs/runtime/engine/readiness.h"

#include <spdlog/spdlog.h>

namespace throughline::runtime {

void Readiness::Start(const Fold& fold, EndBarrier& end, Task caught_up) {
  fold_ = &fold;
  end_ = &end;
  when_caught_up_ = std::move(caught_up);
  AskForTheEnd();
}

void Readiness::Folded() {
  if (stopped_.load(std::memory_order_relaxed) || fold_->stopped().empty()) return;
  {
    absl::MutexLock lock(&mutex_);
    why_stopped_ = fold_->stopped().begin()->second;
  }
  stopped_.store(true, std::memory_order_release);
}

FoldStatus Readiness::status() const {
  FoldStatus status;
  status.caught_up = caught_up();
  const int64_t left = status.caught_up ? 0 : records_left_.load(std::memory_order_relaxed);
  if (left >= 0) status.records_left = left;
  absl::MutexLock lock(&mutex_);
  status.stopped = why_stopped_;
  return status;
}

void Readiness::CountRecordsLeft() {
  const std::vector<log::Position>* ends = end_->AwaitedEnds();
  if (ends == nullptr) return;
  int64_t left = 0;
  for (const log::Position& end : *ends) {
    if (!fold_->stopped().contains(end.partition)) left += end_->RecordsBefore(end);
  }
  records_left_.store(left, std::memory_order_relaxed);
}

void Readiness::Step(absl::Time now) {
  if (!caught_up() && !asking_) AskForTheEnd();
  if (!caught_up()) CountRecordsLeft();
  WarnOfUnseen(now);
}

void Readiness::AskForTheEnd() {
  asking_ = true;
  end_->Wait(
      [this](const absl::Status& status) {
        asking_ = false;
        if (!status.ok() || fold_->Unseen()) return;
        caught_up_.store(true, std::memory_order_release);
        when_caught_up_();
      },
      absl::InfiniteFuture());
}

void Readiness::WarnOfUnseen(absl::Time now) {
  constexpr absl::Duration kEvery = absl::Seconds(10);
  const std::optional<log::Position> unseen = fold_->Unseen();
  if (!unseen || now - warned_ < kEvery) return;
  if (warned_ != absl::InfinitePast()) {
    spdlog::error("{} was folded before and is not in the log now: it is truncated, or unreachable",
                  log::ToText(*unseen));
  }
  warned_ = now;
}

}  // namespace throughline::runtime
