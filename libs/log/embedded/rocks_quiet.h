#pragma once

// What keeps RocksDB from writing, or stopping the process, on its own account.

#include <cstdarg>
#include <functional>
#include <utility>

#include "rocksdb/env.h"
#include "rocksdb/listener.h"

namespace throughline::log {

// RocksDB's messages from warnings up, to spdlog; the rest is dropped. Never fails, unlike RocksDB's own file, which
// stops the process when the disk is full.
class RocksLogger : public rocksdb::Logger {
 public:
  RocksLogger() : rocksdb::Logger(rocksdb::WARN_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list args) override;
  void Logv(const char* format, va_list args) override;
};

// Reports an error of RocksDB's background work, and keeps it from trying again by itself: a log that has failed once
// stays failed until the process starts anew.
class FailureListener : public rocksdb::EventListener {
 public:
  explicit FailureListener(std::function<void(const rocksdb::Status&)> failed) : failed_(std::move(failed)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error, bool* recover) override;

 private:
  const std::function<void(const rocksdb::Status&)> failed_;
};

}  // namespace throughline::log
