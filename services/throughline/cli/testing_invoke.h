#pragma once

// Runs the tool in the test's own process: a command line in, the exit code and both outputs out. One thread.

#include <cstdio>
#include <fcntl.h>
#include <functional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "services/throughline/commands/commands.h"
#include "tests/support/test_directory.h"

namespace throughline::tool {

struct Ended {
  int code;
  std::string out, err;
};

inline int Call(Tool& tool, std::vector<std::string> words) {
  std::vector<char*> argv = {const_cast<char*>("throughline")};
  for (std::string& word : words) argv.push_back(word.data());
  return tool.Run(static_cast<int>(argv.size()), argv.data());
}

inline int Call(std::vector<std::string> words) {
  CLI::App app("", "throughline");
  Tool tool(app);
  AddClientCommands(app, tool);
  return Call(tool, std::move(words));
}

inline Ended Captured(const std::function<int()>& run) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = run();
  return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

inline Ended Invoke(const std::vector<std::string>& words) {
  return Captured([&] { return Call(words); });
}

// Redirects a file descriptor of this process during its lifetime.
class Redirected {
 public:
  Redirected(int descriptor, int other) : descriptor_(descriptor), before_(dup(descriptor)) {
    std::fflush(stdout);
    dup2(other, descriptor);
    close(other);
  }
  Redirected(const Redirected&) = delete;
  ~Redirected() {
    std::fflush(stdout);
    dup2(before_, descriptor_);
    close(before_);
    std::clearerr(stdout);
    std::clearerr(stdin);
  }

 private:
  const int descriptor_, before_;
};

inline std::string FreshData() {
  static const TestDirectory directory;
  static int count = 0;
  return absl::StrCat(directory.path(), "/", ++count);
}

}  // namespace throughline::tool
