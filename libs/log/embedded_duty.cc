#include "libs/log/embedded_duty.h"

#include <utility>

#include "libs/log/embedded_format.h"

namespace throughline::log {

EmbeddedDuty::EmbeddedDuty(EmbeddedStore& store, EmbeddedWriter& writer, std::string group,
                           std::vector<Partition> partitions)
    : store_(store), writer_(writer), group_(std::move(group)) {
  absl::MutexLock lock(&mu_);
  for (Partition partition : partitions) {
    // A position that cannot be read means that reactions are repeated, which has no effect.
    const absl::StatusOr<std::string> bytes = store_.Get(format::DutyKey(group_, partition));
    done_[partition] = bytes.ok() ? format::ParseOffset(*bytes).value_or(0) : 0;
  }
}

void EmbeddedDuty::Start(Changed changed) {
  std::vector<Position> held;
  {
    absl::MutexLock lock(&mu_);
    for (const auto& [partition, offset] : done_) held.push_back({partition, offset});
  }
  changed(std::move(held));
}

void EmbeddedDuty::Commit(const std::vector<Position>& done) {
  std::map<std::string, std::string> rows;
  {
    absl::MutexLock lock(&mu_);
    for (const Position& position : done) {
      const auto it = done_.find(position.partition);
      if (it == done_.end() || it->second >= position.offset) continue;
      it->second = position.offset;
      rows[format::DutyKey(group_, position.partition)] = format::EncodeOffset(position.offset);
    }
  }
  if (!rows.empty()) writer_.PutSoon(std::move(rows));
}

}  // namespace throughline::log
