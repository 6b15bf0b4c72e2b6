#pragma once

// The replicas of one service: their connections, which of them to call, and the budget for hedges. Internal to this
// library.
//
// Any thread.

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

#include "libs/client/plan/hedge_budget.h"
#include "libs/client/plan/replica_health.h"

namespace throughline::client {

class Replicas {
 public:
  Replicas(std::vector<std::shared_ptr<grpc::Channel>> channels, const Hedging& hedging)
      : size_(channels.size()),
        channels_(std::move(channels)),
        stubs_(StubsOf(channels_)),
        health_(size_),
        budget_(hedging) {}

  size_t size() const { return size_; }
  // The replica to call. Keep the result for GiveUpOn.
  size_t current() const { return *health_.Pick(); }
  std::shared_ptr<grpc::GenericStub> stub(size_t which) const {
    absl::MutexLock lock(&mutex_);
    return stubs_[which];
  }
  std::shared_ptr<grpc::Channel> channel(size_t which) const {
    absl::MutexLock lock(&mutex_);
    return channels_[which];
  }
  // Other channels to the same replicas, for the calls from here on. Returns those of before, which calls under way
  // still use: the last reference to one must not be released on one of gRPC's threads.
  std::vector<std::shared_ptr<grpc::Channel>> Renew(std::vector<std::shared_ptr<grpc::Channel>> channels) {
    absl::MutexLock lock(&mutex_);
    std::swap(channels_, channels);
    stubs_ = StubsOf(channels_);
    return channels;
  }
  ReplicaHealth& health() { return health_; }
  HedgeBudget& budget() { return budget_; }

  // This replica did not answer: calls the next ones.
  void GiveUpOn(size_t which) { health_.GiveUpOn(which, absl::Now()); }

  // Sleeps for the period and drives the connection meanwhile: gRPC connects only while a caller waits in it, and
  // otherwise every 5 seconds, so it would find a restarted server that much later.
  void Pause(absl::Duration pause) const {
    const absl::Time until = absl::Now() + pause;
    channel(current())->WaitForConnected(absl::ToChronoTime(until));
    absl::SleepFor(until - absl::Now());
  }

 private:
  static std::vector<std::shared_ptr<grpc::GenericStub>> StubsOf(
      const std::vector<std::shared_ptr<grpc::Channel>>& channels) {
    std::vector<std::shared_ptr<grpc::GenericStub>> stubs;
    for (const auto& channel : channels) stubs.push_back(std::make_shared<grpc::GenericStub>(channel));
    return stubs;
  }

  const size_t size_;
  mutable absl::Mutex mutex_;
  std::vector<std::shared_ptr<grpc::Channel>> channels_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<grpc::GenericStub>> stubs_ ABSL_GUARDED_BY(mutex_);
  ReplicaHealth health_;
  HedgeBudget budget_;
};

}  // namespace throughline::client
