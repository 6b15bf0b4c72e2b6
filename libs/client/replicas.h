#pragma once

// The replicas of one service: their connections, which of them to call, and the budget for hedges. Internal to this
// library.
//
// Any thread.

#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

#include "libs/client/plan/hedge_budget.h"
#include "libs/client/plan/replica_health.h"

namespace throughline::client {

class Replicas {
 public:
  Replicas(std::vector<std::shared_ptr<grpc::Channel>> channels, const Hedging& hedging)
      : channels_(std::move(channels)), health_(channels_.size()), budget_(hedging) {
    for (const auto& channel : channels_) stubs_.push_back(std::make_unique<grpc::GenericStub>(channel));
  }

  size_t size() const { return channels_.size(); }
  // The replica to call. Keep the result for GiveUpOn.
  size_t current() const { return *health_.Pick(); }
  grpc::GenericStub& stub(size_t which) const { return *stubs_[which]; }
  const std::shared_ptr<grpc::Channel>& channel(size_t which) const { return channels_[which]; }
  ReplicaHealth& health() { return health_; }
  HedgeBudget& budget() { return budget_; }

  // This replica did not answer: calls the next ones.
  void GiveUpOn(size_t which) { health_.GiveUpOn(which, absl::Now()); }

  // Sleeps for the period and drives the connection meanwhile: gRPC connects only while a caller waits in it, and
  // otherwise every 5 seconds, so it would find a restarted server that much later.
  void Pause(absl::Duration pause) const {
    const absl::Time until = absl::Now() + pause;
    channels_[current()]->WaitForConnected(absl::ToChronoTime(until));
    absl::SleepFor(until - absl::Now());
  }

 private:
  const std::vector<std::shared_ptr<grpc::Channel>> channels_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  ReplicaHealth health_;
  HedgeBudget budget_;
};

}  // namespace throughline::client
