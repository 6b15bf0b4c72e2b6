#pragma once

// What to do next in one unary call: send it to a replica, wait for answers, pause, or return. All retries and hedges
// are decided here. Internal to this library.
//
//   CallPlan plan(health, budget, usual, limits);
//   for (auto step = plan.Next(now); step.what != CallPlan::What::kReturn; step = plan.Next(now)) {
//     kSend: send it to step.replica with the deadline step.until
//     kWait: wait for an answer until step.until; if one comes, plan.Answered(replica, status, now)
//     kPause: sleep until step.until
//   }
//   cancel what is still unanswered; return plan.status()
//
// Pure: the caller passes the time. One thread.

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "libs/client/hedging.h"
#include "libs/client/plan/hedge_budget.h"
#include "libs/client/plan/replica_health.h"
#include "libs/client/plan/usual_time.h"

namespace throughline::client {

class CallPlan {
 public:
  struct Limits {
    absl::Time deadline;
    absl::Duration patience;  // of one try, while there are others
    int rounds;               // over all replicas, one replica after the other
    bool hedging;             // off: one replica at a time
    bool repeatable;          // whether the call may be with two replicas at once
    bool command;             // a refusal is returned only after the other replicas' answers
  };
  enum class What { kSend, kWait, kPause, kReturn };
  struct Step {
    What what;
    size_t replica;
    absl::Time until;
  };

  // All must outlive it.
  CallPlan(ReplicaHealth& health, HedgeBudget& budget, UsualTime& usual, const Limits& limits);

  Step Next(absl::Time now);
  // The answer of a replica to which it was sent.
  void Answered(size_t replica, const absl::Status& status, absl::Time now);

  // The call's status, once Next says kReturn.
  const absl::Status& status() const { return *result_; }
  int hedges() const { return hedges_; }
  int moved() const { return moved_; }
  bool hedge_won() const { return hedge_won_; }

 private:
  struct Attempt {
    bool open = false;
    bool hedge = false;
    absl::Time sent = absl::InfinitePast();
  };

  Step Send(size_t replica, bool hedge, absl::Time now);
  // Another replica to send it to while the open attempts wait.
  std::optional<size_t> SendElsewhere(absl::Time now);
  // After a failure: the next try, or the end.
  Step TryAgain(absl::Time now);
  void Win(size_t replica, absl::Time now);
  bool AllTried() const;  // in this round
  bool AllOpenHang() const;
  std::vector<bool> Open() const;

  ReplicaHealth& health_;
  HedgeBudget& budget_;
  UsualTime& usual_;
  const Limits limits_;
  const absl::Duration hedge_after_;
  std::vector<Attempt> attempts_;  // by replica
  size_t open_ = 0;
  std::vector<bool> tried_;  // in this round over the replicas
  bool begun_ = false;
  int rounds_ = 0;
  int hedges_ = 0, moved_ = 0;
  bool hedge_won_ = false;
  absl::Time hedge_at_ = absl::InfiniteFuture();
  absl::Time pause_until_ = absl::InfinitePast();
  absl::Status failure_;                 // of the last attempt that another try may mend
  std::optional<absl::Status> refusal_;  // the first refusal; others are still waited for
  std::optional<absl::Status> result_;
};

}  // namespace throughline::client
