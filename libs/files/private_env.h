#pragma once

// For RocksDB: makes private the directories that RocksDB itself makes, those of checkpoints, before there is anything
// in them (see private_directory.h).

#include <memory>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace throughline::files {

// On the machine's file system. Never deleted: threads of RocksDB may use it until the process ends.
rocksdb::Env* PrivateEnv();

// On another one, which it keeps.
std::unique_ptr<rocksdb::Env> PrivateEnvOn(std::shared_ptr<rocksdb::FileSystem> file_system);

}  // namespace throughline::files
