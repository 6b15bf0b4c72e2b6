#pragma once

// The replicas of one service, and which of them is called: the first that was named, until it does not answer; then
// the next, and so on around. Internal to this library.
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
  // The one to call; remember it for GiveUpOn.
  size_t current() const { return current_.load(std::memory_order_relaxed); }
  grpc::GenericStub& stub(size_t which) const { return *stubs_[which]; }
  const std::shared_ptr<grpc::Channel>& channel(size_t which) const { return channels_[which]; }

  // This one did not answer: the next is called from now on, unless another call has found that out before.
  void GiveUpOn(size_t which) {
    size_t expected = which;
    current_.compare_exchange_strong(expected, (which + 1) % channels_.size(), std::memory_order_relaxed);
  }

  // Waits so long, and gets on with connecting to the one to call: gRPC does that only while somebody waits in it, and
  // otherwise every 5 seconds, so that a server which came back would be found that much later.
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
