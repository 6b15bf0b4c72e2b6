#include "libs/files/rocks_logger.h"

#include <cstdio>
#include <string_view>

#include "spdlog/spdlog.h"

namespace throughline::files {

void RocksLogger::Logv(rocksdb::InfoLogLevel level, const char* format, va_list args) {
  if (level < GetInfoLogLevel() || level == rocksdb::HEADER_LEVEL) return;
  if (std::string_view(format).find("File Deletions") != std::string_view::npos) return;  // two lines per checkpoint
  char text[1024];
  const int written = std::vsnprintf(text, sizeof(text), format, args);
  if (written < 0) return;
  spdlog::log(level == rocksdb::WARN_LEVEL ? spdlog::level::warn : spdlog::level::err, "rocksdb: {}",
              std::string_view(text));
}

void RocksLogger::Logv(const char* /*format*/, va_list /*args*/) {}  // without a level: information

}  // namespace throughline::files
