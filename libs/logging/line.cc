#include "libs/logging/line.h"

#include <atomic>

#include "spdlog/spdlog.h"

namespace throughline::logging {
namespace {

constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                 spdlog::level::err};  // as LogLevel

std::atomic<LogLevel> least{LogLevel::kWarning};
thread_local const LogFields* current_fields = nullptr;

}  // namespace

bool Logs(LogLevel level) { return level >= least.load(std::memory_order_relaxed); }

void SetLogLevel(LogLevel level) {
  least.store(level);
  spdlog::default_logger_raw()->set_level(kLevels[static_cast<int>(level)]);
}

LogLevel CurrentLogLevel() { return least.load(); }

const LogFields* CurrentFields() { return current_fields; }

void Log(LogLevel level, const LogFields& fields, std::string_view message) {
  if (!Logs(level)) return;
  current_fields = &fields;
  spdlog::default_logger_raw()->log(kLevels[static_cast<int>(level)],
                                    spdlog::string_view_t(message.data(), message.size()));
  current_fields = nullptr;
}

}  // namespace throughline::logging
