#pragma once

// Reads an embedded log's directory without owning it: also while another process appends to it. For `throughline log`
// and `throughline verify`; the services read through EmbeddedLog. One thread.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"

namespace rocksdb {
class DB;
class Iterator;
}  // namespace rocksdb

namespace throughline::log {

class EmbeddedReader {
 public:
  // Whether another process may be writing. In a log that nobody writes, as a backup, damage that reads like a write
  // that was cut off is found, too (wal_audit.h).
  enum class Writer { kPerhaps, kNone };
  // NOT_FOUND: there is no log. FAILED_PRECONDITION: of another layout. DATA_LOSS: damaged.
  static absl::StatusOr<std::unique_ptr<EmbeddedReader>> Open(const std::string& path,
                                                              Writer writer = Writer::kPerhaps);
  ~EmbeddedReader();

  const Identity& identity() const { return identity_; }

  // Sees what has been written since.
  absl::Status CatchUp();

  // Calls `visit` for each record of the partition from the offset on, until it returns false or the end is reached.
  // DATA_LOSS: the rest cannot be read. Offsets that are missing are left out: the caller notices.
  absl::Status Read(const Position& from, const std::function<bool(const Record&)>& visit);

  // One past the last record.
  absl::StatusOr<int64_t> End(const Partition& partition);

 private:
  EmbeddedReader() = default;

  std::string path_;
  Writer writer_ = Writer::kPerhaps;
  std::string scratch_;
  Identity identity_;
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace throughline::log
