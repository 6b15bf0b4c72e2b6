#include "libs/server/operations/signals.h"

#include <cstdlib>
#include <unistd.h>

#include "gtest/gtest.h"

namespace throughline::server {
namespace {

// Ends with the signal that Wait answered. In a process of its own: dispositions belong to the process.
[[noreturn]] void WaitAfter(bool ignore_hangup, std::initializer_list<int> sent) {
  std::signal(SIGHUP, ignore_hangup ? SIG_IGN : SIG_DFL);
  StopSignals stop;
  for (const int signal : sent) kill(getpid(), signal);
  std::_Exit(stop.Wait());
}

TEST(StopSignals, EachOfThemEndsTheWait) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, StopSignals::kRestart}) {
    EXPECT_EXIT(WaitAfter(false, {signal}), ::testing::ExitedWithCode(signal), "");
  }
}

TEST(StopSignals, UnderNohupAHangupIsIgnored) {
  EXPECT_EXIT(WaitAfter(true, {SIGHUP, SIGTERM}), ::testing::ExitedWithCode(SIGTERM), "");
}

}  // namespace
}  // namespace throughline::server
