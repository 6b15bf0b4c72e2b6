#pragma once

// A store in its own directory, and ways to damage its files.

#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "libs/store/rocks/rocks_key_value.h"
#include "tests/support/test_directory.h"

namespace throughline::store {

class RocksStore : public ::testing::Test {
 protected:
  RocksKeyValue::Options Options(const std::string& layout = "1") const {
    return {.path = directory_.path() + "/store", .layout = layout, .cache_bytes = 1 << 20, .pending_bytes = 400 << 10};
  }
  std::unique_ptr<RocksKeyValue> Open(const std::string& layout = "1") {
    auto store = RocksKeyValue::Open(Options(layout));
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }
  static bool Has(const RocksKeyValue& store, std::string_view key) {
    std::string value;
    return store.Get(key, &value);
  }
  // With incompressible rows, so that rows are most of a file.
  void Fill() {
    auto store = Open();
    std::mt19937_64 random(7);
    for (int i = 0; i < 3000; ++i) {
      std::string value;
      while (value.size() < 100) value.append(std::to_string(random()));
      store->Write({{"\x10key" + std::to_string(i), value}});
    }
  }
  std::vector<std::string> Files(const std::string& part) const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(Options().path)) {
      if (entry.path().filename().string().find(part) != std::string::npos && entry.file_size() > 0) {
        files.push_back(entry.path());
      }
    }
    return files;
  }
  static void Overwrite(const std::string& file, const std::string& bytes, double at) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    std::error_code gone;  // compaction may remove the file
    const auto size = std::filesystem::file_size(file, gone);
    if (gone) return;
    stream.seekp(static_cast<std::streamoff>(static_cast<double>(size) * at));
    stream << bytes;
  }

  TestDirectory directory_;
};

}  // namespace throughline::store
