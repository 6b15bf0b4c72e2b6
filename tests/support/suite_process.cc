#include "tests/support/suite_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>


namespace throughline::testing {
namespace {

struct Child {
  pid_t pid = -1;
  int out = -1;
  int err = -1;
};

// `err` of the child is this process's unless `with_err`.
Child Spawn(const std::vector<std::string>& command, const std::vector<std::string>& environment, bool with_err) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  int out[2];
  int err[2] = {-1, -1};
  if (pipe2(out, O_CLOEXEC) != 0 || (with_err && pipe2(err, O_CLOEXEC) != 0)) return {};
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(out[1], STDOUT_FILENO);
    if (with_err) dup2(err[1], STDERR_FILENO);
    for (const std::string& setting : environment) putenv(const_cast<char*>(setting.c_str()));
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(out[1]);
  if (with_err) close(err[1]);
  return {pid, out[0], err[0]};
}

int ExitCode(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  std::string all = text.str();
  while (!all.empty() && all.back() == '\n') all.pop_back();
  return all;
}

}  // namespace

TestDirectory::TestDirectory() {
  std::string path = (std::filesystem::temp_directory_path() / "throughline-test-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) abort();
  path_ = path;
}

TestDirectory::~TestDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Program(const std::string& name) {
  const char* folder = std::getenv("THROUGHLINE_BIN");
  return std::string(folder != nullptr ? folder : "build/release/bin") + "/" + name;
}

Finished Run(const std::vector<std::string>& command) {
  Child child = Spawn(command, {}, true);
  Finished finished;
  pollfd ends[2] = {{child.out, POLLIN, 0}, {child.err, POLLIN, 0}};
  int open = 2;
  while (open > 0 && poll(ends, 2, -1) > 0) {
    for (int i = 0; i < 2; ++i) {
      if (ends[i].revents == 0) continue;
      char buffer[4096];
      const ssize_t n = read(ends[i].fd, buffer, sizeof(buffer));
      if (n > 0) {
        (i == 0 ? finished.out : finished.err).append(buffer, static_cast<size_t>(n));
      } else {
        close(ends[i].fd);
        ends[i].fd = -1;
        --open;
      }
    }
  }
  int status = 0;
  waitpid(child.pid, &status, 0);
  finished.exit_code = ExitCode(status);
  return finished;
}

SuiteProcess::~SuiteProcess() { Kill(); }

absl::Status SuiteProcess::Start(std::vector<std::string> arguments, std::vector<std::string> environment) {
  std::vector<std::string> command = {Program("throughline"), "up", "--data", data_, "--port", "0", "--metrics-port", "0"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  Child child = Spawn(command, environment, false);
  pid_ = child.pid;
  output_ = child.out;
  // It says "ready" on standard output when every service is; its end closes the pipe.
  std::string said;
  char c = 0;
  while (read(output_, &c, 1) == 1) {
    said.push_back(c);
    if (c == '\n' && said.ends_with("ready\n")) break;
  }
  if (!said.ends_with("ready\n")) {
    const int code = Wait();
    return absl::UnavailableError("throughline up ended with " + std::to_string(code) + " after saying: " + said);
  }
  address_ = ReadFile(data_ + "/endpoint");
  const size_t metrics = said.find("metrics:");
  if (metrics != std::string::npos) {
    std::istringstream words(said.substr(metrics + 8));
    words >> metrics_address_;
  }
  return absl::OkStatus();
}

void SuiteProcess::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  Wait();
}

int SuiteProcess::Terminate() {
  if (pid_ <= 0) return -1;
  kill(pid_, SIGTERM);
  return Wait();
}

int SuiteProcess::Wait() {
  if (pid_ <= 0) return -1;
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  close(output_);
  return ExitCode(status);
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
