#include "libs/server/operations/signals.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <pthread.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/server/operations/logging.h"

namespace throughline::server {
namespace {

bool IsIgnored(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

StopSignals::StopSignals() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGINT);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, kRestart);
  sigaddset(&set_, kLogLevel);
  if (!IsIgnored(SIGHUP)) sigaddset(&set_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int StopSignals::Wait() {
  while (true) {
    siginfo_t info{};
    const int signal = sigwaitinfo(&set_, &info);
    if (signal == kLogLevel) ChangeLogLevel(info);
    if (signal > 0 && signal != kLogLevel) return signal;
  }
}

void StopSignals::ChangeLogLevel(const siginfo_t& info) {
  constexpr int kLast = static_cast<int>(LogLevel::kError);
  const LogLevel now = logging::CurrentLogLevel();
  LogLevel next = now == LogLevel::kDebug ? before_ : LogLevel::kDebug;
  if (info.si_code == SI_QUEUE) next = static_cast<LogLevel>(std::clamp(info.si_value.sival_int, 0, kLast));
  if (next == LogLevel::kDebug && now != LogLevel::kDebug) before_ = now;
  SetLogLevel(std::min(next, LogLevel::kWarning));  // so that this line is written in any case
  Log(LogLevel::kWarning, {},
      absl::StrCat("the level of the log is ", std::string(LogLevelName(next)), " now, it was ",
                   std::string(LogLevelName(now))));
  SetLogLevel(next);
}

absl::Status SendLogLevel(pid_t process, LogLevel level) {
  // A file can name a process that has ended, and whose number another program has now. The default of the signal would
  // end that one.
  std::error_code error;
  const std::string program = std::filesystem::read_symlink(absl::StrCat("/proc/", process, "/exe"), error).filename();
  if (error == std::errc::permission_denied) {
    return absl::PermissionDeniedError(
        absl::StrCat("process ", process, " belongs to another user: run this as that user"));
  }
  if (error || !absl::StartsWith(program, "throughline")) {
    return absl::NotFoundError(
        absl::StrCat("process ", process, " is not one of Throughline's that runs: name one with --pid"));
  }
  sigval value{};
  value.sival_int = static_cast<int>(level);
  if (sigqueue(process, StopSignals::kLogLevel, value) == 0) return absl::OkStatus();
  if (errno == EPERM) {
    return absl::PermissionDeniedError(
        absl::StrCat("process ", process, " belongs to another user: run this as that user"));
  }
  return absl::NotFoundError(absl::StrCat("process ", process, " has ended"));
}

}  // namespace throughline::server
