#pragma once

// The appending half of the Kafka log: an idempotent producer, what is in flight, and one thread that answers.
//
// A producer that librdkafka declares broken (a fatal error) is replaced: a new one is made, what was in flight with
// the old one is answered UNAVAILABLE (unknown), and nobody has to do anything.
//
// Any thread. Callbacks come on its thread, "log-acks".

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/log/event_log.h"
#include "libs/log/kafka/client.h"
#include "libs/log/kafka/layout.h"

namespace throughline::log::kafka {

class Producer {
 public:
  struct Limits {
    size_t max_in_flight_records;
    size_t max_in_flight_bytes;
    size_t max_record_bytes;
  };
  struct State {
    size_t in_flight_records;
    size_t in_flight_bytes;
    uint64_t made;     // producers, the first included
    uint64_t unknown;  // appends that were answered UNAVAILABLE
  };
  // A client with delivery reports and errors as events.
  using Make = std::function<absl::StatusOr<Client>()>;

  static absl::StatusOr<std::unique_ptr<Producer>> Start(Make make, const Layout& layout, Limits limits);
  // Answers what waits with UNAVAILABLE.
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  void Append(Partition partition, std::string key, std::string value, EventLog::Appended done);
  // See EventLog::Flush.
  size_t Flush(absl::Time deadline);
  State state() const;

 private:
  struct Pending {
    EventLog::Appended done;
    size_t bytes;
    uint64_t era;
    bool admitted;  // has taken room
  };
  struct Answer {
    std::unique_ptr<Pending> pending;
    absl::StatusOr<int64_t> offset;
  };
  // One of librdkafka's producers; the topics and the queue go before the client.
  struct Live {
    Client client;
    Queue reports;
    std::array<TopicHandle, std::size(kTopics)> topics;
  };

  Producer(Make make, const Layout& layout, Limits limits);
  absl::StatusOr<std::unique_ptr<Live>> NewLive() const;

  absl::Status Admit(Partition partition, size_t bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Hands over to librdkafka, which then owns `pending`; or says why not.
  absl::Status Produce(Partition partition, const std::string& key, const std::string& value, Pending* pending)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  void Run();
  void Serve(const Live& live, absl::Duration wait);
  void Deliver(rd_kafka_event_t* event);
  void Give(std::vector<Answer> answers);
  void ReplaceIfBroken();
  // Gives up on everything that it still has, and ends it.
  void Retire(std::unique_ptr<Live> live);

  const Make make_;
  const Layout& layout_;
  const Limits limits_;

  mutable absl::Mutex mu_;
  absl::CondVar answered_;
  std::unique_ptr<Live> live_ ABSL_GUARDED_BY(mu_);  // replaced by the thread only
  std::vector<Answer> refused_ ABSL_GUARDED_BY(mu_);
  size_t in_flight_records_ ABSL_GUARDED_BY(mu_) = 0;
  size_t in_flight_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t era_ ABSL_GUARDED_BY(mu_) = 0;                       // a Flush begins a new one
  std::map<uint64_t, size_t> unanswered_ ABSL_GUARDED_BY(mu_);  // appends by era, none with 0
  uint64_t made_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t unknown_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  absl::Time try_again_ = absl::InfinitePast();  // the thread's own: when to try once more to replace a broken one
  std::thread thread_;
};

}  // namespace throughline::log::kafka
