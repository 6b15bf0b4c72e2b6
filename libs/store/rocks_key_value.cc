#include "libs/store/rocks_key_value.h"

#include <filesystem>
#include <fstream>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <spdlog/spdlog.h>

#include "libs/store/fatal.h"
#include "libs/store/quiet_logger.h"

namespace throughline::store {
namespace {

// Table numbers start at 1, so this key meets no row.
constexpr std::string_view kLayoutKey("\0layout", 7);
constexpr char kDamagedFile[] = "DAMAGED";

rocksdb::Slice SliceOf(std::string_view view) { return {view.data(), view.size()}; }

rocksdb::Options RocksOptions(const RocksKeyValue::Options& options) {
  rocksdb::Options rocks;
  rocks.create_if_missing = true;
  rocks.info_log = std::make_shared<QuietLogger>();
  rocks.write_buffer_size = options.write_buffer_bytes;
  rocks.max_write_buffer_number = 3;
  rocks.max_total_wal_size = uint64_t{256} << 20;
  rocks.max_background_jobs = 2;
  rocks.max_open_files = 512;
  rocks.level_compaction_dynamic_level_bytes = true;
  rocks.compression = rocksdb::kLZ4Compression;
  rocks.memtable_whole_key_filtering = true;
  rocks.memtable_prefix_bloom_size_ratio = 0.05;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = options.cache ? options.cache : RocksKeyValue::NewCache(options.cache_bytes);
  table.cache_index_and_filter_blocks = true;  // so that memory is bounded by the cache whatever the number of rows
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  rocks.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return rocks;
}

void BeginAnew(const std::string& path, const std::string& why) {
  spdlog::warn("the store in {} is rebuilt from the log: {}", path, why);
  std::error_code ignored;  // what cannot be removed cannot be opened again either, and that is reported
  std::filesystem::remove_all(path, ignored);
}

absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenOnce(const RocksKeyValue::Options& options,
                                                      std::string* rebuild_because) {
  std::error_code ignored;
  if (std::filesystem::exists(options.path + "/" + kDamagedFile, ignored)) {
    *rebuild_because = "it was damaged when last used";
    return absl::DataLossError(*rebuild_because);
  }
  std::error_code error;
  std::filesystem::create_directories(options.path, error);
  if (error) {
    return absl::FailedPreconditionError("cannot create " + options.path + ": " + error.message() +
                                         "; choose another directory or mend its permissions");
  }
  rocksdb::DB* raw = nullptr;
  rocksdb::Status opened = rocksdb::DB::Open(RocksOptions(options), options.path, &raw);
  std::unique_ptr<rocksdb::DB> db(raw);
  if (opened.IsCorruption() || opened.IsPathNotFound()) {  // damaged, or a file of it is gone
    *rebuild_because = opened.ToString();
    return absl::DataLossError(*rebuild_because);
  }
  if (!opened.ok()) {
    const std::string text = opened.ToString();
    if (text.find("lock") != std::string::npos) {
      return absl::FailedPreconditionError("the data directory " + options.path +
                                           " is in use by another process: stop it, or choose another directory");
    }
    return absl::FailedPreconditionError("cannot open " + options.path + ": " + text);
  }
  std::string layout;
  rocksdb::Status read = db->Get({}, SliceOf(kLayoutKey), &layout);
  if (read.IsCorruption()) {
    *rebuild_because = read.ToString();
    return absl::DataLossError(*rebuild_because);
  }
  if (read.IsNotFound()) {
    rocksdb::Status put = db->Put({}, SliceOf(kLayoutKey), options.layout);
    if (!put.ok()) return absl::FailedPreconditionError("cannot write to " + options.path + ": " + put.ToString());
    layout = options.layout;
  }
  if (layout != options.layout) {
    *rebuild_because = "its layout is " + layout + ", this version's is " + options.layout;
    return absl::DataLossError(*rebuild_because);
  }
  return db;
}

}  // namespace

std::shared_ptr<rocksdb::Cache> RocksKeyValue::NewCache(size_t bytes) { return rocksdb::NewLRUCache(bytes); }

absl::StatusOr<std::unique_ptr<RocksKeyValue>> RocksKeyValue::Open(const Options& options) {
  std::string rebuild_because;
  absl::StatusOr<std::unique_ptr<rocksdb::DB>> db = OpenOnce(options, &rebuild_because);
  if (!rebuild_because.empty()) {
    BeginAnew(options.path, rebuild_because);
    rebuild_because.clear();
    db = OpenOnce(options, &rebuild_because);
  }
  if (!db.ok()) return db.status();
  return std::unique_ptr<RocksKeyValue>(new RocksKeyValue(options.path, *std::move(db)));
}

absl::StatusOr<std::unique_ptr<RocksKeyValue>> RocksKeyValue::OpenToRead(const Options& options) {
  std::error_code ignored;
  if (!std::filesystem::exists(options.path + "/CURRENT", ignored)) {
    return absl::NotFoundError("there is no store at " + options.path);
  }
  rocksdb::DB* raw = nullptr;
  rocksdb::Status opened = rocksdb::DB::OpenForReadOnly(RocksOptions(options), options.path, &raw);
  std::unique_ptr<rocksdb::DB> db(raw);
  if (!opened.ok())
    return absl::FailedPreconditionError("cannot read the store at " + options.path + ": " + opened.ToString());
  std::string layout;
  if (!db->Get({}, SliceOf(kLayoutKey), &layout).ok() || layout != options.layout) {
    return absl::FailedPreconditionError("the store at " + options.path + " is of another version's layout");
  }
  return std::unique_ptr<RocksKeyValue>(new RocksKeyValue(options.path, std::move(db)));
}

RocksKeyValue::RocksKeyValue(std::string path, std::unique_ptr<rocksdb::DB> db)
    : path_(std::move(path)), db_(std::move(db)) {}

RocksKeyValue::~RocksKeyValue() = default;

bool RocksKeyValue::Get(std::string_view key, std::string* value) const {
  rocksdb::Status status = db_->Get({}, SliceOf(key), value);
  if (status.ok()) return true;
  if (!status.IsNotFound()) Stop("read", status.ToString(), status.IsCorruption());
  return false;
}

void RocksKeyValue::Scan(std::string_view prefix, std::string_view from, const Visit& visit) const {
  rocksdb::ReadOptions read;
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(end.back() + 1);
  rocksdb::Slice upper(end);
  if (!end.empty()) read.iterate_upper_bound = &upper;
  std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(read));
  for (rows->Seek(SliceOf(std::max(prefix, from))); rows->Valid(); rows->Next()) {
    if (!visit(rows->key().ToStringView(), rows->value().ToStringView())) return;
  }
  if (!rows->status().ok()) Stop("read", rows->status().ToString(), rows->status().IsCorruption());
}

void RocksKeyValue::Write(const std::vector<Change>& changes) {
  rocksdb::WriteBatch batch;
  for (const Change& change : changes) {
    rocksdb::Status status = change.value ? batch.Put(change.key, *change.value) : batch.Delete(change.key);
    if (!status.ok()) Stop("write", status.ToString(), false);
  }
  rocksdb::Status status = db_->Write({}, &batch);
  if (!status.ok()) Stop("write", status.ToString(), status.IsCorruption());
}

uint64_t RocksKeyValue::MemoryBytes() const {
  uint64_t total = 0;
  for (const char* property : {"rocksdb.cur-size-all-mem-tables", "rocksdb.estimate-table-readers-mem"}) {
    uint64_t bytes = 0;
    if (db_->GetIntProperty(property, &bytes)) total += bytes;
  }
  return total;
}

void RocksKeyValue::Stop(const std::string& doing, const std::string& why, bool damaged) const {
  if (damaged) {
    std::ofstream(path_ + "/" + kDamagedFile) << why << '\n';
    Fatal("the store in " + path_ + " is damaged (" + why + "): start again, it is then rebuilt from the log");
  }
  Fatal("cannot " + doing + " the store in " + path_ + " (" + why +
        "): if the disk is full, free space; then start again, nothing acknowledged is lost");
}

}  // namespace throughline::store
