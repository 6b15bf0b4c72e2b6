#pragma once

// Other clients of the same cluster: a producer that writes anything, an operator who deletes and truncates, and a
// member of a consumer group that joins and leaves. Any thread.

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "libs/log/event_log.h"

namespace throughline::faults {

std::string LogTopic(const std::string& prefix, log::Topic topic);

struct ForeignRecord {
  log::Partition partition;
  std::optional<std::string> key, value;  // absent: null
};
// Durable when it returns.
absl::Status Produce(const std::string& brokers, const std::string& prefix, const std::vector<ForeignRecord>& records);

// Writes one record in a transaction, and commits or aborts it.
absl::Status ProduceInTransaction(const std::string& brokers, const std::string& prefix, const ForeignRecord& record,
                                  bool commit);

absl::Status DeleteTopics(const std::string& brokers, const std::vector<std::string>& topics);
// Removes the records before the offset.
absl::Status Truncate(const std::string& brokers, const std::string& prefix, const log::Position& before);
absl::Status SetPartitions(const std::string& brokers, const std::string& topic, int partitions);

// Deletes the group's offsets, as brokers do when a group had no member for seven days. It must have no member.
absl::Status ForgetGroup(const std::string& brokers, const std::string& group);

// Joins the group, stays for a while once partitions are assigned to it, and leaves. Returns whether any were assigned.
bool JoinAndLeave(const std::string& brokers, const std::string& group, const std::vector<std::string>& topics,
                  absl::Duration stay);

}  // namespace throughline::faults
