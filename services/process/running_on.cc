#include "services/process/running_on.h"

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/files/whole_file.h"
#include "services/process/process.h"

namespace throughline::process {

std::string RunningOn(const std::string& data) {
  const std::optional<std::string> content = files::ReadFile(PidPath(data));
  if (!content) return "";
  const std::string pid(absl::StripAsciiWhitespace(*content));
  // A file can outlive its process, and another can have the number by now.
  std::error_code error;
  const auto program = std::filesystem::read_symlink(absl::StrCat("/proc/", pid, "/exe"), error);
  if (error) return error == std::errc::permission_denied ? pid : "";
  return absl::StartsWith(program.filename().string(), "throughline") ? pid : "";
}

double DescriptorLimitOf(const std::string& process) {
  const std::optional<std::string> limits = files::ReadFile(absl::StrCat("/proc/", process, "/limits"));
  for (const absl::string_view line : absl::StrSplit(limits.value_or(""), '\n')) {
    if (!absl::StartsWith(line, "Max open files")) continue;
    const std::vector<std::string> words = absl::StrSplit(line.substr(14), ' ', absl::SkipEmpty());
    return words.empty() ? 0 : std::strtod(words.front().c_str(), nullptr);
  }
  return 0;
}

}  // namespace throughline::process
