// How RocksDB merges the files, and stores whose files another version has merged otherwise.

#include <map>
#include <random>

#include "gtest/gtest.h"
#include <rocksdb/db.h>

#include "libs/store/rocks/rocks_under_test.h"

namespace throughline::store {
namespace {

class MergedFiles : public RocksStore {
 protected:
  // Some new rows, some changed, some deleted, in many flushed files; in a table with many keys and in others.
  void Change(int from, int to) {
    const auto store = Open();
    for (int i = from; i < to; ++i) {
      const std::string key = std::string(1, static_cast<char>(16 + i % 5)) + std::to_string(random_() % 40'000);
      std::optional<std::string> value = std::string(60, 'v') + std::to_string(random_());
      if (random_() % 5 == 0) value.reset();
      store->Write({{key, value}});
      value ? static_cast<void>(expected_[key] = *value) : static_cast<void>(expected_.erase(key));
    }
  }
  void ExpectAll() {
    const auto store = Open();
    std::map<std::string, std::string> rows;
    for (char table = 16; table < 21; ++table) {
      store->Scan({&table, 1}, "",
                  [&](std::string_view key, std::string_view value) { return rows.emplace(key, value).second; });
    }
    EXPECT_EQ(rows, expected_);
    std::string value;
    for (const auto& [key, expected] : expected_) EXPECT_TRUE(store->Get(key, &value) && value == expected) << key;
  }
  // As a version that merges into levels has it: levels of its own sizes below each other.
  void MergeIntoLevels() const {
    rocksdb::Options options;
    options.level_compaction_dynamic_level_bytes = true;
    options.max_bytes_for_level_base = 256 << 10;
    options.target_file_size_base = 64 << 10;
    options.compression = rocksdb::kLZ4Compression;
    rocksdb::DB* raw = nullptr;
    rocksdb::Status status = rocksdb::DB::Open(options, Options().path, &raw);
    ASSERT_TRUE(status.ok()) << status.ToString();
    const std::unique_ptr<rocksdb::DB> db(raw);
    ASSERT_TRUE(db->CompactRange({}, nullptr, nullptr).ok());
  }
  int FilledLevels() const {
    rocksdb::DB* raw = nullptr;
    const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(rocksdb::Options(), Options().path, &raw);
    EXPECT_TRUE(status.ok()) << status.ToString();
    const std::unique_ptr<rocksdb::DB> db(raw);
    int levels = 0;
    for (int level = 1; level < db->NumberLevels(); ++level) {
      std::string files;
      db->GetProperty("rocksdb.num-files-at-level" + std::to_string(level), &files);
      if (files != "0") ++levels;
    }
    return levels;
  }

  std::mt19937_64 random_{7};
  std::map<std::string, std::string> expected_;
};

TEST_F(MergedFiles, HoldTheSameRows) {
  Change(0, 100'000);
  EXPECT_GT(FilledLevels(), 0) << "something was merged";
  ExpectAll();
}

TEST_F(MergedFiles, OfLevelsAreTakenOverAndGivenBack) {
  Change(0, 60'000);
  MergeIntoLevels();
  ExpectAll();
  Change(60'000, 120'000);  // is merged with the levels
  ExpectAll();
  MergeIntoLevels();  // the version before is started again
  ExpectAll();
  Change(120'000, 130'000);
  ExpectAll();
}

}  // namespace
}  // namespace throughline::store
