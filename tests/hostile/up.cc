#include "tests/hostile/up.h"

#include <algorithm>
#include <signal.h>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/notification.h"

#include "libs/files/whole_file.h"

namespace throughline::hostile {

using testing::Program;

testing::Finished RefusedUp(const std::string& data, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"up", "--data", data};
  const auto unless_given = [&](const std::string& option, const std::string& value) {
    if (std::find(arguments.begin(), arguments.end(), option) == arguments.end()) {
      command.insert(command.end(), {option, value});
    }
  };
  unless_given("--port", "0");
  unless_given("--metrics-port", "-1");
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Tool(command);
}

testing::Finished Tool(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"/usr/bin/timeout", "-k", "2", "20", Program("throughline")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return testing::Run(command);
}

absl::Status Up::Start(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"/bin/sh",
                                      "-c",
                                      "exec \"$0\" \"$@\" 2>\"$SAID\"",
                                      Program("throughline"),
                                      "up",
                                      "--data",
                                      data_,
                                      "--port",
                                      "0",
                                      "--metrics-port",
                                      "-1"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return process_.Start(command, {"SAID=" + directory_.path() + "/stderr"}).status();
}

int Up::WaitForEnd(absl::Duration patience) {
  absl::Notification ended;
  std::thread watchdog([&, pid = process_.pid()] {
    if (pid > 0 && !ended.WaitForNotificationWithTimeout(patience)) kill(pid, SIGKILL);
  });
  const int code = process_.Wait();
  ended.Notify();
  watchdog.join();
  return code;
}

std::string Up::Said() const { return files::ReadFile(directory_.path() + "/stderr").value_or(""); }

client::Options Up::OptionsFor(const std::string& name, int tries) const {
  client::Options options;
  options.address = std::string(absl::StripAsciiWhitespace(files::ReadFile(data_ + "/endpoint").value_or("")));
  options.token = std::string(
      absl::StripAsciiWhitespace(files::ReadFile(absl::StrCat(data_, "/credentials/", name, ".token")).value_or("")));
  options.tries = tries;
  return options;
}

int64_t PeakKb(pid_t pid) {
  const std::string status = files::ReadFile(absl::StrCat("/proc/", pid, "/status")).value_or("");
  for (absl::string_view line : absl::StrSplit(status, '\n')) {
    int64_t kb = -1;
    if (absl::ConsumePrefix(&line, "VmHWM:") && absl::SimpleAtoi(absl::StripSuffix(line, " kB"), &kb)) return kb;
  }
  return -1;
}

}  // namespace throughline::hostile
