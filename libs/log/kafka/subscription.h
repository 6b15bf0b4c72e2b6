#pragma once

// A reader of the Kafka log: a consumer with manual assignment, without a group. librdkafka prefetches within limits,
// and Poll takes what has arrived. Records that are out of order, missing or damaged end the reading with an error,
// except for gaps that an operator has accepted.
//
// One thread; `wake` is called on librdkafka's.

#include <functional>
#include <vector>

#include "libs/log/event_log.h"
#include "libs/log/kafka/client.h"
#include "libs/log/kafka/secrets.h"
#include "libs/log/kafka/topics/gaps.h"
#include "libs/log/kafka/topics/layout.h"

namespace throughline::log::kafka {

class KafkaSubscription : public Subscription {
 public:
  using Dispose = std::function<void(Client)>;

  // `client`: of Role::kReader, made by `renewal`. `from`: existing, distinct partitions. `dispose` gets the client in
  // the end, because its destruction is slow. Layout, accepted gaps and `dispose` must outlive the subscription.
  KafkaSubscription(Client client, Renewal renewal, const Layout& layout, const std::vector<Gap>& accepted,
                    const std::vector<Position>& from, std::function<void()> wake, Dispose dispose);
  ~KafkaSubscription() override;

  absl::StatusOr<std::vector<RecordPtr>> Poll(size_t max_records) override;

 private:
  struct Lane {
    const rd_kafka_topic_t* handle;  // null until the first record
    Topic topic;
    std::vector<int64_t> next;  // by partition; -1 where it does not read
  };

  // Reads with `client` from there on; what an earlier client fetched and nobody took is fetched again.
  void Begin(Client client, const std::vector<Position>& from);
  void End();
  std::vector<Position> Next() const;
  Lane& LaneOf(const rd_kafka_message_t& message);
  // Adds a record, and the gaps before it, unless it was read before. An error ends the reading.
  absl::Status Take(const rd_kafka_message_t& message, std::vector<RecordPtr>& out);
  // Continues at `offset`, because there is no record before it.
  absl::Status Skip(Lane& lane, int32_t partition, int64_t offset, std::vector<RecordPtr>& out);
  // The meaning of an error event: OK if librdkafka recovers from it.
  absl::Status Judge(const rd_kafka_message_t& message) const;

  const Layout& layout_;
  const std::vector<Gap>& accepted_;
  const std::function<void()> wake_;
  const Dispose dispose_;
  std::vector<Lane> lanes_;
  absl::Status failure_;  // final
  Renewal renewal_;
  Client client_;
  Queue queue_;
};

}  // namespace throughline::log::kafka
