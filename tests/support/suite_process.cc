#include "tests/support/suite_process.h"

#include <fstream>
#include <sstream>

namespace throughline::testing {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

absl::Status SuiteProcess::Start(const std::vector<std::string>& arguments,
                                 const std::vector<std::string>& environment) {
  std::vector<std::string> command = {Program("throughline"), "up", "--data", data_, "--port", "0",
                                      "--metrics-port",       "0"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  if (!log_file_.empty()) {
    const std::vector<std::string> shell = {"/bin/sh", "-c", "exec \"$@\" 2>>\"$0\"", log_file_};
    command.insert(command.begin(), shell.begin(), shell.end());
  }
  absl::StatusOr<std::string> said = process_.Start(command, environment);
  if (!said.ok()) return said.status();
  address_ = ReadFile(data_ + "/endpoint");
  const size_t metrics = said->find("metrics: ");
  if (metrics != std::string::npos) std::istringstream(said->substr(metrics + 9)) >> metrics_address_;
  return absl::OkStatus();
}

std::string SuiteProcess::token(const std::string& name) const {
  return ReadFile(data_ + "/credentials/" + name + ".token");
}

client::Options SuiteProcess::OptionsFor(const std::string& name) const {
  client::Options options;
  options.address = address_;
  options.token = token(name);
  return options;
}

}  // namespace throughline::testing
