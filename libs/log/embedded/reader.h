#pragma once

// Reads the directory of an embedded log without locking it, also while another process appends. For `throughline log`
// and `throughline verify`; services read through EmbeddedLog. One thread.

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
  // Whether another process may be writing. If not, as in a backup, damage that looks like a torn write is found as
  // well (wal_audit.h).
  enum class Writer { kPerhaps, kNone };
  // NOT_FOUND: there is no log. FAILED_PRECONDITION: it has another layout. DATA_LOSS: it is damaged.
  static absl::StatusOr<std::unique_ptr<EmbeddedReader>> Open(const std::string& path,
                                                              Writer writer = Writer::kPerhaps);
  ~EmbeddedReader();

  const Identity& identity() const { return identity_; }

  // Makes later writes visible.
  absl::Status CatchUp();

  // Calls `visit` for each record of the partition from the offset on, until it returns false or at the end. Does not
  // report missing offsets: the caller must check. DATA_LOSS: the rest cannot be read.
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
