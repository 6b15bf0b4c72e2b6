#pragma once

// Directories that only this user may enter: for stores, the log, backups and credentials. Files inside need no mode of
// their own.
//
// Any thread, any process.

#include <filesystem>
#include <sys/types.h>
#include <system_error>

namespace throughline::files {

inline constexpr mode_t kPrivateDirectory = 0700;

// Makes the directory and its missing parents with mode 0700. Directories that exist keep the mode that their owner
// chose. An error if the directory does not exist afterwards.
[[nodiscard]] std::error_code MakePrivateDirectories(const std::filesystem::path& path);

}  // namespace throughline::files
