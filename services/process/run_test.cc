#include "services/process/run.h"

#include <cstdlib>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/support/notify_socket.h"
#include "tests/support/test_directory.h"

namespace throughline::process {
namespace {

// A program whose start takes long and fails. It sets up signals, logging and locks for its whole process.
[[noreturn]] void StartInVain() {
  int code = 0;
  {
    const TestDirectory directory;
    testing::NotifySocket socket(directory.path() + "/notify");
    setenv("NOTIFY_SOCKET", socket.name().c_str(), 1);
    code = RunUntilStopped({.program = "program"}, [&](const OnFailure&) -> absl::StatusOr<Process*> {
      for (int i = 0; i < 2; ++i) {
        EXPECT_THAT(socket.Await("STATUS=starting: opens the log and the stores"),
                    ::testing::HasSubstr("EXTEND_TIMEOUT_USEC="));
      }
      return absl::UnavailableError("there is no log");
    });
  }
  ::_exit(::testing::Test::HasFailure() ? 99 : code);
}

TEST(Run, TellsTheServiceManagerThatALongStartGoesOn) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(StartInVain(), ::testing::ExitedWithCode(1), "program: there is no log");
}

}  // namespace
}  // namespace throughline::process
