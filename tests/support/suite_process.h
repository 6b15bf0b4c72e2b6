#pragma once

// `throughline up` as a process, as a user runs it: for tests that use only public APIs, or kill it.
//
//   TestDirectory directory;            // test_directory.h
//   SuiteProcess suite(directory.path());
//   ASSERT_TRUE(suite.Start().ok());
//   client::Client ana(suite.OptionsFor("ana"));
//   suite.Kill();                       // kill -9
//
// One thread.

#include <string>
#include <vector>

#include "absl/status/status.h"

#include "libs/client/client.h"
#include "tests/support/process.h"
#include "tests/support/test_directory.h"

namespace throughline::testing {

class SuiteProcess {
 public:
  explicit SuiteProcess(std::string data) : data_(std::move(data)) {}

  // Returns when every service is ready. `arguments` are for `throughline up`; `environment`: NAME=value.
  absl::Status Start(const std::vector<std::string>& arguments = {}, const std::vector<std::string>& environment = {});

  // Its lines of log go to a file, from the next start on.
  void LogTo(std::string file) { log_file_ = std::move(file); }

  void Kill() { process_.Kill(); }
  int Terminate() { return process_.Terminate(); }
  int Wait() { return process_.Wait(); }
  pid_t pid() const { return process_.pid(); }

  const std::string& data() const { return data_; }
  const std::string& address() const { return address_; }
  const std::string& metrics_address() const { return metrics_address_; }
  std::string token(const std::string& name) const;
  client::Options OptionsFor(const std::string& name) const;

 private:
  const std::string data_;
  std::string log_file_;
  std::string address_;
  std::string metrics_address_;
  Process process_;
};

}  // namespace throughline::testing
