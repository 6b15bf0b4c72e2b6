#include "libs/server/operations/signals.h"

#include <cstdlib>
#include <functional>
#include <unistd.h>

#include "gtest/gtest.h"

#include "libs/server/operations/logging.h"

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

// Ends with the level of the log, after signals that do not stop.
[[noreturn]] void LevelAfter(const std::function<void()>& send) {
  StopSignals stop;
  if (!SetUpLogging({.level = "warning"}).ok()) std::_Exit(99);
  send();
  kill(getpid(), SIGTERM);
  if (stop.Wait() != SIGTERM) std::_Exit(98);
  std::_Exit(static_cast<int>(logging::CurrentLogLevel()));
}

TEST(StopSignals, ASignalChangesTheLevelOfTheLogAndThatIsLogged) {
  // A process made anew: another test may have left a thread that writes the log, which a fork does not have.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto exits_with = [](LogLevel level) { return ::testing::ExitedWithCode(static_cast<int>(level)); };
  EXPECT_EXIT(LevelAfter([] { kill(getpid(), SIGUSR1); }), exits_with(LogLevel::kDebug),
              "the level of the log is debug now, it was warning");
  // Signals of one number that wait are one, unless they carry a value.
  EXPECT_EXIT(LevelAfter([] {
                for (const LogLevel level : {LogLevel::kDebug, LogLevel::kError, LogLevel::kInfo}) {
                  sigval value{};
                  value.sival_int = static_cast<int>(level);
                  sigqueue(getpid(), SIGUSR1, value);
                }
              }),
              ::testing::ExitedWithCode(static_cast<int>(LogLevel::kDebug)), "debug now, it was warning");
}

TEST(StopSignals, ALevelIsSentToAProcessOfOursOnly) {
  EXPECT_TRUE(absl::IsNotFound(SendLogLevel(1 << 22, LogLevel::kDebug)));
  EXPECT_TRUE(absl::IsNotFound(SendLogLevel(getpid(), LogLevel::kDebug))) << "a test is no program of Throughline's";
}

}  // namespace
}  // namespace throughline::server
