#include "libs/log/embedded/rocks_quiet.h"

#include <cstdio>
#include <string_view>

#include "spdlog/spdlog.h"

namespace throughline::log {

void RocksLogger::Logv(rocksdb::InfoLogLevel level, const char* format, va_list args) {
  if (level < rocksdb::WARN_LEVEL || level == rocksdb::HEADER_LEVEL) return;
  if (std::string_view(format).find("File Deletions") != std::string_view::npos) return;  // of each copy, twice
  char text[1024];
  const int written = std::vsnprintf(text, sizeof(text), format, args);
  if (written < 0) return;
  spdlog::log(level == rocksdb::WARN_LEVEL ? spdlog::level::warn : spdlog::level::err, "rocksdb: {}",
              std::string_view(text));
}

void RocksLogger::Logv(const char* /*format*/, va_list /*args*/) {}  // without a level: information

void FailureListener::OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status* error) {
  failed_(*error);
}

void FailureListener::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                                           bool* recover) {
  *recover = false;
}

}  // namespace throughline::log
