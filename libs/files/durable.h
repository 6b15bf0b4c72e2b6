#pragma once

// Files that survive a power loss: the file is synced, and so is the directory that names it.
//
// Any thread, any process.

#include <filesystem>
#include <system_error>

namespace throughline::files {

// Returns when the bytes of a file, or the names in a directory, are on the disk.
[[nodiscard]] std::error_code Sync(const std::filesystem::path& path);

// Copies a file and syncs the copy. An error if `to` exists. The caller syncs the directory of `to`, once for all
// copies. Not std::filesystem::copy_file, which calls a full disk an input/output error.
[[nodiscard]] std::error_code CopyDurably(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace throughline::files
