#pragma once

// A RocksDB environment in which RocksDB makes its own directories, those of checkpoints, private (private_directory.h)
// from the start.

#include <memory>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace throughline::files {

// On the default file system. Never deleted: RocksDB's threads may use it until the process ends.
rocksdb::Env* PrivateEnv();

// On another file system, which it keeps.
std::unique_ptr<rocksdb::Env> PrivateEnvOn(std::shared_ptr<rocksdb::FileSystem> file_system);

}  // namespace throughline::files
