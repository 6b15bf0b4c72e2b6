#pragma once

// A directory for one test, removed with all that is in it.

#include <filesystem>
#include <stdlib.h>
#include <string>
#include <system_error>

#include "gtest/gtest.h"

namespace throughline::store {

class TestDirectory {
 public:
  TestDirectory() {
    std::string name = ::testing::TempDir() + "throughline-store-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~TestDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace throughline::store
