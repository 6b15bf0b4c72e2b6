#pragma once

// `throughline up` as a process of its own, the way that a user runs it, for tests that use public APIs alone or kill it.
//
//   SuiteProcess suite(TestDirectory());
//   ASSERT_TRUE(suite.Start().ok());
//   client::Client ana = suite.As("ana");
//   suite.Kill();                       // kill -9
//
// The binary is found through THROUGHLINE_BIN, which ctest sets. One thread; As from any.

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/client/client.h"

namespace throughline::testing {

// A directory that is gone when the object is.
class TestDirectory {
 public:
  TestDirectory();
  ~TestDirectory();
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The built program of that name.
std::string Program(const std::string& name);

// What a finished process left behind.
struct Finished {
  int exit_code = -1;  // 128 + n for signal n
  std::string out;
  std::string err;
};
// Runs the program to its end.
Finished Run(const std::vector<std::string>& command);

class SuiteProcess {
 public:
  explicit SuiteProcess(std::string data) : data_(std::move(data)) {}
  ~SuiteProcess();

  // Starts and waits until every service is ready. `arguments` are for `throughline up`; `environment` are NAME=value.
  absl::Status Start(std::vector<std::string> arguments = {}, std::vector<std::string> environment = {});

  void Kill();
  // SIGTERM; answers the exit code.
  int Terminate();
  // Waits until it has ended by itself; answers the exit code (128 + n for signal n).
  int Wait();
  bool Running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }

  const std::string& data() const { return data_; }
  const std::string& address() const { return address_; }
  const std::string& metrics_address() const { return metrics_address_; }
  std::string token(const std::string& name) const;
  client::Options OptionsFor(const std::string& name) const;

 private:
  const std::string data_;
  std::string address_;
  std::string metrics_address_;
  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace throughline::testing
