#pragma once

// What others than Throughline do on the same cluster: a producer that writes what it likes, an operator who deletes
// and truncates, and a member of a consumer group that comes and goes. Any thread.

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

// One record, in a transaction of its own, which is committed or aborted.
absl::Status ProduceInTransaction(const std::string& brokers, const std::string& prefix, const ForeignRecord& record,
                                  bool commit);

absl::Status DeleteTopics(const std::string& brokers, const std::vector<std::string>& topics);
// Removes the records before the offset.
absl::Status Truncate(const std::string& brokers, const std::string& prefix, const log::Position& before);
absl::Status SetPartitions(const std::string& brokers, const std::string& topic, int partitions);

// As the brokers do when a group had no member for seven days. It must have none.
absl::Status ForgetGroup(const std::string& brokers, const std::string& group);

// Joins the group, stays for a while once it has a share, and leaves. Whether it was given a share.
bool JoinAndLeave(const std::string& brokers, const std::string& group, const std::vector<std::string>& topics,
                  absl::Duration stay);

}  // namespace throughline::faults
