#include "libs/store/rocks/rocks_open.h"

#include <filesystem>

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <spdlog/spdlog.h>

#include "libs/files/private_directory.h"
#include "libs/files/private_env.h"
#include "libs/files/rocks_logger.h"

namespace throughline::store {
namespace {

using Options = RocksKeyValue::Options;

// Table numbers start at 1, so no row has this key.
constexpr std::string_view kLayoutKey("\0layout", 7);

rocksdb::Options RocksOptions(const Options& options) {
  rocksdb::Options rocks;
  rocks.env = files::PrivateEnv();
  rocks.create_if_missing = true;
  rocks.info_log = std::make_shared<files::RocksLogger>(rocksdb::FATAL_LEVEL);  // what matters comes as a status
  rocks.max_background_jobs = 2;
  rocks.max_open_files = RocksKeyValue::kMaxOpenFiles;
  rocks.level_compaction_dynamic_level_bytes = true;
  rocks.level0_stop_writes_trigger = 20;  // see RocksKeyValue::Flush
  rocks.compression = rocksdb::kLZ4Compression;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = options.cache ? options.cache : RocksKeyValue::NewCache(options.cache_bytes);
  table.cache_index_and_filter_blocks = true;  // bounds memory, whatever the number of rows
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  // Filters and indexes in parts of a few kilobytes: the whole filter of a large file takes most of a cache shard, is
  // soon evicted, and would be read again each time.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.pin_top_level_index_and_filter = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  rocks.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return rocks;
}

void DeleteStore(const std::string& path, const std::string& why) {
  spdlog::warn("the store in {} is rebuilt from the log: {}", path, why);
  std::error_code ignored;  // then opening fails as well, and that is reported
  std::filesystem::remove_all(path, ignored);
}

absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenOnce(const Options& options, std::string* rebuild_because) {
  std::error_code ignored;
  if (std::filesystem::exists(options.path + "/" + kDamagedFile, ignored)) {
    *rebuild_because = "it was damaged when last used";
    return absl::DataLossError(*rebuild_because);
  }
  if (const std::error_code error = files::MakePrivateDirectories(options.path)) {
    return absl::FailedPreconditionError("cannot create " + options.path + ": " + error.message() +
                                         "; choose another directory or mend its permissions");
  }
  rocksdb::DB* raw = nullptr;
  rocksdb::Status opened = rocksdb::DB::Open(RocksOptions(options), options.path, &raw);
  std::unique_ptr<rocksdb::DB> db(raw);
  if (opened.IsCorruption() || opened.IsPathNotFound()) {  // damaged, or a file is missing
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
    if (put.ok()) put = db->Flush({});  // empties the write-ahead log: rows come as files
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

absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenRocks(const Options& options) {
  std::string rebuild_because;
  absl::StatusOr<std::unique_ptr<rocksdb::DB>> db = OpenOnce(options, &rebuild_because);
  if (rebuild_because.empty()) return db;
  DeleteStore(options.path, rebuild_because);
  return OpenOnce(options, &rebuild_because);
}

absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenRocksToRead(const Options& options) {
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
  return db;
}

}  // namespace throughline::store
