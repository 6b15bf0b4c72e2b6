#pragma once

// A lock on a directory, for what several processes must not do in it at the same time. It leaves no file behind and
// ends with the process that holds it.
//
//   std::optional<DirectoryLock> lock = DirectoryLock::TryTake("/var/lib/throughline/intake/stores");
//
// Any thread, any process.

#include <filesystem>
#include <optional>
#include <utility>

namespace throughline::files {

class DirectoryLock {
 public:
  // Does not wait. Nothing: another process, or another object of this one, holds it, or there is no such directory.
  static std::optional<DirectoryLock> TryTake(const std::filesystem::path& directory);

  DirectoryLock(DirectoryLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace throughline::files
