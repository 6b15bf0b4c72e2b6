#include "libs/log/embedded/wal_audit.h"

#include <filesystem>
#include <string>

#include "gtest/gtest.h"

#include "libs/files/whole_file.h"
#include "libs/log/embedded/faults/test_support.h"

namespace throughline::log {
namespace {

// The write-ahead log of a real log with `count` records, one batch each.
std::string WalOf(int count, size_t bytes_each) {
  TestDirectory directory;
  {
    const auto log = MustOpen({.path = directory.path()});
    for (int i = 0; i < count; ++i) {
      EXPECT_TRUE(AppendAndWait(*log, kTestPartition, "k", NumberedValue(i, bytes_each)).ok());
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    if (entry.path().extension() != ".log") continue;
    return files::ReadFile(entry.path()).value_or("");
  }
  ADD_FAILURE() << "no write-ahead log";
  return "";
}

TEST(WalAudit, AcceptsWhatRocksDbWrites) {
  EXPECT_TRUE(AuditWalBytes("").ok());
  const std::string wal = WalOf(40, 10'000);  // several blocks, with records across their boundaries
  EXPECT_GT(wal.size(), 400'000u);
  EXPECT_TRUE(AuditWalBytes(wal).ok()) << AuditWalBytes(wal);
}

TEST(WalAudit, AcceptsATornTailAtAnyByte) {
  const std::string wal = WalOf(5, 12'000);
  for (size_t length = 0; length <= wal.size(); length += length % 97 == 0 ? 1 : 31) {
    ASSERT_TRUE(AuditWalBytes(wal.substr(0, length)).ok()) << length;
  }
  EXPECT_TRUE(AuditWalBytes(wal + std::string(5000, '\0')).ok()) << "zeros, as some file systems leave after a crash";
}

TEST(WalAudit, FindsAnyFlippedBit) {
  std::string wal = WalOf(20, 150);
  ASSERT_LT(wal.size(), 8000u);
  for (size_t i = 0; i < wal.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      wal[i] = static_cast<char>(wal[i] ^ (1 << bit));
      ASSERT_EQ(AuditWalBytes(wal).code(), absl::StatusCode::kDataLoss) << "byte " << i << " bit " << bit;
      wal[i] = static_cast<char>(wal[i] ^ (1 << bit));
    }
  }
  EXPECT_TRUE(AuditWalBytes(wal).ok());
}

TEST(WalAudit, FindsFlippedBitsInEarlierBlocks) {
  std::string wal = WalOf(12, 20'000);
  for (size_t i = 0; i < wal.size(); i += 211) {
    wal[i] = static_cast<char>(wal[i] ^ 4);
    ASSERT_EQ(AuditWalBytes(wal).code(), absl::StatusCode::kDataLoss) << i;
    wal[i] = static_cast<char>(wal[i] ^ 4);
  }
}

TEST(WalAudit, FindsAHoleOfZeros) {
  std::string wal = WalOf(12, 20'000);
  wal.replace(40'000, 8192, 8192, '\0');
  EXPECT_EQ(AuditWalBytes(wal).code(), absl::StatusCode::kDataLoss);
}

// RFC 3720, B.4.
TEST(Crc32c, MatchesTheStandardsExamples) {
  EXPECT_EQ(ExtendCrc32c(0, std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(ExtendCrc32c(0, std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(ExtendCrc32c(0, "123456789"), 0xe3069283u);
}

TEST(Crc32c, ExtendsPieceByPiece) {
  const std::string text = "the quick brown fox jumps over the lazy dog";
  for (size_t i = 0; i <= text.size(); ++i) {
    EXPECT_EQ(ExtendCrc32c(ExtendCrc32c(0, text.substr(0, i)), text.substr(i)), ExtendCrc32c(0, text));
  }
}

}  // namespace
}  // namespace throughline::log
