#include "tests/bench/rebuild.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "absl/time/clock.h"
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "libs/log/embedded/embedded_log.h"
#include "libs/store/fatal.h"
#include "services/throughline/suite.h"
#include "tests/bench/fold.h"

namespace throughline::bench {
namespace {

using Writes = std::vector<std::vector<store::Change>>;

// Forwards every call, and records what was written.
class Recording : public store::KeyValue {
 public:
  Recording(store::KeyValue& base, Writes& writes) : base_(base), writes_(writes) {}
  bool Get(std::string_view key, std::string* value) const override { return base_.Get(key, value); }
  void Scan(std::string_view prefix, std::string_view from, const Visit& visit) const override {
    base_.Scan(prefix, from, visit);
  }
  std::unique_ptr<const KeyValue> View() const override { return base_.View(); }
  void Write(const std::vector<store::Change>& changes) override {
    writes_.push_back(changes);
    base_.Write(changes);
  }

 private:
  store::KeyValue& base_;
  Writes& writes_;
};

// RocksDB as one would use it for these rows without our code: one write batch per step.
class BareRocks {
 public:
  BareRocks(const std::string& path, const std::shared_ptr<rocksdb::Cache>& cache) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
    rocksdb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = size_t{32} << 20;
    options.max_write_buffer_number = 3;
    options.max_background_jobs = 2;
    options.level_compaction_dynamic_level_bytes = true;
    options.compression = rocksdb::kLZ4Compression;
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.cache_index_and_filter_blocks = true;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.format_version = 5;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    rocksdb::DB* raw = nullptr;
    const rocksdb::Status opened = rocksdb::DB::Open(options, path, &raw);
    if (!opened.ok()) store::Fatal(opened.ToString());
    db_.reset(raw);
  }

  void Write(const std::vector<store::Change>& changes) {
    rocksdb::WriteBatch batch;
    for (const store::Change& change : changes) {
      const rocksdb::Status put = change.value ? batch.Put(change.key, *change.value) : batch.Delete(change.key);
      if (!put.ok()) store::Fatal(put.ToString());
    }
    const rocksdb::Status written = db_->Write({}, &batch);
    if (!written.ok()) store::Fatal(written.ToString());
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
};

std::unique_ptr<store::RocksKeyValue> FreshStore(const std::string& scratch, log::Topic topic,
                                                 const std::shared_ptr<rocksdb::Cache>& cache) {
  store::RocksKeyValue::Options options = StoreOptionsFor(topic);
  options.path = scratch + "/" + std::string(log::ServiceName(topic));
  std::filesystem::remove_all(options.path);
  options.cache = cache;
  auto opened = store::RocksKeyValue::Open(options);
  if (!opened.ok()) store::Fatal(opened.status().ToString());
  return *std::move(opened);
}

// Runs `work` for all services at the same time; returns how long it took.
double TimeAll(const std::function<void(log::Topic)>& work) {
  const absl::Time begun = absl::Now();
  std::vector<std::thread> threads;
  for (log::Topic topic : log::kTopics) threads.emplace_back([&work, topic] { work(topic); });
  for (std::thread& thread : threads) thread.join();
  return absl::ToDoubleSeconds(absl::Now() - begun);
}

}  // namespace

Rebuilt MeasureRebuild(const std::string& data, int rounds) {
  const std::string scratch = data + "/rebuild";
  const std::shared_ptr<rocksdb::Cache> cache = store::RocksKeyValue::NewCache(size_t{128} << 20);
  log::EmbeddedLog::Options log_options;
  log_options.path = LogPath(data);
  auto log = log::EmbeddedLog::Open(std::move(log_options));
  if (!log.ok()) store::Fatal(log.status().ToString());

  Rebuilt rebuilt;
  Writes writes[std::size(log::kTopics)];
  TimeAll([&](log::Topic topic) {
    auto store = FreshStore(scratch, topic, cache);
    Recording recording(*store, writes[static_cast<size_t>(topic)]);
    FoldAll(**log, topic, recording);
  });
  for (const Writes& of_service : writes) {
    for (const auto& changes : of_service) rebuilt.rows += static_cast<int64_t>(changes.size());
  }
  std::vector<log::Partition> partitions;
  const absl::StatusOr<log::Identity> identity = (*log)->Describe();
  for (const auto& topic : identity->topics) {
    for (int32_t index = 0; index < topic.partitions; ++index) partitions.push_back({topic.topic, index});
  }
  (*log)->QueryEnds(partitions, [&](absl::StatusOr<std::vector<log::Position>> ends) {
    for (const log::Position& end : *ends) rebuilt.commits += end.offset;
  });

  rebuilt.rebuild_seconds = rebuilt.reference_seconds = 1e9;
  for (int round = 0; round < rounds; ++round) {
    {
      std::unique_ptr<BareRocks> bare[std::size(log::kTopics)];
      for (log::Topic topic : log::kTopics) {
        bare[static_cast<size_t>(topic)] =
            std::make_unique<BareRocks>(scratch + "/bare-" + std::to_string(static_cast<int>(topic)), cache);
      }
      rebuilt.reference_seconds = std::min(rebuilt.reference_seconds, TimeAll([&](log::Topic topic) {
                                             for (const auto& changes : writes[static_cast<size_t>(topic)])
                                               bare[static_cast<size_t>(topic)]->Write(changes);
                                           }));
    }
    std::unique_ptr<store::RocksKeyValue> stores[std::size(log::kTopics)];
    for (log::Topic topic : log::kTopics) {
      stores[static_cast<size_t>(topic)] = FreshStore(scratch, topic, cache);
    }
    rebuilt.rebuild_seconds =
        std::min(rebuilt.rebuild_seconds,
                 TimeAll([&](log::Topic topic) { FoldAll(**log, topic, *stores[static_cast<size_t>(topic)]); }));
  }
  std::filesystem::remove_all(scratch);
  return rebuilt;
}

}  // namespace throughline::bench
