#include "tests/support/process.h"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/time/clock.h"

namespace throughline::testing {
namespace {

constexpr absl::Duration kReadyWithin = absl::Minutes(2);

struct Child {
  pid_t pid = -1;
  int out = -1;
  int err = -1;
};

// The child's stderr is this process's unless `with_err`.
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

// At least 0: a negative timeout means forever.
int MillisecondsTo(absl::Time deadline) {
  return static_cast<int>(std::max<int64_t>(absl::ToInt64Milliseconds(deadline - absl::Now()), 0));
}

int ExitCode(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

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
  rusage used{};
  wait4(child.pid, &status, 0, &used);
  finished.exit_code = ExitCode(status);
  finished.peak_memory_mib = static_cast<double>(used.ru_maxrss) / 1024;
  return finished;
}

absl::StatusOr<std::string> Process::Start(const std::vector<std::string>& command,
                                           const std::vector<std::string>& environment) {
  const Child child = Spawn(command, environment, false);
  pid_ = child.pid;
  output_ = child.out;
  std::string said;
  const absl::Time deadline = absl::Now() + kReadyWithin;
  pollfd output{output_, POLLIN, 0};
  char c = 0;
  while (poll(&output, 1, MillisecondsTo(deadline)) == 1 && read(output_, &c, 1) == 1) {
    said.push_back(c);
    if (c == '\n' && said.ends_with("ready\n")) return said;
  }
  if (absl::Now() >= deadline) {
    Kill();
    return absl::UnavailableError(command[0] + " was not ready in time, after saying: " + said);
  }
  const int code = Wait();
  return absl::UnavailableError(command[0] + " ended with " + std::to_string(code) + " after saying: " + said);
}

void Process::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  Wait();
}

int Process::Terminate() {
  if (pid_ <= 0) return -1;
  kill(pid_, SIGTERM);
  return Wait();
}

Finished Process::End() {
  Finished finished;
  if (pid_ <= 0) return finished;
  kill(pid_, SIGTERM);
  char buffer[4096];
  for (ssize_t n; (n = read(output_, buffer, sizeof(buffer))) > 0;) finished.out.append(buffer, static_cast<size_t>(n));
  finished.exit_code = Wait();
  return finished;
}

int Process::Wait() {
  if (pid_ <= 0) return -1;
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  close(output_);
  return ExitCode(status);
}

}  // namespace throughline::testing
