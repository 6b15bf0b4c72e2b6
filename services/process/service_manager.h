#pragma once

// Tells the service manager, systemd, how this process is (sd_notify(3)): a datagram to the socket that NOTIFY_SOCKET
// names. Without one, does nothing. For units with Type=notify, and WatchdogSec= if a process that hangs is to be
// replaced.
//
//   ServiceManager manager;                           // before any thread: reads the environment
//   while (...) manager.Tell(process.health(), now);  // several times a second
//   manager.Stopping("draining");
//
// READY=1 once everything is ready; STATUS= when it changes, with the progress of a start at most once a second;
// WATCHDOG=1 twice per WatchdogSec=, as long as the process is live; during a start EXTEND_TIMEOUT_USEC=, so that
// TimeoutStartSec= need not know how long the log is. Never blocks: what the socket does not take is told again.
//
// One thread.

#include <chrono>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>

#include "libs/server/operations/operations_port.h"

namespace throughline::process {

class ServiceManager {
 public:
  using Time = std::chrono::steady_clock::time_point;

  ServiceManager();
  // `socket`: a path, or a name that begins with @; empty: nobody is told. `watchdog`: WATCHDOG_USEC; zero: none.
  ServiceManager(const std::string& socket, std::chrono::microseconds watchdog);
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;
  ~ServiceManager();

  void Tell(const server::Health& health, Time now);
  // From here on systemd waits for TimeoutStopSec=, and for no WATCHDOG=1.
  void Stopping(const std::string& status);

 private:
  // False: not taken now.
  bool Send(const std::string& lines);

  int fd_ = -1;  // -1: nobody is told
  sockaddr_un address_{};
  socklen_t address_size_ = 0;
  bool warned_ = false;
  const std::chrono::microseconds watchdog_;
  bool ready_ = false;
  std::string status_;  // told last
  std::optional<Time> told_status_, told_alive_;
};

}  // namespace throughline::process
