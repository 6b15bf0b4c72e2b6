#include "libs/store/rocks/rocks_key_value.h"

#include <filesystem>
#include <fstream>
#include <pthread.h>

#include "absl/time/clock.h"
#include <rocksdb/cache.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table_properties.h>
#include <rocksdb/utilities/checkpoint.h>

#include "libs/store/fatal.h"
#include "libs/store/rocks/mem_table.h"
#include "libs/store/rocks/rocks_open.h"

namespace throughline::store {
namespace {

constexpr char kIncomingFile[] = "/incoming.sst";
constexpr absl::Duration kLook = absl::Seconds(1);  // between checks of the age of pending rows

constexpr size_t kFirstRows = 8, kRowsAtOnce = 64;  // read from a MemTable under the writer's lock

// A cursor over a MemTable that reads a few rows at a time: no more than the visitor wants, and the writer waits only
// for a few. `rows` may be null.
class Gathered {
 public:
  Gathered(absl::Mutex& mutex, MemTable* rows, uint64_t at, std::string_view prefix, std::string_view from)
      : mutex_(mutex), rows_(rows), at_(at), prefix_(prefix) {
    Fill(from);
  }
  // Null at the end.
  const MemTable::Row* row() const { return next_ < some_.size() ? &some_[next_] : nullptr; }
  void Next() {
    if (++next_ < some_.size() || some_.size() < most_) return;
    most_ = std::min(2 * most_, kRowsAtOnce);
    Fill(std::string(some_.back().key) + '\0');
  }

 private:
  void Fill(std::string_view from) {
    next_ = 0;
    if (rows_ == nullptr) return;
    absl::MutexLock lock(&mutex_);
    some_ = rows_->Range(prefix_, from, at_, most_);
  }

  absl::Mutex& mutex_;
  MemTable* const rows_;
  const uint64_t at_;
  const std::string_view prefix_;
  size_t most_ = kFirstRows;
  std::vector<MemTable::Row> some_;
  size_t next_ = 0;
};

absl::string_view BytesOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }
std::string_view StdView(absl::string_view view) { return {view.data(), view.size()}; }

}  // namespace

// The pending rows as of a write, over the files of that moment.
class RocksKeyValue::OneView : public KeyValueView {
 public:
  explicit OneView(const RocksKeyValue& store) : store_(store) {
    absl::ReaderMutexLock lock(&store_.mutex_);  // all of one moment
    resident_ = store_.resident_.rows();
    pending_ = store_.pending_;
    flushing_ = store_.flushing_;
    write_ = store_.writes_;
    flushed_ = store_.db_->GetSnapshot();
  }
  ~OneView() override { store_.db_->ReleaseSnapshot(flushed_); }

  bool Get(std::string_view key, std::string* value) const override {
    {
      absl::ReaderMutexLock lock(&store_.mutex_);
      if (store_.resident_.Has(key)) return GetRow(*resident_, key, value);
      if (store_.seen_.Excludes(key)) return false;
      std::optional<MemTable::Row> row = pending_->Find(key, write_);
      if (!row && flushing_ != nullptr) row = flushing_->Find(key, write_);
      if (row) {
        if (!row->deleted()) value->assign(row->value.data(), row->value.size());
        return !row->deleted();
      }
    }
    return store_.GetFlushed(key, flushed_, value);
  }

  void Scan(std::string_view prefix, std::string_view from, const Visit& visit) const override {
    if (IsResident(prefix)) return ScanRows(*resident_, prefix, from, visit);
    rocksdb::ReadOptions read;
    read.snapshot = flushed_;
    std::string end(prefix);
    while (!end.empty() && end.back() == '\xff') end.pop_back();
    if (!end.empty()) end.back() = static_cast<char>(end.back() + 1);
    rocksdb::Slice upper(end);
    if (!end.empty()) read.iterate_upper_bound = &upper;
    Gathered newer(store_.mutex_, pending_.get(), write_, prefix, from);
    Gathered older(store_.mutex_, flushing_.get(), write_, prefix, from);
    const std::unique_ptr<rocksdb::Iterator> flushed(store_.db_->NewIterator(read));
    flushed->Seek(SliceOf(std::max(prefix, from)));
    Merge(newer, older, *flushed, visit);
    if (!flushed->status().ok()) store_.Stop("read", flushed->status());
  }

 private:
  bool IsResident(std::string_view prefix) const {
    absl::ReaderMutexLock lock(&store_.mutex_);
    return store_.resident_.Has(prefix);
  }

  // If several have a key, the newest wins.
  static void Merge(Gathered& newer, Gathered& older, rocksdb::Iterator& flushed, const Visit& visit) {
    while (true) {
      const MemTable::Row* gathered = newer.row();
      const MemTable::Row* second = older.row();
      const bool both = gathered != nullptr && second != nullptr && gathered->key == second->key;
      const bool is_newer = gathered != nullptr && (second == nullptr || gathered->key <= second->key);
      if (!is_newer) gathered = second;
      if (gathered == nullptr && !flushed.Valid()) return;
      const int order = gathered == nullptr ? 1 : !flushed.Valid() ? -1 : gathered->key.compare(BytesOf(flushed.key()));
      if (order > 0) {
        if (!visit(flushed.key().ToStringView(), flushed.value().ToStringView())) return;
      } else if (!gathered->deleted() && !visit(StdView(gathered->key), StdView(gathered->value))) {
        return;
      }
      if (order >= 0) flushed.Next();
      if (order > 0) continue;
      if (is_newer) newer.Next();
      if (!is_newer || both) older.Next();
    }
  }

  const RocksKeyValue& store_;
  std::shared_ptr<const PinnedTables::Rows> resident_;
  std::shared_ptr<MemTable> pending_;
  std::shared_ptr<MemTable> flushing_;
  uint64_t write_ = 0;
  const rocksdb::Snapshot* flushed_ = nullptr;
};

std::shared_ptr<rocksdb::Cache> RocksKeyValue::NewCache(size_t bytes) { return rocksdb::NewLRUCache(bytes); }

absl::StatusOr<std::unique_ptr<RocksKeyValue>> RocksKeyValue::Open(const Options& options) {
  absl::StatusOr<std::unique_ptr<rocksdb::DB>> db = OpenRocks(options);
  if (!db.ok()) return db.status();
  return std::unique_ptr<RocksKeyValue>(new RocksKeyValue(options, *std::move(db), true));
}

absl::StatusOr<std::unique_ptr<RocksKeyValue>> RocksKeyValue::OpenToRead(const Options& options) {
  absl::StatusOr<std::unique_ptr<rocksdb::DB>> db = OpenRocksToRead(options);
  if (!db.ok()) return db.status();
  return std::unique_ptr<RocksKeyValue>(new RocksKeyValue(options, *std::move(db), false));
}

RocksKeyValue::RocksKeyValue(const Options& options, std::unique_ptr<rocksdb::DB> db, bool writes)
    : path_(options.path),
      pending_bytes_(options.pending_bytes),
      pending_age_(options.pending_age),
      db_(std::move(db)),
      pending_(std::make_shared<MemTable>()) {
  PinnedTables resident(options.resident, *this);
  BloomFilter seen(HasRowsOf(options.negative_lookups) ? "" : options.negative_lookups);
  {
    absl::MutexLock lock(&mutex_);
    resident_ = std::move(resident);
    seen_ = std::move(seen);
  }
  if (writes) flusher_ = std::thread([this] { RunFlusher(); });
}

RocksKeyValue::~RocksKeyValue() {
  if (!flusher_.joinable()) return;
  {
    absl::MutexLock lock(&mutex_);
    if (!pending_->empty()) HandOver();
    closing_ = true;
  }
  flusher_.join();
}

bool RocksKeyValue::HasRowsOf(const std::string& tables) const {
  bool any = false;
  for (const char table : tables) {
    Scan({&table, 1}, "", [&any](std::string_view, std::string_view) {
      any = true;
      return false;
    });
  }
  return any;
}

bool RocksKeyValue::Get(std::string_view key, std::string* value) const {
  {
    absl::ReaderMutexLock lock(&mutex_);
    if (resident_.Has(key)) return resident_.Get(key, value);
    if (seen_.Excludes(key)) return false;
    std::optional<MemTable::Row> row = pending_->Find(key);
    if (!row && flushing_ != nullptr) row = flushing_->Find(key);
    if (row) {
      if (!row->deleted()) value->assign(row->value.data(), row->value.size());
      return !row->deleted();
    }
  }
  return GetFlushed(key, nullptr, value);
}

bool RocksKeyValue::GetFlushed(std::string_view key, const rocksdb::Snapshot* at, std::string* value) const {
  rocksdb::ReadOptions read;
  read.snapshot = at;
  const rocksdb::Status status = db_->Get(read, SliceOf(key), value);
  if (!status.ok() && !status.IsNotFound()) Stop("read", status);
  return status.ok();
}

void RocksKeyValue::Scan(std::string_view prefix, std::string_view from, const Visit& visit) const {
  OneView(*this).Scan(prefix, from, visit);
}

std::unique_ptr<const KeyValue> RocksKeyValue::View() const { return std::make_unique<OneView>(*this); }

void RocksKeyValue::Write(const std::vector<Change>& changes) {
  absl::MutexLock lock(&mutex_);
  if (pending_->empty()) pending_since_ = absl::Now();
  ++writes_;
  for (const Change& change : changes) {
    pending_->Put(change, writes_);
    if (change.value) seen_.Add(change.key);
  }
  resident_.Apply(changes);
  if (pending_->bytes() >= pending_bytes_) HandOver();
}

void RocksKeyValue::HandOver() {
  AwaitFlushed();
  if (pending_->empty()) return;  // another thread has handed them over
  flushing_ = std::exchange(pending_, std::make_shared<MemTable>(*pending_));
}

void RocksKeyValue::AwaitFlushed() {
  mutex_.Await(absl::Condition(
      +[](std::shared_ptr<MemTable>* flushing) { return *flushing == nullptr; }, &flushing_));
}

absl::Status RocksKeyValue::Checkpoint(const std::string& path) {
  {
    absl::MutexLock lock(&mutex_);
    if (!pending_->empty()) HandOver();
    AwaitFlushed();
  }
  rocksdb::Checkpoint* raw = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(db_.get(), &raw);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(raw);
  if (status.ok()) status = checkpoint->CreateCheckpoint(path);
  if (status.ok()) return absl::OkStatus();
  return absl::FailedPreconditionError("cannot copy the store in " + path_ + " to " + path + ": " + status.ToString());
}

void RocksKeyValue::FlushSoon() {
  absl::MutexLock lock(&mutex_);
  if (!pending_->empty()) HandOver();
}

absl::Status RocksKeyValue::VerifyFiles() const {
  const rocksdb::Status status = db_->VerifyChecksum();
  if (status.ok()) return absl::OkStatus();
  return absl::DataLossError("the store in " + path_ + " is damaged: " + status.ToString());
}

void RocksKeyValue::RunFlusher() {
  pthread_setname_np(pthread_self(), "store-flusher");
  MeasureIndexes();
  while (true) {
    std::shared_ptr<MemTable> rows;
    {
      absl::MutexLock lock(&mutex_);
      const auto wanted = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return flushing_ != nullptr || closing_; };
      if (!mutex_.AwaitWithTimeout(absl::Condition(&wanted), kLook)) {
        if (!pending_->empty() && absl::Now() - pending_since_ >= pending_age_) HandOver();
        continue;
      }
      if (flushing_ == nullptr) return;
      rows = flushing_;
    }
    Flush(*rows);
    MeasureIndexes();
    absl::MutexLock lock(&mutex_);
    flushing_ = nullptr;
  }
}

void RocksKeyValue::Flush(const MemTable& rows) const {
  // Wait for compaction that has fallen behind, and so hold back the writer: each unmerged file makes reads slower. A
  // compaction that has failed for good never catches up.
  const auto property = [this](const char* name) {
    uint64_t value = 0;
    return db_->GetIntProperty(name, &value) ? value : 0;
  };
  while (property("rocksdb.is-write-stopped") != 0) {
    if (property("rocksdb.background-errors") != 0) {
      if (const rocksdb::Status error = db_->Resume(); !error.ok()) Stop("write", error);
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
  const std::string path = path_ + kIncomingFile;
  std::error_code ignored;
  std::filesystem::remove(path, ignored);  // left by a killed process; it may be hard-linked to a file of the database
  rocksdb::SstFileWriter file(rocksdb::EnvOptions(), db_->GetOptions());
  rocksdb::Status status = file.Open(path);
  for (const MemTable::Row& row : rows.All()) {
    if (!status.ok()) break;
    status = row.deleted() ? file.Delete(SliceOf(row.key)) : file.Put(SliceOf(row.key), SliceOf(row.value));
  }
  if (status.ok()) status = file.Finish();
  rocksdb::IngestExternalFileOptions take;
  take.move_files = true;
  take.write_global_seqno = false;
  if (status.ok()) status = db_->IngestExternalFile({path}, take);
  if (!status.ok()) Stop("write", status);
}

void RocksKeyValue::MeasureIndexes() {
  rocksdb::TablePropertiesCollection files;
  if (!db_->GetPropertiesOfAllTables(&files).ok()) return;  // whoever reads rows of that file is told
  uint64_t bytes = 0;
  for (const auto& [name, file] : files) bytes += file->filter_size + file->index_size;
  index_bytes_ = bytes;
}

void RocksKeyValue::Stop(const std::string& doing, const rocksdb::Status& why) const {
  if (why.IsCorruption()) {
    std::ofstream(path_ + "/" + kDamagedFile) << why.ToString() << '\n';
    Fatal("the store in " + path_ + " is damaged (" + why.ToString() +
          "): start again, it is then set aside, and restored from a backup or rebuilt from the log");
  }
  Fatal("cannot " + doing + " the store in " + path_ + " (" + why.ToString() +
        "): if the disk is full, free space; then start again, nothing acknowledged is lost");
}

}  // namespace throughline::store
