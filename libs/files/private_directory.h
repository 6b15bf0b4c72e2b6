#pragma once

// Directories for what only this user may read: stores, the log, backups, credentials. Files inside need no mode of
// their own, as nobody else gets past the directory.
//
// Any thread, any process.

#include <filesystem>
#include <sys/types.h>
#include <system_error>

namespace throughline::files {

inline constexpr mode_t kPrivateDirectory = 0700;

// Makes the directory and its missing parents, each with mode 0700. Directories that exist keep their mode: it is their
// owner's choice. An error if the directory does not exist afterwards.
[[nodiscard]] std::error_code MakePrivateDirectories(const std::filesystem::path& path);

}  // namespace throughline::files
