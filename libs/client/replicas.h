#pragma once

// The replicas of one service. The first is called until it does not answer, then the next, and so on in a circle.
// Internal to this library.
//
// Any thread.

#include <atomic>
#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

namespace throughline::client {

class Replicas {
 public:
  explicit Replicas(std::vector<std::shared_ptr<grpc::Channel>> channels) : channels_(std::move(channels)) {
    for (const auto& channel : channels_) stubs_.push_back(std::make_unique<grpc::GenericStub>(channel));
  }

  size_t size() const { return channels_.size(); }
  // The replica to call. Keep the result for GiveUpOn.
  size_t current() const { return current_.load(std::memory_order_relaxed); }
  grpc::GenericStub& stub(size_t which) const { return *stubs_[which]; }
  const std::shared_ptr<grpc::Channel>& channel(size_t which) const { return channels_[which]; }

  // This replica did not answer. Moves on to the next, unless another call has done so already.
  void GiveUpOn(size_t which) {
    size_t expected = which;
    current_.compare_exchange_strong(expected, (which + 1) % channels_.size(), std::memory_order_relaxed);
  }

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
  std::atomic<size_t> current_{0};
};

}  // namespace throughline::client
