#pragma once

// Stops on SIGINT, SIGTERM and SIGHUP without a signal handler: the signals are blocked in all threads, and one thread
// waits for them. SIGHUP stays ignored if it was: a program under `nohup` survives the end of its terminal.
//
//   int main() {
//     StopSignals stop;           // first, before any thread starts
//     ...
//     stop.Wait();                // until a signal comes
//     server->Shutdown(absl::Seconds(10));
//   }
//
// SIGUSR1 changes the level of the log while the process runs: sent with a level (SendLogLevel), that one; sent by
// `kill -USR1`, in turn debug and the level before. A signal, not a call: it needs no port and no credential, works
// when the process answers no calls any more, and whoever may send it could stop the process as well.

#include <csignal>
#include <sys/types.h>

#include "absl/status/status.h"

#include "libs/logging/line.h"

namespace throughline::server {

class StopSignals {
 public:
  // What a process sends itself to begin again; from others, it has the same effect.
  static constexpr int kRestart = SIGUSR2;
  static constexpr int kLogLevel = SIGUSR1;

  // Blocks the signals in this thread and in the threads that it starts from now on; ignores SIGPIPE.
  StopSignals();
  // Returns the signal that arrived, but for kLogLevel, which it acts on. One thread.
  int Wait();

 private:
  void ChangeLogLevel(const siginfo_t& signal);

  sigset_t set_;
  logging::LogLevel before_ = logging::LogLevel::kInfo;  // what `kill -USR1` goes back to
};

// NOT_FOUND: there is no such process, or it is none of ours. PERMISSION_DENIED: it belongs to another user.
absl::Status SendLogLevel(pid_t process, logging::LogLevel level);

}  // namespace throughline::server
