#include "libs/log/embedded/embedded_assignment.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/log/embedded/format.h"

namespace throughline::log {

absl::StatusOr<std::unique_ptr<PartitionAssignment>> EmbeddedAssignment::Make(
    LogStore& store, AppendThread& writer, std::string group, const std::vector<Partition>& partitions) {
  std::unique_ptr<EmbeddedAssignment> assignment(new EmbeddedAssignment(writer, std::move(group)));
  absl::MutexLock lock(&assignment->mu_);
  for (Partition partition : partitions) {
    const absl::StatusOr<std::string> bytes = store.Get(format::AssignmentKey(assignment->group_, partition));
    if (!bytes.ok() && !absl::IsNotFound(bytes.status())) return bytes.status();
    const std::optional<int64_t> offset = bytes.ok() ? format::ParseOffset(*bytes) : 0;
    if (!offset) {
      return absl::DataLossError(absl::StrCat("the log does not say where ", assignment->group_, " is done with ",
                                              TopicName(partition.topic), "/", partition.index,
                                              ": its row is damaged; restore the log from its backup"));
    }
    assignment->done_[partition] = *offset;
  }
  return assignment;
}

void EmbeddedAssignment::Start(Changed changed) {
  std::vector<Position> held;
  {
    absl::MutexLock lock(&mu_);
    for (const auto& [partition, offset] : done_) held.push_back({partition, offset});
  }
  changed(std::move(held));
}

void EmbeddedAssignment::Checkpoint(const std::vector<Position>& done) {
  std::map<std::string, std::string> rows;
  {
    absl::MutexLock lock(&mu_);
    for (const Position& position : done) {
      const auto it = done_.find(position.partition);
      if (it == done_.end() || it->second >= position.offset) continue;
      it->second = position.offset;
      rows[format::AssignmentKey(group_, position.partition)] = format::EncodeOffset(position.offset);
    }
  }
  if (!rows.empty()) writer_.PutSoon(std::move(rows));
}

}  // namespace throughline::log
