#pragma once

// A small disk for one test: a tmpfs, which root may mount.
//
//   SmallDisk disk(256);                                      // MiB
//   if (!disk.mounted()) {
//     ASSERT_FALSE(disk.required()) << disk.HowToGetIt("a full disk");
//     std::cerr << disk.HowToGetIt("a full disk");            // scripts/test lists it
//     GTEST_SKIP();
//   }

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/mount.h>

#include "tests/support/test_directory.h"

namespace throughline {

class SmallDisk {
 public:
  explicit SmallDisk(int mib)
      : mounted_(::mount("tmpfs", directory_.path().c_str(), "tmpfs", 0,
                         ("size=" + std::to_string(mib) + "m").c_str()) == 0),
        error_(errno) {}
  ~SmallDisk() {
    if (mounted_) ::umount2(directory_.path().c_str(), MNT_DETACH);
  }

  bool mounted() const { return mounted_; }
  const std::string& path() const { return directory_.path(); }
  // Whether tests must not be skipped.
  static bool required() {
    const char* ci = std::getenv("CI");
    return ci != nullptr && std::string(ci) == "true";
  }
  std::string HowToGetIt(const std::string& what) const {
    return "NOT TESTED: " + what + ", because a tmpfs cannot be mounted here (" + std::strerror(error_) +
           "): run as root\n";
  }

  // Fills the disk except for `left` bytes.
  void Fill(size_t left) const {
    const auto space = std::filesystem::space(path());
    std::ofstream file(path() + "/filler", std::ios::binary | std::ios::app);
    const std::string block(64 << 10, 'f');
    for (size_t n = space.available > left ? (space.available - left) / block.size() : 0; n > 0; --n) file << block;
  }
  void Empty() const { std::filesystem::remove(path() + "/filler"); }

 private:
  const TestDirectory directory_;
  const bool mounted_;
  const int error_;
};

}  // namespace throughline
