#pragma once

// Standard output or standard error, written to without ever waiting for who reads it. Its flags are shared with other
// programs, such as the shell, so a pipe or a terminal is opened a second time and that is made not to block. Any
// thread, one at a time.

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace throughline::server {

class Outlet {
 public:
  // `fd` must stay open for as long as this.
  explicit Outlet(int fd);
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;
  ~Outlet();

  // How much of `text` was taken: less than all when nobody reads. UNAVAILABLE: nobody ever will.
  absl::StatusOr<size_t> Write(std::string_view text);
  // False: it takes nothing more within that time.
  bool AwaitRoom(absl::Duration patience) const;

 private:
  const int given_;
  int fd_;
  bool is_socket_ = false;
  bool may_block_ = false;  // could not be opened a second time: asked before each small write
};

// A line on a descriptor, at once; given up when nobody reads for a second.
void WriteLine(int fd, std::string_view line);

}  // namespace throughline::server
