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

#include <csignal>

namespace throughline::server {

class StopSignals {
 public:
  // What a process sends itself to begin again; from others, it has the same effect.
  static constexpr int kRestart = SIGUSR2;

  // Blocks the signals in this thread and in the threads that it starts from now on; ignores SIGPIPE.
  StopSignals();
  // Returns the signal that arrived. One thread.
  int Wait();

 private:
  sigset_t set_;
};

}  // namespace throughline::server
