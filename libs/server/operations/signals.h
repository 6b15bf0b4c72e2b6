#pragma once

// Stopping on SIGINT, SIGTERM and SIGHUP without a signal handler: the signals are blocked in every thread, and one
// thread waits for them. SIGHUP stays ignored where it already is, so a program under `nohup` outlives its terminal.
//
//   int main() {
//     StopSignals stop;           // first, before any thread starts
//     ...
//     stop.Wait();                // until a signal comes
//     server->Shutdown(absl::Seconds(10));
//   }

#include <csignal>

namespace throughline::server {

class StopSignals {
 public:
  // Blocks the signals for this thread and all that it starts from now on; ignores SIGPIPE.
  StopSignals();
  // The signal that came. One thread.
  int Wait();

 private:
  sigset_t set_;
};

}  // namespace throughline::server
