#pragma once

// Files that are read or replaced as a whole. Any thread, any process; writers of one file must not run at the same
// time.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>

namespace throughline::files {

// The content; nothing if the file cannot be read.
std::optional<std::string> ReadFile(const std::filesystem::path& path);

// Writes `<path>.new`, syncs it and renames it: a reader sees the old content or the new one, never a part, also after
// a power loss. The file has `mode` less the umask, or the owner, group and mode of `like` as far as this user may set
// them.
[[nodiscard]] std::error_code ReplaceFile(const std::filesystem::path& path, std::string_view content, mode_t mode,
                                          const struct stat* like = nullptr);

}  // namespace throughline::files
