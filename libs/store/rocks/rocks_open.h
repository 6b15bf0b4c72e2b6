#pragma once

// Opens the database of a RocksKeyValue: one place for how RocksDB is set up, and for what makes a store begin anew.

#include <rocksdb/db.h>

#include "libs/store/rocks/rocks_key_value.h"

namespace throughline::store {

// Its presence in the directory says that the store was damaged when last used.
inline constexpr char kDamagedFile[] = "DAMAGED";

inline rocksdb::Slice SliceOf(std::string_view view) { return {view.data(), view.size()}; }
inline rocksdb::Slice SliceOf(absl::string_view view) { return {view.data(), view.size()}; }

// As RocksKeyValue::Open and OpenToRead.
absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenRocks(const RocksKeyValue::Options& options);
absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenRocksToRead(const RocksKeyValue::Options& options);

}  // namespace throughline::store
