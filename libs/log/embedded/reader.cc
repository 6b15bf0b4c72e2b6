#include "libs/log/embedded/reader.h"

#include <filesystem>
#include <limits>
#include <unistd.h>

#include "rocksdb/db.h"

#include "libs/files/rocks_logger.h"
#include "libs/log/embedded/format.h"
#include "libs/log/embedded/wal_audit.h"

namespace throughline::log {
namespace {

using Writer = EmbeddedReader::Writer;

absl::Status Explain(const std::string& path, Writer writer, const rocksdb::Status& status) {
  const std::string text = "the log at " + path + " cannot be read: " + status.ToString();
  // A writer removes files; without a writer, a missing file is lost.
  if (writer == Writer::kNone && (status.IsNotFound() || status.IsPathNotFound())) {
    return absl::DataLossError(text + "(a file is missing)");
  }
  return status.IsCorruption() ? absl::DataLossError(text) : absl::FailedPreconditionError(text);
}

}  // namespace

absl::StatusOr<std::unique_ptr<EmbeddedReader>> EmbeddedReader::Open(const std::string& path, Writer writer) {
  std::error_code error;
  if (!std::filesystem::exists(path + "/CURRENT", error)) {
    return absl::NotFoundError("there is no log at " + path + ": give the data directory of a suite with --data");
  }
  if (writer == Writer::kNone) {
    const absl::Status audited = AuditWals(*rocksdb::Env::Default(), path);
    if (!audited.ok()) return absl::DataLossError("the log at " + path + ": " + std::string(audited.message()));
  }
  std::unique_ptr<EmbeddedReader> reader(new EmbeddedReader());
  reader->path_ = path;
  reader->writer_ = writer;
  std::string scratch = (std::filesystem::temp_directory_path(error) / "throughline-reader-XXXXXX").string();
  if (mkdtemp(scratch.data()) == nullptr)
    return absl::FailedPreconditionError("cannot make a directory like " + scratch);
  reader->scratch_ = scratch;
  rocksdb::Options options;
  options.max_open_files = -1;  // a secondary must keep files that the owner deletes
  options.info_log = std::make_shared<files::RocksLogger>(rocksdb::WARN_LEVEL);
  rocksdb::DB* db = nullptr;
  rocksdb::Status opened = rocksdb::DB::OpenAsSecondary(options, path, reader->scratch_, &db);
  reader->db_.reset(db);
  if (!opened.ok()) return Explain(path, writer, opened);
  if (absl::Status status = reader->CatchUp(); !status.ok()) return status;
  std::string bytes;
  rocksdb::Status got = reader->db_->Get({}, format::MetaKey(), &bytes);
  if (!got.ok()) return Explain(path, writer, got);
  absl::StatusOr<format::Meta> meta = format::ParseMeta(bytes);
  if (!meta.ok()) return meta.status();
  reader->identity_ = std::move(meta->identity);
  return reader;
}

EmbeddedReader::~EmbeddedReader() {
  db_.reset();
  std::error_code ignored;
  if (!scratch_.empty()) std::filesystem::remove_all(scratch_, ignored);
}

absl::Status EmbeddedReader::CatchUp() {
  rocksdb::Status status = db_->TryCatchUpWithPrimary();
  return status.ok() ? absl::OkStatus() : Explain(path_, writer_, status);
}

absl::Status EmbeddedReader::Read(const Position& from, const std::function<bool(const Record&)>& visit) {
  const format::Key begin = format::RecordKey(from);
  rocksdb::ReadOptions options;
  options.readahead_size = size_t{512} << 10;
  std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(options));
  for (rows->Seek(rocksdb::Slice(begin.data(), begin.size())); rows->Valid(); rows->Next()) {
    const std::optional<Position> position = format::ParseRecordKey(rows->key().ToStringView());
    if (!position || position->partition != from.partition) break;
    const std::optional<format::RecordBody> body = format::ParseRecordBody(rows->value().ToStringView());
    if (!body) return absl::DataLossError("the record at " + ToText(*position) + " is damaged");
    if (!visit({position->partition, position->offset, std::string(body->key), std::string(body->value)})) break;
  }
  return rows->status().ok() ? absl::OkStatus() : Explain(path_, writer_, rows->status());
}

absl::StatusOr<int64_t> EmbeddedReader::End(const Partition& partition) {
  const format::Key last = format::RecordKey({partition, std::numeric_limits<int64_t>::max()});
  std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator({}));
  rows->SeekForPrev(rocksdb::Slice(last.data(), last.size()));
  if (!rows->status().ok()) return Explain(path_, writer_, rows->status());
  if (!rows->Valid()) return 0;
  const std::optional<Position> found = format::ParseRecordKey(rows->key().ToStringView());
  return found && found->partition == partition ? found->offset + 1 : 0;
}

}  // namespace throughline::log
