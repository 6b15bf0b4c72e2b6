#include "libs/server/operations/logging.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <memory>
#include <unistd.h>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "google/protobuf/stubs/logging.h"
#include "grpc/support/log.h"
#include "spdlog/formatter.h"
#include "spdlog/spdlog.h"

#include "libs/server/checks/characters.h"
#include "libs/server/checks/utf8.h"
#include "libs/server/operations/log_sink.h"

namespace throughline::server {
namespace {

constexpr size_t kMaxLine = 8192;

std::atomic<uint64_t> lines_dropped{0};

constexpr const char* kLevelNames[] = {"debug", "info", "warning", "error"};  // as LogLevel

std::string JsonQuoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : CleanUtf8(text, kMaxLine)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  // Viewers print JSON as it is, so terminal control characters are escaped as well.
  return Escaped(quoted, quoted.size()) + "\"";
}

class LineFormatter final : public spdlog::formatter {
 public:
  LineFormatter(bool json, std::string replica) : json_(json), replica_(std::move(replica)) {}

  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& dest) override {
    const std::string message = MaskSecrets(std::string_view(msg.payload.data(), msg.payload.size()));
    const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromChrono(msg.time), absl::UTCTimeZone());
    const auto level_view = spdlog::level::to_string_view(msg.level);
    const std::string level(level_view.data(), level_view.size());
    std::string line = json_ ? absl::StrCat("{\"time\":\"", time, "\",\"level\":\"", level, "\"")
                             : absl::StrFormat("%s %-7s %s", time, level, OneLine(message));
    if (json_ && !replica_.empty()) absl::StrAppend(&line, ",\"replica\":", JsonQuoted(replica_));
    if (const LogFields* current = logging::CurrentFields(); current != nullptr) {
      const std::pair<const char*, std::string_view> fields[] = {{"service", current->service},
                                                                 {"trace", current->trace},
                                                                 {"correlation", current->correlation},
                                                                 {"stream", current->stream},
                                                                 {"command", current->command}};
      for (const auto& [name, value] : fields) {
        if (value.empty()) continue;
        const std::string masked = MaskSecrets(value);
        json_ ? absl::StrAppend(&line, ",\"", name, "\":", JsonQuoted(masked))
              : absl::StrAppend(&line, " ", name, "=", OneLine(masked));
      }
    }
    if (json_) absl::StrAppend(&line, ",\"message\":", JsonQuoted(message), "}");
    line += '\n';
    dest.append(line.data(), line.data() + line.size());
  }

  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<LineFormatter>(json_, replica_); }

 private:
  // Input must not be able to add a line or to control a terminal.
  static std::string OneLine(std::string_view text) { return Escaped(text, kMaxLine); }

  const bool json_;
  const std::string replica_;
};

void TakeGrpcLine(gpr_log_func_args* args) {
  if (args->severity == GPR_LOG_SEVERITY_ERROR) spdlog::warn("grpc: {}", args->message);
}

// protobuf logs an error for every string from a client that is not UTF-8. The client gets the error anyway.
void TakeProtobufLine(google::protobuf::LogLevel level, const char*, int, const std::string& message) {
  if (level == google::protobuf::LOGLEVEL_FATAL) return spdlog::critical("protobuf: {}", message);
  spdlog::debug("protobuf: {}", message);
}

}  // namespace

absl::Status SetUpLogging(const LogOptions& options) {
  if (options.format != "text" && options.format != "json") {
    return absl::InvalidArgumentError(absl::StrCat("log format `", options.format, "`: it can be `text` or `json`"));
  }
  const std::optional<LogLevel> level = LogLevelOf(options.level);
  if (!level) {
    return absl::InvalidArgumentError(
        absl::StrCat("log level `", options.level, "`: it can be `debug`, `info`, `warning` or `error`"));
  }
  auto formatter = std::make_unique<LineFormatter>(options.format == "json", options.replica);
  auto logger = std::make_shared<spdlog::logger>(
      "throughline", std::make_shared<LogSink>(STDERR_FILENO, std::move(formatter), lines_dropped));
  spdlog::set_default_logger(std::move(logger));
  SetLogLevel(*level);
  gpr_set_log_function(&TakeGrpcLine);
  google::protobuf::SetLogHandler(&TakeProtobufLine);
  return absl::OkStatus();
}

std::optional<LogLevel> LogLevelOf(std::string_view name) {
  const auto* const found = std::find(std::begin(kLevelNames), std::end(kLevelNames), name);
  if (found == std::end(kLevelNames)) return std::nullopt;
  return static_cast<LogLevel>(found - std::begin(kLevelNames));
}

std::string_view LogLevelName(LogLevel level) { return kLevelNames[static_cast<size_t>(level)]; }

uint64_t LogLinesDropped() { return lines_dropped.load(); }

std::string MaskSecrets(std::string_view text) {
  std::string masked;
  const auto in_token = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  };
  while (true) {
    const size_t start = text.find("tl_");
    if (start == std::string_view::npos) return masked.append(text);
    size_t end = start;
    while (end < text.size() && in_token(text[end])) ++end;
    const size_t name_end = text.substr(0, end).find('_', start + 3);
    if (name_end == std::string_view::npos) {
      masked.append(text.substr(0, end));
    } else {
      masked.append(text.substr(0, name_end + 1)).append("***");
    }
    text.remove_prefix(end);
  }
}

}  // namespace throughline::server
