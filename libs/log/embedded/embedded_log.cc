#include "libs/log/embedded/embedded_log.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

#include "libs/log/embedded/append_thread.h"
#include "libs/log/embedded/format.h"
#include "libs/log/embedded/log_store.h"
#include "libs/log/embedded/log_tail.h"
#include "libs/log/embedded/subscription.h"

namespace throughline::log {
namespace {

// All partitions are assigned to this process, always; only the checkpoints are stored. The store and the append thread
// must outlive it.
class Assignment final : public PartitionAssignment {
 public:
  // DATA_LOSS: a checkpoint is damaged. To begin at the first record in its place would decide old reactions again, on
  // today's state.
  static absl::StatusOr<std::unique_ptr<PartitionAssignment>> Make(LogStore& store, AppendThread& writer,
                                                                   std::string group,
                                                                   const std::vector<Partition>& partitions) {
    std::map<Partition, int64_t> checkpoints;
    for (Partition partition : partitions) {
      const absl::StatusOr<std::string> bytes = store.Get(format::AssignmentKey(group, partition));
      if (!bytes.ok() && !absl::IsNotFound(bytes.status())) return bytes.status();
      const std::optional<int64_t> offset = bytes.ok() ? format::ParseOffset(*bytes) : 0;
      if (!offset) {
        return absl::DataLossError(absl::StrCat("the checkpoint of ", group, " in ", ToText(partition),
                                                " is damaged: restore the log from its backup"));
      }
      checkpoints[partition] = *offset;
    }
    return std::unique_ptr<PartitionAssignment>(new Assignment(writer, std::move(group), std::move(checkpoints)));
  }

  void Start(Changed changed) override {
    std::vector<Position> assigned;
    {
      absl::MutexLock lock(&mu_);
      for (const auto& [partition, offset] : checkpoints_) assigned.push_back({partition, offset});
    }
    changed(std::move(assigned));
  }

  void Checkpoint(const std::vector<Position>& done) override {
    std::map<std::string, std::string> rows;
    {
      absl::MutexLock lock(&mu_);
      for (const Position& position : done) {
        const auto it = checkpoints_.find(position.partition);
        if (it == checkpoints_.end() || it->second >= position.offset) continue;
        it->second = position.offset;
        rows[format::AssignmentKey(group_, position.partition)] = format::EncodeOffset(position.offset);
      }
    }
    if (!rows.empty()) writer_.PutSoon(std::move(rows));
  }

 private:
  Assignment(AppendThread& writer, std::string group, std::map<Partition, int64_t> checkpoints)
      : writer_(writer), group_(std::move(group)), checkpoints_(std::move(checkpoints)) {}

  AppendThread& writer_;
  const std::string group_;
  absl::Mutex mu_;
  std::map<Partition, int64_t> checkpoints_ ABSL_GUARDED_BY(mu_);
};

class Log final : public EmbeddedLog {
 public:
  Log(std::unique_ptr<LogStore> store, std::vector<int64_t> ends, const Options& options)
      : store_(std::move(store)),
        slots_(options.partitions),
        tail_(slots_, ends, options.tail_bytes),
        writer_(*store_, tail_, slots_, std::move(ends),
                {options.max_in_flight_records, options.max_in_flight_bytes, options.max_record_bytes}) {}

  void Append(Partition partition, std::string key, std::string value, Appended done) override {
    writer_.Append(partition, std::move(key), std::move(value), std::move(done));
  }

  absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(std::vector<Position> from,
                                                          std::function<void()> wake) override {
    std::set<Partition> seen;
    for (const Position& p : from) {
      if (absl::Status s = Check(p.partition); !s.ok()) return s;
      if (!seen.insert(p.partition).second) return absl::InvalidArgumentError("a partition is named twice");
    }
    return std::make_unique<EmbeddedSubscription>(*store_, tail_, slots_, from, std::move(wake));
  }

  void QueryEnds(std::vector<Partition> partitions, Ends done) override {
    writer_.Post([this, partitions = std::move(partitions), done = std::move(done)] {
      std::vector<Position> ends;
      for (Partition p : partitions) {
        if (absl::Status s = Check(p); !s.ok()) return done(s);
        ends.push_back({p, tail_.End(slots_.Of(p))});
      }
      done(std::move(ends));
    });
  }

  absl::StatusOr<Identity> Describe() override { return store_->identity(); }

  size_t Flush(absl::Time deadline) override { return writer_.Flush(deadline); }

  absl::StatusOr<std::unique_ptr<PartitionAssignment>> AssignPartitions(std::string group,
                                                                        const std::vector<Topic>& topics) override {
    std::vector<Partition> partitions;
    for (size_t slot = 0; slot < slots_.size(); ++slot) {
      const Partition p = slots_.At(slot);
      if (std::find(topics.begin(), topics.end(), p.topic) != topics.end()) partitions.push_back(p);
    }
    return Assignment::Make(*store_, writer_, std::move(group), partitions);
  }

  absl::StatusOr<int64_t> Checkpoint(const std::string& path) override {
    int64_t records = 0;  // the durable ones; they become durable before they are acknowledged
    for (size_t slot = 0; slot < slots_.size(); ++slot) records += tail_.End(slot);
    if (absl::Status s = store_->Checkpoint(path); !s.ok()) return s;
    return records;
  }

 private:
  absl::Status Check(Partition p) const { return slots_.Has(p) ? absl::OkStatus() : NoSuchPartition(p); }

  const std::unique_ptr<LogStore> store_;
  const Slots slots_;
  LogTail tail_;
  AppendThread writer_;  // last: its thread uses the rest
};

}  // namespace

absl::StatusOr<std::unique_ptr<EmbeddedLog>> EmbeddedLog::Open(Options options) {
  absl::StatusOr<std::unique_ptr<LogStore>> store = LogStore::Open({.path = options.path,
                                                                    .partitions = options.partitions,
                                                                    .block_cache_bytes = options.block_cache_bytes,
                                                                    .write_buffer_bytes = options.write_buffer_bytes,
                                                                    .file_system = options.file_system,
                                                                    .failed = options.failed});
  if (!store.ok()) return store.status();
  absl::StatusOr<std::vector<int64_t>> ends = (*store)->RecoverEnds(Slots(options.partitions));
  if (!ends.ok()) return ends.status();
  return std::make_unique<Log>(*std::move(store), *std::move(ends), options);
}

}  // namespace throughline::log
