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
  if (!fold_->stopped().empty()) stopped_.store(true, std::memory_order_release);
}

void Readiness::Step(absl::Time now) {
  if (!caught_up() && !asking_) AskForTheEnd();
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
