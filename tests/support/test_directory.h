#pragma once

// A directory for one test; removed with its content.

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace throughline {

class TestDirectory {
 public:
  TestDirectory() : path_((std::filesystem::temp_directory_path() / "throughline-test-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) std::abort();
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

}  // namespace throughline
