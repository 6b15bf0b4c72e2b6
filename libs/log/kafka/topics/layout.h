#pragma once

// The topics and partitions of a Kafka log, and their names on the cluster. Immutable once filled; any thread.

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

  // "throughline.intake.log/3" with the cluster's prefix.
  std::string TextOf(Partition partition) const;
  // FAILED_PRECONDITION: there is no such partition.
  absl::Status Check(Partition partition) const;

  // False: not a topic of this log.
  bool Find(std::string_view name, Topic& topic) const;

  // As a list for librdkafka.
  Partitions ListOf(const std::vector<Position>& positions) const;
  // From a list of librdkafka; without what is not in this log.
  std::vector<Position> PositionsOf(const rd_kafka_topic_partition_list_t& list) const;

 private:
  static size_t Slot(Topic topic) { return static_cast<size_t>(topic); }

  std::array<std::string, std::size(kTopics)> names_;
  std::array<int32_t, std::size(kTopics)> partitions_{};
};

}  // namespace throughline::log::kafka
