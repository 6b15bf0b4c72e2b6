#include "libs/client/plan/call_plan.h"

#include <algorithm>

#include "libs/client/plan/outcome.h"
#include "libs/runtime/domain/refusal.h"

namespace throughline::client {

CallPlan::CallPlan(ReplicaHealth& health, HedgeBudget& budget, UsualTime& usual, const Limits& limits)
    : health_(health),
      budget_(budget),
      usual_(usual),
      limits_(limits),
      hedge_after_(usual.value()),
      attempts_(health.size()),
      tried_(health.size()) {
  budget_.Earn();
}

CallPlan::Step CallPlan::Next(absl::Time now) {
  if (!result_ && open_ == 0 && refusal_) result_ = *refusal_;
  if (result_) return {What::kReturn, 0, now};
  if (open_ == 0) return !begun_ ? Send(*health_.Pick(), false, now) : TryAgain(now);
  if (now >= hedge_at_) {
    if (const auto replica = SendElsewhere(now)) return Send(*replica, true, now);
    hedge_at_ = now + hedge_after_ / 4;  // the budget grows, or the replica is found to hang
  }
  return {What::kWait, 0, hedge_at_};
}

CallPlan::Step CallPlan::Send(size_t replica, bool hedge, absl::Time now) {
  begun_ = true;
  if (hedge) ++hedges_;
  attempts_[replica] = {true, hedge, now};
  tried_[replica] = true;
  // With other replicas to try, limit this try: one that takes a call and never answers must not use up the deadline.
  const bool last = health_.size() == 1 || (rounds_ + 1 >= limits_.rounds && AllTried());
  ++open_;
  const bool others = open_ < health_.size();
  hedge_at_ = others && limits_.hedging ? now + hedge_after_ : absl::InfiniteFuture();
  return {What::kSend, replica, last ? limits_.deadline : std::min(limits_.deadline, now + limits_.patience)};
}

std::optional<size_t> CallPlan::SendElsewhere(absl::Time now) {
  if (refusal_) return std::nullopt;
  const std::optional<size_t> replica = health_.Pick(Open());
  if (!replica || health_.Avoided(*replica)) return std::nullopt;
  if (AllOpenHang()) {
    ++moved_;
  } else if (!limits_.repeatable || !budget_.Take(now)) {
    return std::nullopt;
  }
  return replica;
}

CallPlan::Step CallPlan::TryAgain(absl::Time now) {
  if (now < pause_until_) return {What::kPause, 0, pause_until_};
  return Send(health_.Pick(tried_).value_or(*health_.Pick()), false, now);
}

void CallPlan::Answered(size_t replica, const absl::Status& status, absl::Time now) {
  attempts_[replica].open = false;
  --open_;
  const bool elsewhere = TryElsewhere(status);
  if (!elsewhere) {
    health_.Answered(replica, now);
  } else if (absl::IsDeadlineExceeded(status)) {
    health_.TimedOut(replica, attempts_[replica].sent, now);
  } else {
    health_.GiveUpOn(replica, now);
  }
  if (status.ok()) return Win(replica, now);
  if (absl::IsResourceExhausted(status))
    budget_.Stop(now + std::max(absl::Seconds(1), runtime::RetryAfterOf(status).value_or(absl::ZeroDuration())));
  const bool again = TryLater(status) || (elsewhere && health_.size() > 1);
  if (!again) {
    if (!refusal_) refusal_ = status;
    // The others may still do what this one refuses.
    if (!limits_.command) result_ = *refusal_;
    return;
  }
  failure_ = status;
  if (open_ > 0 || refusal_) return;
  // Pause once all replicas were tried.
  if (elsewhere && health_.size() > 1 && !AllTried()) return;
  if (++rounds_ >= limits_.rounds) {
    result_ = failure_;
    return;
  }
  std::fill(tried_.begin(), tried_.end(), false);
  pause_until_ = now + PauseBefore(rounds_ + 1, status);
  if (pause_until_ >= limits_.deadline) result_ = failure_;
}

void CallPlan::Win(size_t replica, absl::Time now) {
  usual_.Record(now - attempts_[replica].sent);
  hedge_won_ = attempts_[replica].hedge;
  for (size_t i = 0; i < attempts_.size(); ++i) {
    // That one which got it later has not answered yet says nothing.
    if (!attempts_[i].open || attempts_[i].sent >= attempts_[replica].sent) continue;
    usual_.Record(now - attempts_[i].sent);
    health_.Outrun(i, attempts_[i].sent, now);
  }
  result_ = absl::OkStatus();
}

bool CallPlan::AllTried() const {
  return std::all_of(tried_.begin(), tried_.end(), [](bool tried) { return tried; });
}

bool CallPlan::AllOpenHang() const {
  for (size_t i = 0; i < attempts_.size(); ++i) {
    if (attempts_[i].open && !health_.Hangs(i)) return false;
  }
  return true;
}

std::vector<bool> CallPlan::Open() const {
  std::vector<bool> open;
  for (const Attempt& attempt : attempts_) open.push_back(attempt.open);
  return open;
}

}  // namespace throughline::client
