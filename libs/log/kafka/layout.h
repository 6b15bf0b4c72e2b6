#pragma once

// Which topics and partitions a Kafka log has, and what they are called there. Immutable once filled; any thread.

#include <array>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "libs/log/event_log.h"
#include "libs/log/kafka/client.h"

namespace throughline::log::kafka {

class Layout {
 public:
  void Add(Topic topic, std::string name, int32_t partitions);

  bool Has(Topic topic) const { return partitions_[Slot(topic)] > 0; }
  const std::string& NameOf(Topic topic) const { return names_[Slot(topic)]; }
  int32_t PartitionsOf(Topic topic) const { return partitions_[Slot(topic)]; }

  // FAILED_PRECONDITION: there is no such partition.
  absl::Status Check(Partition partition) const;

  // False: a topic that is not of this log.
  bool Find(std::string_view name, Topic& topic) const;

  // For librdkafka, with these offsets.
  Partitions ListOf(const std::vector<Position>& positions) const;
  // From librdkafka; what is not of this log is left out.
  std::vector<Position> PositionsOf(const rd_kafka_topic_partition_list_t& list) const;

 private:
  static size_t Slot(Topic topic) { return static_cast<size_t>(topic); }

  std::array<std::string, std::size(kTopics)> names_;
  std::array<int32_t, std::size(kTopics)> partitions_{};
};

}  // namespace throughline::log::kafka
