// Torn tails and flipped bits in the embedded log's files: an unacknowledged tail is dropped, all other damage is
// found.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rocksdb/db.h"

#include "libs/files/whole_file.h"
#include "libs/log/embedded/faults/test_support.h"
#include "libs/log/embedded/format.h"

namespace throughline::log {
namespace {

using testing::HasSubstr;

constexpr int kCount = 60;
constexpr size_t kBytes = 2000;

// A log with kCount records, one batch each, that can be damaged repeatedly.
class EmbeddedDamage : public testing::Test {
 protected:
  std::string path() const { return directory_.path() + "/log"; }

  void Fill(EmbeddedLog::Options options, int count = kCount) {
    options.path = pristine_;
    const auto log = MustOpen(options);
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(AppendAndWait(*log, kTestPartition, "k", NumberedValue(i, kBytes)).ok());
    }
  }

  void Restore() {
    std::filesystem::remove_all(path());
    std::filesystem::copy(pristine_, path(), std::filesystem::copy_options::recursive);
  }

  std::vector<std::string> Files(const std::string& extension) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(pristine_)) {
      if (entry.path().extension() == extension) names.push_back(entry.path().filename());
    }
    return names;
  }

  void Flip(const std::string& name, size_t at) {
    std::fstream file(path() + "/" + name, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(byte ^ 0x10));
  }

  // What is read from the damaged copy.
  absl::StatusOr<std::vector<RecordPtr>> OpenAndRead() {
    auto log = EmbeddedLog::Open({.path = path()});
    if (!log.ok()) return log.status();
    return ReadAll(**log, kTestPartition);
  }

  TestDirectory directory_;
  const std::string pristine_ = directory_.path() + "/pristine";
};

TEST_F(EmbeddedDamage, ATornTailIsDroppedAndTheRestIsThere) {
  Fill({});
  const std::string wal = Files(".log").at(0);
  const auto size = std::filesystem::file_size(pristine_ + "/" + wal);
  for (size_t cut : {1u, 6u, 7u, 500u, 1999u, 2030u, 2500u, 40'000u}) {
    Restore();
    std::filesystem::resize_file(path() + "/" + wal, size - cut);
    const auto all = OpenAndRead();
    ASSERT_TRUE(all.ok()) << all.status();
    // A record takes more than kBytes there, so no more than that many are lost.
    EXPECT_GE(all->size(), kCount - 1 - cut / kBytes) << cut;
    EXPECT_LT(all->size(), size_t{kCount}) << cut;
    for (const RecordPtr& r : *all) ASSERT_EQ(r->value, NumberedValue(r->offset, kBytes));
    // Offsets continue where the tail was torn.
    const auto log = MustOpen({.path = path()});
    EXPECT_EQ(*AppendAndWait(*log, kTestPartition, "k", "v"), static_cast<int64_t>(all->size()));
  }
}

TEST_F(EmbeddedDamage, AFlippedBitInTheWriteAheadLogIsRefused) {
  Fill({});
  const std::string wal = Files(".log").at(0);
  const auto size = std::filesystem::file_size(pristine_ + "/" + wal);
  Restore();
  for (size_t at = 0; at < size; at += 1009) {
    Flip(wal, at);
    const absl::Status refused = EmbeddedLog::Open({.path = path()}).status();
    ASSERT_EQ(refused.code(), absl::StatusCode::kDataLoss) << at << ": " << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("the log at " + path() + " is damaged"));
    EXPECT_THAT(std::string(refused.message()), HasSubstr("restore it from a backup"));
    Flip(wal, at);
  }
  EXPECT_EQ(OpenAndRead()->size(), size_t{kCount}) << "refusing changed something";
}

// To RocksDB these look like a torn write: it would silently drop acknowledged records.
TEST_F(EmbeddedDamage, AFlippedBitInALengthIsNotMistakenForATornTail) {
  Fill({});
  const std::string wal = Files(".log").at(0);
  const std::string bytes = files::ReadFile(pristine_ + "/" + wal).value();
  // Header 7, batch header 12, tag 1, key 1 + 11, length 2, the record's key 1 + 1.
  constexpr size_t kHeaderBeforeValue = 36;
  constexpr size_t kHighLengthByte = 5;
  constexpr size_t kTypeByte = 6;
  for (int i = kCount - 3; i < kCount; ++i) {
    const size_t header = bytes.find(std::to_string(i) + ":") - kHeaderBeforeValue;
    ASSERT_EQ(bytes.at(header + kTypeByte), 1) << "not the header of a whole record";
    Restore();
    Flip(wal, header + kHighLengthByte);
    EXPECT_EQ(EmbeddedLog::Open({.path = path()}).status().code(), absl::StatusCode::kDataLoss) << "record " << i;
  }
}

TEST_F(EmbeddedDamage, AFlippedBitInATableIsFoundByTheReader) {
  Fill({.write_buffer_bytes = 64 << 10}, 200);
  const std::vector<std::string> tables = Files(".sst");
  ASSERT_FALSE(tables.empty());
  int found = 0;
  for (const std::string& table : tables) {
    const auto size = std::filesystem::file_size(pristine_ + "/" + table);
    for (size_t at = 10; at < size; at += size / 5) {
      Restore();
      Flip(table, at);
      const auto all = OpenAndRead();
      if (!all.ok()) {
        EXPECT_EQ(all.status().code(), absl::StatusCode::kDataLoss) << all.status();
        ++found;
        continue;
      }
      // Some bytes of a table do not matter for the records.
      EXPECT_EQ(all->size(), 200u) << table << " " << at;
      for (const RecordPtr& r : *all) ASSERT_EQ(r->value, NumberedValue(r->offset, kBytes));
    }
  }
  EXPECT_GT(found, 0);
}

TEST_F(EmbeddedDamage, AMissingRecordIsFoundByTheReader) {
  Fill({});
  Restore();
  {
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocksdb::Options(), path(), &db).ok());
    const format::Key key = format::RecordKey({kTestPartition, 17});
    ASSERT_TRUE(db->Delete(rocksdb::WriteOptions(), rocksdb::Slice(key.data(), key.size())).ok());
    delete db;
  }
  const auto all = OpenAndRead();
  EXPECT_EQ(all.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(all.status().message()), HasSubstr("record 17 of throughline.intake.log/1"));
}

}  // namespace
}  // namespace throughline::log
