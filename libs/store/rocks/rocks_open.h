#pragma once

// Opens the database of a RocksKeyValue: RocksDB's settings, and the conditions under which a store is replaced.

#include <rocksdb/db.h>

#include "libs/store/rocks/rocks_key_value.h"

namespace throughline::store {

// Marks a store that was found damaged; it is replaced at the next start. Holds the reason.
inline constexpr char kDamagedFile[] = "DAMAGED";

inline rocksdb::Slice SliceOf(std::string_view view) { return {view.data(), view.size()}; }
inline rocksdb::Slice SliceOf(absl::string_view view) { return {view.data(), view.size()}; }

// As RocksKeyValue::Open and OpenToRead.
absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenRocks(const RocksKeyValue::Options& options);
absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenRocksToRead(const RocksKeyValue::Options& options);

}  // namespace throughline::store
