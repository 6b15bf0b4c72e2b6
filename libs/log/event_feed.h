#pragma once

// Where a service's accepted events are published once more, for other teams and tools: the topic
// `throughline.<service>.events`. It is no source of truth and nobody here reads it: the log decides.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

#include "libs/log/event_log.h"

namespace throughline::log {

struct FeedEvent {
  Topic topic;      // whose feed
  std::string key;  // the stream: events of one key stand in one partition, in the order in which they were published
  std::vector<std::pair<std::string, std::string>> headers;
  std::string value;
  // Set by the feed once an event that names it has failed: no other that names it is taken from then on, so that none
  // stands before one that must be published again. Null: nobody minds.
  std::shared_ptr<std::atomic<bool>> broken = nullptr;
};

// Any thread. `done` comes on a thread of the feed's own and must be quick; after the destructor none comes.
class EventFeed {
 public:
  using Done = std::function<void(absl::Status)>;

  virtual ~EventFeed() = default;

  // OK once it is durable. After an error the event, and whatever was published after it with the same key, may stand
  // there or not: publish again from there on, with another `broken`. Events of one key that are published in an order
  // are written in it.
  virtual void Publish(FeedEvent event, Done done) = 0;
};

}  // namespace throughline::log
