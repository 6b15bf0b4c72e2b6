#include "libs/server/operations/logging.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <poll.h>
#include <thread>
#include <unistd.h>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spdlog/spdlog.h"

namespace throughline::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What `log` writes to standard error in this format.
std::string Written(const std::string& format, const std::function<void()>& log) {
  ::testing::internal::CaptureStderr();
  EXPECT_TRUE(SetUpLogging({.format = format}).ok());
  log();
  std::string written = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 1) << written;
  return written;
}

TEST(Logging, WritesFieldsAsText) {
  const std::string line =
      Written("text", [] { Log(LogLevel::kWarning, {.trace = "t1", .stream = "case/7", .command = "c1"}, "gave up"); });
  EXPECT_THAT(line, HasSubstr("warning gave up trace=t1 stream=case/7 command=c1\n"));
}

TEST(Logging, WritesFieldsAsJson) {
  const std::string line = Written("json", [] { Log(LogLevel::kError, {.stream = "case/7"}, "a \"b\"\n\xff"); });
  EXPECT_THAT(line, HasSubstr(R"("level":"error","stream":"case/7","message":"a \"b\"\u000a?"})"));
}

TEST(Logging, MasksSecretsEverywhere) {
  const std::string secret = "tl_ana-2_Zm9vYmFy_-Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9v";
  for (const char* format : {"text", "json"}) {
    const std::string line = Written(format, [&] { spdlog::info("got Bearer {} and more", secret); });
    EXPECT_THAT(line, HasSubstr("Bearer tl_ana-2_*** and more"));
    EXPECT_THAT(line, Not(HasSubstr("Zm9v")));
  }
  EXPECT_EQ(MaskSecrets("no token"), "no token");
}

// Nor does it turn the reading direction, or hide what stands in it.
TEST(Logging, EscapesInvisibleCharacters) {
  for (const char* format : {"text", "json"}) {
    const std::string line = Written(format, [] {
      spdlog::info(
          "a\xe2\x80\xae"
          "b\xc2\x9b"
          "c\xf3\xa0\x80\x81"
          "d");
    });
    EXPECT_THAT(line, HasSubstr("a\\u202eb\\u009bc\\udb40\\udc01d"));
  }
}

TEST(Logging, KeepsALineALine) {
  const std::string line =
      Written("text", [] { Log(LogLevel::kInfo, {.command = "x\n2024 error forged"}, "first\x1b[2J\nsecond"); });
  EXPECT_THAT(line, HasSubstr("first\\u001b[2J\\u000asecond command=x\\u000a2024 error forged\n"));
}

// Standard error is a small pipe for as long as this lives.
class PipedStderr {
 public:
  PipedStderr() : saved_(dup(STDERR_FILENO)) {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    fcntl(ends[1], F_SETPIPE_SZ, 4096);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    end_ = ends[0];
  }
  ~PipedStderr() {
    Restore();
    close(end_);
  }
  void Restore() {
    if (saved_ < 0) return;
    dup2(saved_, STDERR_FILENO);
    close(saved_);
    saved_ = -1;
  }
  // Reads until `text` has come, for at most ten seconds.
  std::string ReadUntil(const std::string& text) const {
    std::string all;
    char buffer[4096];
    pollfd end{end_, POLLIN, 0};
    while (all.find(text) == std::string::npos && poll(&end, 1, 10'000) > 0) {
      const ssize_t n = read(end_, buffer, sizeof buffer);
      if (n <= 0) break;
      all.append(buffer, static_cast<size_t>(n));
    }
    return all;
  }

 private:
  int saved_;
  int end_ = -1;
};

TEST(Logging, DoesNotBlockOnItsReader) {
  PipedStderr standard_error;
  ASSERT_TRUE(SetUpLogging({}).ok());
  const int flags = fcntl(STDERR_FILENO, F_GETFL);
  EXPECT_EQ(flags & O_NONBLOCK, 0) << "others write there, too";
  const uint64_t before = LogLinesDropped();
  const std::string text(200, 'x');
  constexpr int kLines = 20'000;
  std::thread other([&] {
    for (int i = 0; i < kLines; ++i) Log(LogLevel::kWarning, {}, text);
  });
  for (int i = 0; i < kLines; ++i) Log(LogLevel::kWarning, {}, text);
  other.join();  // with nobody reading
  const uint64_t dropped = LogLinesDropped() - before;
  EXPECT_GT(dropped, kLines);
  const std::string told = std::to_string(dropped) + " log lines were dropped";
  const std::string read = standard_error.ReadUntil(told);
  EXPECT_THAT(read, HasSubstr(told));
  uint64_t whole = 0;
  for (size_t at = 0; (at = read.find(" warning " + text + "\n", at)) != std::string::npos; ++at) ++whole;
  EXPECT_EQ(whole + dropped, uint64_t{2} * kLines) << "each other line is there, whole";
}

TEST(Logging, EndsWithoutWaitingForItsReader) {
  PipedStderr standard_error;
  ASSERT_TRUE(SetUpLogging({}).ok());
  for (int i = 0; i < 1000; ++i) Log(LogLevel::kWarning, {}, "nobody reads this");
  const uint64_t before = LogLinesDropped();
  const absl::Time begun = absl::Now();
  standard_error.Restore();
  ASSERT_TRUE(SetUpLogging({}).ok());  // the other one ends
  EXPECT_LT(absl::Now() - begun, absl::Seconds(5));
  EXPECT_GT(LogLinesDropped(), before);
}

TEST(Logging, DoesNotBlockWhenItsReaderHasGone) {
  std::signal(SIGPIPE, SIG_IGN);
  const uint64_t before = LogLinesDropped();
  {
    PipedStderr standard_error;
    ASSERT_TRUE(SetUpLogging({}).ok());
  }
  Log(LogLevel::kWarning, {}, "nobody will read this");
  EXPECT_EQ(LogLinesDropped(), before + 1);
  ASSERT_TRUE(SetUpLogging({}).ok());
}

TEST(Logging, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(SetUpLogging({.format = "xml"}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(SetUpLogging({.level = "loud"}).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace throughline::server
