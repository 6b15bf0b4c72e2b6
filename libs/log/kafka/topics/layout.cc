#include "libs/log/kafka/topics/layout.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace throughline::log::kafka {

void Layout::Add(Topic topic, std::string name, int32_t partitions) {
  names_[Slot(topic)] = std::move(name);
  partitions_[Slot(topic)] = partitions;
}

absl::Status Layout::Check(Partition partition) const {
  if (!Has(partition.topic)) {
    return absl::FailedPreconditionError(
        absl::StrCat("this log was opened without the topic ", TopicName(partition.topic)));
  }
  if (partition.index < 0 || partition.index >= PartitionsOf(partition.topic)) {
    return NoSuchPartition(partition);
  }
  return absl::OkStatus();
}

bool Layout::Find(std::string_view name, Topic& topic) const {
  for (Topic candidate : kTopics) {
    if (!Has(candidate) || NameOf(candidate) != name) continue;
    topic = candidate;
    return true;
  }
  return false;
}

std::string Layout::TextOf(Partition partition) const {
  return absl::StrCat(NameOf(partition.topic), "/", partition.index);
}

Partitions Layout::ListOf(const std::vector<Position>& positions) const {
  Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const Position& p : positions) {
    rd_kafka_topic_partition_list_add(list.get(), NameOf(p.partition.topic).c_str(), p.partition.index)->offset =
        p.offset;
  }
  return list;
}

std::vector<Position> Layout::PositionsOf(const rd_kafka_topic_partition_list_t& list) const {
  std::vector<Position> positions;
  for (int i = 0; i < list.cnt; ++i) {
    const rd_kafka_topic_partition_t& element = list.elems[i];
    Topic topic{};
    if (Find(element.topic, topic)) positions.push_back({{topic, element.partition}, element.offset});
  }
  return positions;
}

}  // namespace throughline::log::kafka
