#pragma once

// Files that are there after a power loss: synced, and so are the directories that name them.
//
// Any thread, any process.

#include <filesystem>
#include <system_error>

namespace throughline::files {

// Until it stands on the disk: a file's bytes, or which names a directory has.
[[nodiscard]] std::error_code Sync(const std::filesystem::path& path);

// A copy of the bytes, synced. An error if `to` exists. The directory of `to` is for the caller to sync, once.
[[nodiscard]] std::error_code CopyDurably(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace throughline::files
