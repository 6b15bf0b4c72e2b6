#include "libs/log/embedded/log_store.h"

#include <limits>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/cache.h"
#include "rocksdb/env.h"
#include "rocksdb/listener.h"
#include "rocksdb/options.h"
#include "rocksdb/slice_transform.h"
#include "rocksdb/table.h"
#include "rocksdb/utilities/checkpoint.h"
#include "rocksdb/write_batch.h"

#include "libs/crypto/random_bytes.h"
#include "libs/files/private_directory.h"
#include "libs/files/private_env.h"
#include "libs/files/rocks_logger.h"
#include "libs/log/embedded/embedded_log.h"
#include "libs/log/embedded/format.h"
#include "libs/log/embedded/wal_audit.h"

namespace throughline::log {
namespace {

constexpr int32_t kMaxPartitions = 1024;
constexpr size_t kReadaheadBytes = 512 * 1024;

bool IsNoSpace(const rocksdb::Status& s) { return s.IsNoSpace() || s.subcode() == rocksdb::Status::SubCode::kNoSpace; }

std::string NewId() { return absl::BytesToHexString(crypto::RandomBytes(16)); }

// Reports an error of RocksDB's background work, and keeps RocksDB from trying again by itself: a log that has failed
// stays failed until the process starts again.
class FailureListener : public rocksdb::EventListener {
 public:
  explicit FailureListener(std::function<void(const rocksdb::Status&)> failed) : failed_(std::move(failed)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status* error) override {
    failed_(*error);
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                            bool* recover) override {
    *recover = false;
  }

 private:
  const std::function<void(const rocksdb::Status&)> failed_;
};

rocksdb::Options DatabaseOptions(size_t block_cache_bytes, size_t write_buffer_bytes) {
  rocksdb::Options o;
  o.create_if_missing = true;
  o.paranoid_checks = true;
  // Drops a torn tail, which was never acknowledged. AuditWals has found other damage before.
  o.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  o.write_buffer_size = write_buffer_bytes;
  // The records of a partition come in order: each is inserted next to the one before, without a search.
  o.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(format::kPartitionBytes));
  o.max_write_buffer_number = 3;
  o.max_total_wal_size = 4 * write_buffer_bytes;
  // Nothing is overwritten, so compaction gains little: keep it cheap.
  o.compaction_style = rocksdb::kCompactionStyleUniversal;
  o.level0_file_num_compaction_trigger = 8;
  o.level0_slowdown_writes_trigger = 40;
  o.level0_stop_writes_trigger = 80;
  o.compression = rocksdb::kNoCompression;  // a rebuild reads everything, and shares the cores with the fold
  o.max_background_jobs = 2;
  o.bytes_per_sync = 1 << 20;
  o.max_open_files = EmbeddedLog::kMaxOpenFiles;
  o.max_bgerror_resume_count = 0;
  o.skip_stats_update_on_db_open = true;
  o.stats_dump_period_sec = 0;
  o.stats_persist_period_sec = 0;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(block_cache_bytes);
  table.block_size = 32 * 1024;  // only sequential reads
  table.format_version = 5;
  o.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  o.info_log = std::make_shared<files::RocksLogger>(rocksdb::WARN_LEVEL);
  return o;
}

}  // namespace

LogStore::LogStore(Options options)
    : options_(std::move(options)),
      own_env_(options_.file_system ? files::PrivateEnvOn(options_.file_system) : nullptr),
      env_(own_env_ ? own_env_.get() : files::PrivateEnv()) {}

LogStore::~LogStore() {
  db_.reset();
  if (lock_ != nullptr) env_->UnlockFile(lock_);
}

absl::StatusOr<std::unique_ptr<LogStore>> LogStore::Open(Options options) {
  if (options.partitions < 1 || options.partitions > kMaxPartitions) {
    return absl::InvalidArgumentError(absl::StrCat("a log has 1 to ", kMaxPartitions, " partitions per topic"));
  }
  if (const std::error_code error = files::MakePrivateDirectories(options.path)) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make the directory ", options.path, " for the log: ", error.message()));
  }
  std::unique_ptr<LogStore> store(new LogStore(std::move(options)));
  // Our own lock: the audit must not run while another process writes.
  const rocksdb::Status locked = store->env_->LockFile(store->path() + "/in-use", &store->lock_);
  if (!locked.ok()) {
    store->lock_ = nullptr;
    if (IsNoSpace(locked)) return store->Explain(locked);
    return absl::FailedPreconditionError(
        absl::StrCat("the log at ", store->path(),
                     " is in use by another process (or not writable): stop that one, or "
                     "use another data directory [",
                     locked.ToString(), "]"));
  }
  if (absl::Status s = AuditWals(*store->env_, store->path()); !s.ok()) {
    return store->Explain(rocksdb::Status::Corruption(std::string(s.message())));
  }
  if (absl::Status s = store->OpenDatabase(); !s.ok()) return s;
  if (absl::Status s = store->LoadOrWriteMeta(); !s.ok()) return s;
  return store;
}

absl::Status LogStore::OpenDatabase() {
  rocksdb::Options o = DatabaseOptions(options_.block_cache_bytes, options_.write_buffer_bytes);
  o.env = env_;
  o.listeners.push_back(std::make_shared<FailureListener>([this](const rocksdb::Status& s) { Fail(s); }));
  rocksdb::DB* db = nullptr;
  const rocksdb::Status s = rocksdb::DB::Open(o, options_.path, &db);
  db_.reset(db);
  if (s.IsInvalidArgument()) {
    return absl::FailedPreconditionError(absl::StrCat(
        options_.path, " holds something other than a log: use another data directory [", s.ToString(), "]"));
  }
  return s.ok() ? absl::OkStatus() : Explain(s);
}

absl::Status LogStore::LoadOrWriteMeta() {
  absl::StatusOr<std::string> bytes = Get(format::MetaKey());
  if (absl::IsNotFound(bytes.status())) {
    std::unique_ptr<rocksdb::Iterator> any(db_->NewIterator(rocksdb::ReadOptions()));
    any->SeekToFirst();
    if (any->Valid()) {
      return absl::FailedPreconditionError(
          absl::StrCat(options_.path, " holds something other than a log: use another data directory"));
    }
    identity_.cluster_id = NewId();
    for (Topic topic : kTopics) identity_.topics.push_back({topic, NewId(), options_.partitions});
    return Write({}, {{format::MetaKey(), format::EncodeMeta({format::kLayout, identity_})}}, /*sync=*/true);
  }
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<format::Meta> meta = format::ParseMeta(*bytes);
  if (!meta.ok()) {
    return absl::Status(meta.status().code(),
                        absl::StrCat("the log at ", options_.path, ": ", std::string(meta.status().message())));
  }
  for (const Identity::TopicIdentity& topic : meta->identity.topics) {
    if (topic.partitions == options_.partitions) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("the log at ", options_.path, " has ", topic.partitions, " partitions per topic, and ",
                     options_.partitions, " were asked for: the number is fixed when a log is made; ask for ",
                     topic.partitions, " or use another data directory"));
  }
  identity_ = std::move(meta->identity);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int64_t>> LogStore::RecoverEnds(const Slots& slots) {
  std::vector<int64_t> ends(slots.size(), 0);
  std::unique_ptr<rocksdb::Iterator> iterator(db_->NewIterator(rocksdb::ReadOptions()));
  for (size_t slot = 0; slot < ends.size(); ++slot) {
    const Partition partition = slots.At(slot);
    const format::Key last = format::RecordKey({partition, std::numeric_limits<int64_t>::max()});
    iterator->SeekForPrev(rocksdb::Slice(last.data(), last.size()));
    if (!iterator->status().ok()) return Explain(iterator->status());
    if (!iterator->Valid()) continue;
    const std::optional<Position> found = format::ParseRecordKey(iterator->key().ToStringView());
    if (found.has_value() && found->partition == partition) ends[slot] = found->offset + 1;
  }
  return ends;
}

absl::Status LogStore::Write(absl::Span<const RecordPtr> records, const Rows& rows, bool sync) {
  if (absl::Status s = failure(); !s.ok()) return s;
  size_t bytes = 64;
  for (const RecordPtr& r : records) bytes += r->key.size() + r->value.size() + 32;
  rocksdb::WriteBatch batch(bytes);
  std::string length;
  for (const RecordPtr& r : records) {
    const format::Key key = format::RecordKey({r->partition, r->offset});
    length.clear();
    format::AppendKeyLength(r->key.size(), length);
    const rocksdb::Slice key_part(key.data(), key.size());
    const rocksdb::Slice value_parts[] = {length, r->key, r->value};
    const rocksdb::Status s = batch.Put(rocksdb::SliceParts(&key_part, 1), rocksdb::SliceParts(value_parts, 3));
    if (!s.ok()) return Explain(s);
  }
  for (const auto& [key, value] : rows) {
    if (rocksdb::Status s = batch.Put(key, value); !s.ok()) return Explain(s);
  }
  rocksdb::WriteOptions options;
  options.sync = sync;
  const rocksdb::Status s = db_->Write(options, &batch);
  if (s.ok()) return absl::OkStatus();
  Fail(s);
  return failure();
}

absl::Status LogStore::Checkpoint(const std::string& path) {
  if (absl::Status s = failure(); !s.ok()) return s;
  rocksdb::Checkpoint* raw = nullptr;
  rocksdb::Status s = rocksdb::Checkpoint::Create(db_.get(), &raw);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(raw);
  // RocksDB flushes its memory table first, so that only the newest part of the write-ahead log is copied. The copy may
  // be cut within a write, which reads as a torn tail.
  if (s.ok()) s = checkpoint->CreateCheckpoint(path);
  if (s.ok()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("cannot copy the log at ", options_.path, " to ", path, ": ", s.ToString()));
}

absl::StatusOr<std::string> LogStore::Get(const std::string& key) {
  std::string value;
  const rocksdb::Status s = db_->Get(rocksdb::ReadOptions(), key, &value);
  if (s.IsNotFound()) return absl::NotFoundError("no such row");
  if (!s.ok()) return Explain(s);
  return value;
}

absl::Status LogStore::Explain(const rocksdb::Status& s) const {
  if (IsNoSpace(s)) {
    return absl::FailedPreconditionError(
        absl::StrCat("disk full at ", options_.path, ": free space and restart [", s.ToString(), "]"));
  }
  if (s.IsCorruption()) {
    return absl::DataLossError(absl::StrCat("the log at ", options_.path, " is damaged: ", s.ToString(),
                                            ". Nothing was changed or skipped. Check the disk, keep a copy of the "
                                            "directory, and restore it from a backup"));
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the log at ", options_.path, " cannot be used: ", s.ToString(), ". Remove the cause and restart"));
}

void LogStore::Fail(const rocksdb::Status& s) {
  const absl::Status failure = Explain(s);
  {
    absl::MutexLock lock(&mu_);
    if (!failure_.ok()) return;
    failure_ = failure;
  }
  if (options_.failed) options_.failed(failure);
}

absl::Status LogStore::failure() const {
  absl::MutexLock lock(&mu_);
  return failure_;
}

LogStore::Run::Run(LogStore& store, Position from, int64_t end)
    : path_(store.path()),
      partition_(from.partition),
      next_(from.offset),
      end_(end),
      upper_bound_([&] {
        const format::Key key = format::RecordKey({from.partition, end});
        return std::string(key.data(), key.size());
      }()),
      upper_bound_slice_(upper_bound_) {
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound_slice_;
  options.readahead_size = kReadaheadBytes;
  options.fill_cache = false;
  iterator_.reset(store.db_->NewIterator(options));
  const format::Key key = format::RecordKey(from);
  iterator_->Seek(rocksdb::Slice(key.data(), key.size()));
}

absl::StatusOr<RecordPtr> LogStore::Run::Next() {
  auto lost = [&](const std::string& why) {
    return absl::DataLossError(absl::StrCat("record ", next_, " of ", ToText(partition_), " in the log at ", path_, " ",
                                            why, ": check the disk, and restore the directory from a backup"));
  };
  if (!iterator_->Valid()) {
    return lost(iterator_->status().ok() ? "is missing" : "cannot be read: " + iterator_->status().ToString());
  }
  const std::optional<Position> position = format::ParseRecordKey(iterator_->key().ToStringView());
  if (position != Position{partition_, next_}) return lost("is missing");
  const std::optional<format::RecordBody> body = format::ParseRecordBody(iterator_->value().ToStringView());
  if (!body.has_value()) return lost("is damaged");
  auto record =
      std::make_shared<const Record>(Record{partition_, next_, std::string(body->key), std::string(body->value)});
  iterator_->Next();
  ++next_;
  return record;
}

}  // namespace throughline::log
