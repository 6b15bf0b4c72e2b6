#pragma once

// The fixture of the tests of a user: the built program against a running suite.

#include <pty.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "tests/support/process.h"
#include "tests/support/suite_process.h"
#include "tests/support/test_directory.h"

namespace throughline {

using nlohmann::json;

class User : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new TestDirectory;
    suite_ = new testing::SuiteProcess(directory_->path() + "/data");
    ASSERT_TRUE(suite_->Start().ok());
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(suite_->Terminate(), 0);
    delete suite_;
    delete directory_;
  }

  // Runs `throughline` with these words, quoted as in a shell; `after` is a redirection.
  static testing::Finished Type(const std::string& line, const std::string& after = "") {
    return testing::Run({"/bin/sh", "-c", absl::StrCat(CommandOf(line), " ", after)});
  }
  static std::string CommandOf(const std::string& line) {
    return absl::StrCat("exec ", testing::Program("throughline"), " --data ", suite_->data(), " --address ",
                        suite_->address(), " ", line);
  }
  static json Json(const std::string& line) {
    const testing::Finished ended = Type("--json " + line);
    EXPECT_EQ(ended.exit_code, 0) << line << "\n" << ended.err;
    return json::parse(ended.out, nullptr, false);
  }
  static std::string OpenCase() {
    return Json("case open --customer C-1 --channel phone --subject late --text 'Where is it?'")["case_id"];
  }
  static std::string Lower(const std::string& text) { return absl::AsciiStrToLower(text); }
  // On a terminal of this width.
  static std::string OnTerminal(const std::string& line, unsigned short columns) {
    winsize size{24, columns, 0, 0};
    int terminal = -1;
    const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
    if (child == 0) {
      execl("/bin/sh", "sh", "-c", CommandOf(line).c_str(), nullptr);
      _exit(127);
    }
    std::string out;
    char buffer[4096];
    for (ssize_t got; (got = read(terminal, buffer, sizeof buffer)) > 0;) out.append(buffer, static_cast<size_t>(got));
    waitpid(child, nullptr, 0);
    close(terminal);
    return out;
  }

  static TestDirectory* directory_;
  static testing::SuiteProcess* suite_;
};
inline TestDirectory* User::directory_ = nullptr;
inline testing::SuiteProcess* User::suite_ = nullptr;

}  // namespace throughline
