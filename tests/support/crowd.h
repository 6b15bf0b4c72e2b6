#pragma once

// Thousands who follow: as many server streams, over a few connections, read by one thread as they come.
//
//   Crowd crowd(options, 10);                       // client::Options, connections
//   for (...) crowd.Follow(watch_notices_request);
//   ASSERT_TRUE(crowd.AwaitHeard(absl::Minutes(1)));  // each has been sent something
//
// Follow and what waits: one thread. The destructor ends all streams.

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

  // One more stream, from the start until the crowd goes.
  void Follow(const google::protobuf::Message& request);

  size_t size() const { return followers_.size(); }
  int64_t messages() const { return messages_.load(); }
  int64_t ended() const { return ended_.load(); }
  // Why the first one ended; OK while none has.
  absl::Status why() const;
  // Until each has been sent something; false: not by then, or one has ended.
  bool AwaitHeard(absl::Duration patience) const;
  // Until so many messages came in all.
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
