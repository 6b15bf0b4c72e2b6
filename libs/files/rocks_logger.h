#pragma once

// RocksDB's messages, to spdlog, in place of its own log file: RocksDB stops the process when that file meets a full
// disk. Errors reach us as statuses as well.

#include <cstdarg>

#include "rocksdb/env.h"

namespace throughline::files {

class RocksLogger : public rocksdb::Logger {
 public:
  // Drops messages below `least`.
  explicit RocksLogger(rocksdb::InfoLogLevel least) : rocksdb::Logger(least) {}
  using rocksdb::Logger::Logv;
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list args) override;
  void Logv(const char* format, va_list args) override;
};

}  // namespace throughline::files
