#pragma once

// What is due to be sent, on its way from the engine's thread to the sender's threads. It never blocks and never
// answers: whoever takes something finds out by a command whether it is still to be sent. About 150 bytes for each
// subscriber for whom something is due. Any thread.

#include <deque>
#include <optional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"

#include "throughline/outage/v1/subscriber.pb.h"

namespace throughline::outage {

// One attempt.
struct DueDelivery {
  std::string subscriber_id;
  std::string delivery_id;
  uint32_t attempt = 0;
};

class Outbox {
 public:
  // What is there already is not put there again.
  void Put(v1::SubscriberChannel channel, DueDelivery due) {
    absl::MutexLock lock(&mutex_);
    if (known_.insert(NameOf(due)).second) lanes_[channel == v1::SUBSCRIBER_CHANNEL_MAIL].push_back(std::move(due));
  }
  // Waits for the next of that channel. nullopt: the outbox is closed.
  std::optional<DueDelivery> Take(v1::SubscriberChannel channel) {
    absl::MutexLock lock(&mutex_);
    auto& lane = lanes_[channel == v1::SUBSCRIBER_CHANNEL_MAIL];
    const auto awaited = [this, &lane]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return closed_ || !lane.empty(); };
    mutex_.Await(absl::Condition(&awaited));
    if (closed_) return std::nullopt;
    DueDelivery due = std::move(lane.front());
    lane.pop_front();
    known_.erase(NameOf(due));
    return due;
  }
  // Nothing is taken from here on, until a sender opens it again. What comes meanwhile is kept for it.
  void Close() {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    for (auto& lane : lanes_) lane.clear();
    known_.clear();
  }
  // When a sender begins.
  void Open() {
    absl::MutexLock lock(&mutex_);
    closed_ = false;
  }

 private:
  static std::string NameOf(const DueDelivery& due) {
    return due.subscriber_id + "/" + due.delivery_id + "/" + std::to_string(due.attempt);
  }

  absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<DueDelivery> lanes_[2] ABSL_GUARDED_BY(mutex_);  // webhooks, mail
  absl::flat_hash_set<std::string> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace throughline::outage
