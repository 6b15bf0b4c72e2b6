#pragma once

// The port to a service's event feed: the topic `throughline.<service>.events`, in which accepted events are published
// for other teams and tools. It is not a source of truth, and no service of ours reads it.

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
  std::string key;  // the stream: events with one key are in one partition, in the order of publishing
  std::vector<std::pair<std::string, std::string>> headers;
  std::string value;
  // Shared by events that must stay in order. When one fails, the feed sets it and refuses the rest. Null: no order
  // after an error.
  std::shared_ptr<std::atomic<bool>> broken = nullptr;
};

// Any thread. `done` runs on a thread of the feed and must be quick; none runs after the destructor has returned.
class EventFeed {
 public:
  using Done = std::function<void(absl::Status)>;

  virtual ~EventFeed() = default;

  // OK once the event is durable. Events with one key are written in the order of the calls. After an error, it is
  // unknown whether this event and later ones with its key were written: publish them again, with another `broken`.
  virtual void Publish(FeedEvent event, Done done) = 0;
};

}  // namespace throughline::log
