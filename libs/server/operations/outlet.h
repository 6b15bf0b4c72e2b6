#pragma once

// Writes to standard output or standard error without ever blocking. Other programs, such as the shell, share the flags
// of the descriptor; so a pipe or a terminal is opened a second time, as non-blocking. Any thread, one at a time.

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace throughline::server {

class Outlet {
 public:
  // `fd` must outlive the outlet.
  explicit Outlet(int fd);
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;
  ~Outlet();

  // How many bytes were written: fewer than all if the reader is behind. UNAVAILABLE: the reader has gone.
  absl::StatusOr<size_t> Write(std::string_view text);
  // False: nothing can be written within that time.
  bool AwaitRoom(absl::Duration patience) const;

 private:
  const int given_;
  int fd_;
  bool is_socket_ = false;
  bool may_block_ = false;  // could not be opened a second time: polled before each small write
};

// Writes a line; gives up when nothing is read for a second.
void WriteLine(int fd, std::string_view line);

}  // namespace throughline::server
