#pragma once

// The write path of the Kafka log: an idempotent producer, the appends in flight, and a thread that answers them.
//
// After a fatal error of librdkafka, the producer is replaced by a new one, and the appends in flight are answered
// UNAVAILABLE (unknown). When the secrets change, it is replaced once the appends in flight are answered; those that
// come meanwhile wait for the new one, so that none fails and their order stays.
//
// Any thread. Callbacks run on its thread, "log-acks".

#include <array>
#include <cstdint>
#include <deque>
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

#include "libs/log/append_budget.h"
#include "libs/log/event_log.h"
#include "libs/log/kafka/client.h"
#include "libs/log/kafka/secrets.h"
#include "libs/log/kafka/topics/layout.h"

namespace throughline::log::kafka {

class Producer {
 public:
  struct State {
    size_t in_flight_records;
    size_t in_flight_bytes;
    uint64_t made;     // producers, the first included
    uint64_t unknown;  // appends that were answered UNAVAILABLE
  };

  // `renewal` makes clients with delivery reports and errors as events.
  static absl::StatusOr<std::unique_ptr<Producer>> Start(Renewal renewal, const Layout& layout,
                                                         AppendBudget::Limits limits);
  // Answers the pending appends with UNAVAILABLE.
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
    bool admitted;  // counts against the limits
  };
  // An append for the next producer.
  struct Waiting {
    Partition partition;
    std::string key;
    std::string value;
    std::unique_ptr<Pending> pending;
  };
  struct Answer {
    std::unique_ptr<Pending> pending;
    absl::StatusOr<int64_t> offset;
  };
  // A producer of librdkafka. Topics and queue are destroyed before the client.
  struct Live {
    Client client;
    Queue reports;
    std::array<TopicHandle, std::size(kTopics)> topics;
  };

  Producer(Renewal renewal, const Layout& layout, AppendBudget::Limits limits);
  absl::StatusOr<std::unique_ptr<Live>> NewLive(absl::StatusOr<Client> client) const;

  absl::Status Admit(Partition partition, size_t bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Hands `pending` over to librdkafka, or returns an error.
  absl::Status Produce(Partition partition, const std::string& key, const std::string& value, Pending* pending)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  void Run();
  void Serve(const Live& live, absl::Duration wait);
  void Deliver(rd_kafka_event_t* event);
  void Give(std::vector<Answer> answers);
  // Adds to the appends that the thread answers.
  void Refuse(std::unique_ptr<Pending> pending, absl::Status status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ReplaceIfBroken();
  void RenewIfSecretsChanged();
  // Answers what it has in flight with an error, and destroys it.
  void Retire(std::unique_ptr<Live> live);

  const Layout& layout_;

  mutable absl::Mutex mu_;
  absl::CondVar answered_;
  std::unique_ptr<Live> live_ ABSL_GUARDED_BY(mu_);  // replaced by the thread only
  bool renewing_ ABSL_GUARDED_BY(mu_) = false;       // appends go to `waiting_`
  std::vector<Waiting> waiting_ ABSL_GUARDED_BY(mu_);
  std::vector<Answer> refused_ ABSL_GUARDED_BY(mu_);
  AppendBudget budget_ ABSL_GUARDED_BY(mu_);
  uint64_t era_ ABSL_GUARDED_BY(mu_) = 0;                       // incremented by each Flush
  std::map<uint64_t, size_t> unanswered_ ABSL_GUARDED_BY(mu_);  // number of appends by era; no zeros
  uint64_t made_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t unknown_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  // Used by the thread only.
  Renewal renewal_;
  std::unique_ptr<Live> next_;                   // takes over once `live_` has answered all
  absl::Time try_again_ = absl::InfinitePast();  // when to retry the replacement
  std::thread thread_;
};

}  // namespace throughline::log::kafka
