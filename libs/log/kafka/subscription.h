#pragma once

// A reader of the Kafka log: a consumer of its own with manual assignment, in no group. librdkafka fetches ahead,
// within bounds; Poll takes what has come. What is out of order, gone or damaged ends the reading with an error, unless
// it is a gap that an operator accepted.
//
// One thread; `wake` comes from librdkafka's.

#include <functional>
#include <vector>

#include "libs/log/event_log.h"
#include "libs/log/kafka/client.h"
#include "libs/log/kafka/layout.h"
#include "libs/log/kafka/topics/gaps.h"

namespace throughline::log::kafka {

class KafkaSubscription : public Subscription {
 public:
  using Dispose = std::function<void(Client)>;

  // `client` of Role::kReader, the positions of existing, distinct partitions. Ending a client takes a while, so that
  // it is given to `dispose`, which must outlive the subscription, as must the layout and the accepted gaps.
  KafkaSubscription(Client client, const Layout& layout, const std::vector<Gap>& accepted,
                    const std::vector<Position>& from, std::function<void()> wake, Dispose dispose);
  ~KafkaSubscription() override;

  absl::StatusOr<std::vector<RecordPtr>> Poll(size_t max_records) override;

 private:
  struct Lane {
    const rd_kafka_topic_t* handle;  // null until the first record
    Topic topic;
    std::vector<int64_t> next;  // by partition; -1 where it does not read
  };

  void Begin(const std::vector<Position>& from);
  Lane& LaneOf(const rd_kafka_message_t& message);
  // Adds a record, and the gaps before it, unless it was seen before; or says why reading ends.
  absl::Status Take(const rd_kafka_message_t& message, std::vector<RecordPtr>& out);
  // Goes on at `offset`, as there is nothing before it.
  absl::Status Skip(Lane& lane, int32_t partition, int64_t offset, std::vector<RecordPtr>& out);
  // What an error that came in place of a record means: OK if it passes.
  absl::Status Judge(const rd_kafka_message_t& message) const;

  const Layout& layout_;
  const std::vector<Gap>& accepted_;
  const std::function<void()> wake_;
  const Dispose dispose_;
  std::vector<Lane> lanes_;
  absl::Status failure_;  // final
  Client client_;
  Queue queue_;
};

}  // namespace throughline::log::kafka
