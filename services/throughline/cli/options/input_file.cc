#include "services/throughline/cli/options/input_file.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <sys/stat.h>

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/refusal.h"
#include "services/throughline/cli/exit_code.h"

namespace throughline::tool {
namespace {

constexpr char kNameOne[] = ": name a file that you may read";

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

absl::StatusOr<File> OpenFile(const std::string& path) {
  File file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  struct stat info {};
  if (fstat(fileno(file.get()), &info) == 0 && S_ISDIR(info.st_mode)) {
    return absl::ErrnoToStatus(EISDIR, absl::StrCat("cannot read ", path));
  }
  return file;
}

}  // namespace

absl::StatusOr<std::string> ReadInput(const std::string& path) {
  File opened(nullptr, &std::fclose);
  if (path != "-") {
    absl::StatusOr<File> file = OpenFile(path);
    if (!file.ok()) return file.status();
    opened = *std::move(file);
  }
  std::FILE* file = path == "-" ? stdin : opened.get();
  std::string content;
  char buffer[16384];
  for (size_t got; (got = std::fread(buffer, 1, sizeof buffer, file)) > 0;) content.append(buffer, got);
  if (std::ferror(file) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  return content;
}

absl::StatusOr<std::string> ReadFileOf(const std::string& option, const std::string& path) {
  absl::StatusOr<std::string> content = ReadInput(path);
  if (!content.ok()) return Unreadable(option, content.status().message());
  return content;
}

absl::Status CheckFileOf(const std::string& option, const std::string& path) {
  if (path == "-") return absl::OkStatus();
  const absl::StatusOr<File> file = OpenFile(path);
  return file.ok() ? absl::OkStatus() : Unreadable(option, file.status().message());
}

CLI::Validator ReadableFile() {
  return CLI::Validator(
      [](const std::string& path) {
        const absl::StatusOr<File> file = OpenFile(path);
        return file.ok() ? "" : absl::StrCat(file.status().message(), kNameOne);
      },
      "");
}

absl::Status Unreadable(const std::string& option, absl::string_view why) {
  return runtime::Refuse(absl::StatusCode::kInvalidArgument, kFileUnreadable,
                         absl::StrCat(option, ": ", why, kNameOne));
}

}  // namespace throughline::tool
