#include "libs/store/rocks/rocks_open.h"

#include <filesystem>
#include <fstream>
#include <optional>

#include "absl/time/clock.h"
#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <spdlog/spdlog.h>

#include "libs/files/directory_lock.h"
#include "libs/files/private_directory.h"
#include "libs/files/private_env.h"
#include "libs/files/rocks_logger.h"
#include "libs/store/rocks/replacement.h"

namespace throughline::store {
namespace {

namespace fs = std::filesystem;
using Options = RocksKeyValue::Options;

// Table numbers start at 1, so no row has this key.
constexpr std::string_view kLayoutKey("\0layout", 7);

rocksdb::Options RocksOptions(const Options& options) {
  rocksdb::Options rocks;
  rocks.env = files::PrivateEnv();
  rocks.create_if_missing = true;
  rocks.info_log = std::make_shared<files::RocksLogger>(rocksdb::FATAL_LEVEL);  // what matters comes as a status
  rocks.max_open_files = RocksKeyValue::kMaxOpenFiles;
  // Every flushed file has keys of all tables. Merged into levels, each few of them would rewrite a whole level; runs
  // of about the same size are merged with each other, and a row is rewritten a few times in its life.
  rocks.compaction_style = rocksdb::kCompactionStyleUniversal;
  rocks.level0_file_num_compaction_trigger = 8;  // runs; a read looks into each
  rocks.max_background_jobs = 3;                 // two merges, so that small ones go on beside one of minutes
  // See RocksKeyValue::Flush. A merge of everything keeps all runs for minutes, and new ones come beside them.
  rocks.level0_slowdown_writes_trigger = 40;
  rocks.level0_stop_writes_trigger = 80;
  // Otherwise all of a store is rewritten once a month.
  rocks.ttl = 0;
  rocks.periodic_compaction_seconds = 0;
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

// Why a store cannot be used.
struct Unusable {
  std::string why;     // empty: nothing is wrong with it
  std::string layout;  // another one than wanted; empty: it is damaged
};

bool HasTables(const std::string& path) {
  std::error_code ignored;
  for (const fs::directory_entry& file : fs::directory_iterator(path, ignored)) {
    if (file.path().extension() == ".sst") return true;
  }
  return false;
}

// Also if it is damaged.
bool HasStore(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path + "/CURRENT", ignored) || HasTables(path);
}

absl::Status InUse(const std::string& path) {
  return absl::FailedPreconditionError("the data directory " + path +
                                       " is in use by another process: stop it, or choose another directory");
}

absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenOnce(const Options& options, Unusable& unusable) {
  const auto damaged = [&unusable](std::string why) {
    unusable.why = std::move(why);
    return absl::DataLossError(unusable.why);
  };
  std::error_code ignored;
  if (fs::exists(options.path + "/" + kDamagedFile, ignored)) return damaged("it was damaged when last used");
  const bool has_tables = HasTables(options.path);
  // RocksDB would make an empty store and delete these tables.
  if (has_tables && !fs::exists(options.path + "/CURRENT", ignored)) return damaged("its file CURRENT is missing");
  if (const std::error_code error = files::MakePrivateDirectories(options.path)) {
    return absl::FailedPreconditionError("cannot create " + options.path + ": " + error.message() +
                                         "; choose another directory or mend its permissions");
  }
  rocksdb::DB* raw = nullptr;
  rocksdb::Status opened = rocksdb::DB::Open(RocksOptions(options), options.path, &raw);
  std::unique_ptr<rocksdb::DB> db(raw);
  if (opened.IsCorruption() || opened.IsPathNotFound()) return damaged(opened.ToString());  // or a file is missing
  if (!opened.ok()) {
    const std::string text = opened.ToString();
    if (text.find("lock") != std::string::npos) return InUse(options.path);
    return absl::FailedPreconditionError("cannot open " + options.path + ": " + text);
  }
  std::string layout;
  rocksdb::Status read = db->Get({}, SliceOf(kLayoutKey), &layout);
  if (read.IsCorruption()) return damaged(read.ToString());
  if (read.IsNotFound() && has_tables) return damaged("its layout is missing");
  if (read.IsNotFound()) {
    rocksdb::Status put = db->Put({}, SliceOf(kLayoutKey), options.layout);
    if (put.ok()) put = db->Flush({});  // empties the write-ahead log: rows come as files
    if (!put.ok()) return absl::FailedPreconditionError("cannot write to " + options.path + ": " + put.ToString());
    layout = options.layout;
  }
  if (layout != options.layout) {
    unusable = {"its layout is " + layout + ", this version's is " + options.layout, layout};
    return absl::DataLossError(unusable.why);
  }
  return db;
}

// Keeps the last damaged store only: a disk that damages one after the other must not fill up.
absl::Status SetAside(const Options& options, const std::string& why) {
  const std::string aside = RocksKeyValue::AsidePath(options.path);
  std::error_code error;
  fs::remove_all(aside, error);
  if (!error) fs::rename(options.path, aside, error);
  if (error) {
    return absl::FailedPreconditionError("the store in " + options.path + " is damaged (" + why +
                                         ") and cannot be moved to " + aside + ": " + error.message());
  }
  std::ofstream(aside + "/" + kDamagedFile, std::ios::app) << absl::FormatTime(absl::Now()) << ": " << why << '\n';
  spdlog::warn("the store in {} is damaged and set aside as {}", options.path, aside);
  return absl::OkStatus();
}

// Leaves nothing at the path, or a store that takes its place.
absl::Status Remove(const Options& options, const Unusable& unusable) {
  const char* const instead =
      options.restore ? "restored from a backup, or rebuilt from the log" : "rebuilt from the log";
  if (!unusable.layout.empty()) {
    return ReplaceOtherLayout(options.path, unusable.layout, options.layout, instead);
  }
  spdlog::warn("the store in {} is {}: {}", options.path, instead, unusable.why);
  if (absl::Status status = SetAside(options, unusable.why); !status.ok()) return status;
  return SettleReplacement(options.path, options.layout);
}

// No other process replaces it meanwhile. RocksDB's own lock is of no use here: it is a file in the store.
absl::StatusOr<std::unique_ptr<rocksdb::DB>> Replace(const Options& options) {
  const fs::path parent = fs::path(options.path).parent_path();
  if (const std::error_code error = files::MakePrivateDirectories(parent)) {
    return absl::FailedPreconditionError("cannot create " + parent.string() + ": " + error.message() +
                                         "; choose another directory or mend its permissions");
  }
  const std::optional<files::DirectoryLock> lock = files::DirectoryLock::TryTake(parent);
  if (!lock) return InUse(options.path);
  // Again, under the lock: another process may have replaced it. What takes its place may be unusable as well.
  constexpr int kBeside = 2;
  for (int attempt = 0; attempt <= kBeside && HasStore(options.path); ++attempt) {
    Unusable unusable;
    absl::StatusOr<std::unique_ptr<rocksdb::DB>> db = OpenOnce(options, unusable);
    if (unusable.why.empty()) return db;
    if (absl::Status status = Remove(options, unusable); !status.ok()) return status;
  }
  if (options.restore) {
    if (absl::Status status = options.restore(); !status.ok()) return status;
  }
  Unusable unusable;
  return OpenOnce(options, unusable);
}

}  // namespace

absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenRocks(const Options& options) {
  if (absl::Status status = SettleReplacement(options.path, options.layout); !status.ok()) return status;
  if (!HasStore(options.path) && options.restore) return Replace(options);
  Unusable unusable;
  absl::StatusOr<std::unique_ptr<rocksdb::DB>> db = OpenOnce(options, unusable);
  return unusable.why.empty() ? std::move(db) : Replace(options);
}

absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenRocksToRead(const Options& options) {
  std::error_code ignored;
  if (!fs::exists(options.path + "/CURRENT", ignored)) {
    return absl::NotFoundError("there is no store at " + options.path);
  }
  rocksdb::Options rocks = RocksOptions(options);
  // All files are opened now: a process that writes deletes files when it has merged them.
  rocks.max_open_files = -1;
  rocksdb::DB* raw = nullptr;
  rocksdb::Status opened = rocksdb::DB::OpenForReadOnly(rocks, options.path, &raw);
  // It may have deleted one between the reading of the manifest and its opening.
  for (int attempt = 0; !opened.ok() && attempt < 5; ++attempt) {
    absl::SleepFor(absl::Milliseconds(20));
    opened = rocksdb::DB::OpenForReadOnly(rocks, options.path, &raw);
  }
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
