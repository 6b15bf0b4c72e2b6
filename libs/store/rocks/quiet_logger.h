#pragma once

// RocksDB's info log, dropped. Debian's RocksDB aborts the process when its own log file meets a full disk; with no
// file there is nothing to fill. What matters reaches us as a status.

#include <rocksdb/env.h>

namespace throughline::store {

class QuietLogger : public rocksdb::Logger {
 public:
  QuietLogger() : rocksdb::Logger(rocksdb::InfoLogLevel::FATAL_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace throughline::store
