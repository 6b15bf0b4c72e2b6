#include "services/process/service_manager.h"

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <spdlog/spdlog.h>

namespace throughline::process {
namespace {

constexpr std::chrono::seconds kStatusEvery{1};
constexpr std::chrono::seconds kMoreTime{60};  // from the last word of a start

// NOLINTBEGIN(concurrency-mt-unsafe): nothing of ours changes the environment
std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}
// NOLINTEND(concurrency-mt-unsafe)

// Zero: no watchdog, or that of another process, such as a parent whose environment this one got.
std::chrono::microseconds WatchdogOfThisProcess() {
  int64_t period = 0;
  if (!absl::SimpleAtoi(Variable("WATCHDOG_USEC"), &period) || period <= 0) return {};
  const std::string pid = Variable("WATCHDOG_PID");
  if (!pid.empty() && pid != absl::StrCat(getpid())) return {};
  return std::chrono::microseconds(period);
}

}  // namespace

ServiceManager::ServiceManager() : ServiceManager(Variable("NOTIFY_SOCKET"), WatchdogOfThisProcess()) {}

ServiceManager::ServiceManager(const std::string& socket, std::chrono::microseconds watchdog) : watchdog_(watchdog) {
  if (socket.empty()) return;
  if ((socket.front() != '/' && socket.front() != '@') || socket.size() >= sizeof address_.sun_path) {
    spdlog::warn("no service manager is told how this process is: NOTIFY_SOCKET={} is neither a path nor @ and a name",
                 socket);
    return;
  }
  address_.sun_family = AF_UNIX;
  std::memcpy(address_.sun_path, socket.data(), socket.size());
  if (socket.front() == '@') address_.sun_path[0] = '\0';  // an abstract name ends where the address ends
  address_size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket.size());
  fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

ServiceManager::~ServiceManager() {
  if (fd_ >= 0) close(fd_);
}

bool ServiceManager::Send(const std::string& lines) {
  // Not connected: the socket may be made anew.
  const ssize_t sent = sendto(fd_, lines.data(), lines.size(), MSG_NOSIGNAL,
                              reinterpret_cast<const sockaddr*>(&address_), address_size_);
  if (sent == static_cast<ssize_t>(lines.size())) return true;
  if (errno != EAGAIN && !std::exchange(warned_, true)) {
    spdlog::warn("the service manager cannot be told how this process is: {}", std::generic_category().message(errno));
  }
  return false;
}

void ServiceManager::Tell(const server::Health& health, Time now) {
  if (fd_ < 0) return;
  const bool becomes_ready = health.ready.ok && !ready_;
  const std::string status =
      absl::StrReplaceAll(health.live.ok ? health.ready.why : health.live.why, {{"\n", " "}, {"\r", " "}});
  const bool starting = !ready_ && !becomes_ready;
  const bool due = !told_status_ || now - *told_status_ >= kStatusEvery;
  // A start goes on as long as the process is live, also while the log is away.
  const bool more_time = starting && due && health.live.ok;
  if (becomes_ready || more_time || (status != status_ && due)) {
    const std::string time =
        more_time ? absl::StrCat("EXTEND_TIMEOUT_USEC=", std::chrono::microseconds(kMoreTime).count(), "\n") : "";
    if (Send(absl::StrCat(becomes_ready ? "READY=1\n" : "", time, "STATUS=", status))) {
      ready_ = ready_ || becomes_ready;
      status_ = status;
      told_status_ = now;
    }
  }
  if (watchdog_.count() == 0 || !health.live.ok) return;
  if (told_alive_ && now - *told_alive_ < watchdog_ / 2) return;
  if (Send("WATCHDOG=1")) told_alive_ = now;
}

void ServiceManager::Stopping(const std::string& status) {
  if (fd_ >= 0) Send(absl::StrCat("STOPPING=1\nSTATUS=", absl::StrReplaceAll(status, {{"\n", " "}, {"\r", " "}})));
}

}  // namespace throughline::process
