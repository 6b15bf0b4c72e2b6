#pragma once

// Thousands of followers: server streams over a few connections, all read by one thread.
//
//   Crowd crowd(options, 10);                       // client::Options, connections
//   for (...) crowd.Follow(watch_notices_request);
//   ASSERT_TRUE(crowd.AwaitHeard(absl::Minutes(1)));  // each has received a message
//
// Follow and the waiting functions: one thread. The destructor ends all streams.

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/message.h"

#include "libs/client/client.h"

namespace throughline::testing {

class Crowd {
 public:
  Crowd(const client::Options& options, int connections);
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd();

  // Opens one more stream; it lasts until the crowd is destroyed.
  void Follow(const google::protobuf::Message& request);

  size_t size() const { return followers_.size(); }
  int64_t messages() const { return messages_.load(); }
  int64_t ended() const { return ended_.load(); }
  // Why the first stream ended; OK while none has.
  absl::Status why() const;
  // Waits until each stream has received a message. False: a timeout, or a stream has ended.
  bool AwaitHeard(absl::Duration patience) const;
  // Waits until that many messages have arrived in all.
  bool AwaitMessages(int64_t count, absl::Duration patience) const;

 private:
  struct Follower;
  struct Queue;
  void Read();

  const client::Options options_;
  std::vector<std::unique_ptr<client::Client>> clients_;
  const std::unique_ptr<Queue> queue_;
  std::vector<std::unique_ptr<Follower>> followers_;
  std::atomic<int64_t> heard_{0}, messages_{0}, ended_{0};
  std::thread thread_;
};

}  // namespace throughline::testing
