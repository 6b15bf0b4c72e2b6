#include "services/throughline/doctor/settings_probe.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

#include "services/process/settings/settings_file.h"

namespace throughline::doctor {
namespace {

constexpr int kNotFound = 127;  // as shells have it

// Beside this program; otherwise as the PATH finds it.
std::string Beside(const std::string& program) {
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = own.parent_path() / program;
  return !error && std::filesystem::exists(beside, error) ? beside.string() : program;
}

std::string ReadAll(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  ssize_t count = 0;
  while ((count = read(fd, buffer.data(), buffer.size())) > 0) text.append(buffer.data(), static_cast<size_t>(count));
  return text;
}

}  // namespace

absl::StatusOr<ProbedSettings> ProbeSettings(const std::string& program, const std::string& file) {
  const std::string path = Beside(program);
  std::array<int, 2> out{}, err{};
  if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0) {
    return absl::ErrnoToStatus(errno, "no pipe");
  }
  const pid_t child = fork();
  if (child < 0) return absl::ErrnoToStatus(errno, "no process");
  if (child == 0) {
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    execlp(path.c_str(), path.c_str(), "--config", file.c_str(), "--print-config", static_cast<char*>(nullptr));
    _exit(kNotFound);
  }
  close(out[1]);
  close(err[1]);
  // A configuration is smaller than what a pipe holds, as are its problems.
  const std::string printed = ReadAll(out[0]), problems = ReadAll(err[0]);
  close(out[0]);
  close(err[0]);
  int status = 0;
  waitpid(child, &status, 0);
  ProbedSettings probed{.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128, .problems = problems};
  if (probed.exit_code == kNotFound) {
    return absl::NotFoundError(absl::StrCat("there is no program ", program, " beside this one or in the PATH"));
  }
  if (probed.exit_code == 0) {
    for (process::FileEntry& entry : process::ParseSettingsFile(printed).entries) {
      probed.values[entry.name] = std::move(entry.value);
    }
  }
  return probed;
}

}  // namespace throughline::doctor
