#include "libs/server/logging.h"

#include <algorithm>
#include <functional>

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

TEST(Logging, KeepsALineALine) {
  const std::string line =
      Written("text", [] { Log(LogLevel::kInfo, {.command = "x\n2024 error forged"}, "first\x1b[2J\nsecond"); });
  EXPECT_THAT(line, HasSubstr("first [2J second command=x 2024 error forged\n"));
}

TEST(Logging, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(SetUpLogging({.format = "xml"}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(SetUpLogging({.level = "loud"}).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace throughline::server
