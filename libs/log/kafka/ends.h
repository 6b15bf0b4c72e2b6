#pragma once

// Queries the ends of partitions, one request at a time. Queries that arrive during a request share the next one, so
// that a hundred waiting commands cost one request per broker.
//
// Any thread. Callbacks run on its thread, "log-ends".

#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/log/event_log.h"
#include "libs/log/kafka/client.h"
#include "libs/log/kafka/secrets.h"
#include "libs/log/kafka/topics/layout.h"

namespace throughline::log::kafka {

class Ends {
 public:
  using Dispose = std::function<void(Client)>;

  // `client`: of Role::kQuery, made by `renewal`. `dispose` gets clients that are not used any more, because their
  // destruction is slow. Layout and `dispose` must outlive it.
  Ends(Client client, Renewal renewal, const Layout& layout, absl::Duration timeout, Dispose dispose);
  // Answers the pending queries with UNAVAILABLE. Takes up to the timeout if the brokers do not answer.
  ~Ends();
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;

  // UNAVAILABLE: no answer within the timeout.
  void Query(std::vector<Partition> partitions, EventLog::Ends done);

 private:
  struct Question {
    std::vector<Partition> partitions;
    EventLog::Ends done;
  };

  void Use(Client client);
  void Run();
  void Answer(std::vector<Question> questions);
  // Sets the offsets of `positions`, which are sorted and distinct.
  absl::Status Ask(std::vector<Position>& positions);
  absl::Status AskOnce(std::vector<Position>& positions, absl::Duration timeout, bool& again);

  const Layout& layout_;
  const absl::Duration timeout_;
  const Dispose dispose_;
  // Used by the thread only, once it runs.
  Renewal renewal_;
  Client client_;
  // A client refreshes the leaders of topics that it holds.
  std::vector<TopicHandle> topics_;

  absl::Mutex mu_;
  absl::CondVar arrived_;
  std::vector<Question> waiting_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  std::thread thread_;
};

}  // namespace throughline::log::kafka
