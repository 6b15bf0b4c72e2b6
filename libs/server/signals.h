#pragma once

// Stopping on SIGINT and SIGTERM without a signal handler: the signals are blocked in every thread, and one thread
// waits for them.
//
//   int main() {
//     StopSignals stop;           // first, before any thread starts
//     ...
//     stop.Wait();                // until a signal comes
//     server->Shutdown(absl::Seconds(10));
//   }

namespace throughline::server {

class StopSignals {
 public:
  // Blocks the signals for this thread and all that it starts from now on; ignores SIGPIPE.
  StopSignals();
  // The signal that came. One thread.
  int Wait();
};

}  // namespace throughline::server
