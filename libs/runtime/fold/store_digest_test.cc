#include "libs/runtime/fold/store_digest.h"

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/store/memory_key_value.h"

namespace throughline::runtime {
namespace {

using ::testing::HasSubstr;

std::string HexOf(const std::vector<store::Change>& rows) {
  store::MemoryKeyValue store;
  store.Write(rows);
  return DigestOf(store)->hex();
}

TEST(StoreDigest, IsThatOfTheRowsWhateverTheOrderOfTheirWrites) {
  store::MemoryKeyValue a, b;
  a.Write({{"\x01k", "1"}, {"\x10k", "2"}, {"\xffk", "3"}});
  b.Write({{"\x10k", "old"}, {"\x10gone", "x"}});
  b.Write({{"\xffk", "3"}, {"\x10k", "2"}, {"\x10gone", std::nullopt}});
  b.Write({{"\x01k", "1"}});
  EXPECT_EQ(*DigestOf(a), *DigestOf(b));
  EXPECT_EQ(DigestOf(a)->rows, 3);
  EXPECT_EQ(DifferenceOf(a, b), "");
}

TEST(StoreDigest, ChangesWithEachByteOfEachRow) {
  const std::string digest = HexOf({{"\x10k", "v"}, {"\x10l", "w"}});
  EXPECT_NE(digest, HexOf({{"\x10k", "v"}, {"\x10l", "x"}}));
  EXPECT_NE(digest, HexOf({{"\x10k", "v"}, {"\x10m", "w"}}));
  EXPECT_NE(digest, HexOf({{"\x10k", "v"}}));
  EXPECT_NE(digest, HexOf({{"\x10k", "v"}, {"\x11l", "w"}})) << "in another table";
  EXPECT_NE(HexOf({{"\x10k", "vw"}}), HexOf({{"\x10kv", "w"}})) << "keys and values keep their borders";
  EXPECT_NE(HexOf({{"\x10k", ""}}), HexOf({}));
}

TEST(StoreDigest, NamesTheTablesThatDiffer) {
  store::MemoryKeyValue a, b;
  a.Write({{"\x01k", "1"}, {"\x10k", "2"}});
  b.Write({{"\x01k", "1"}, {"\x10k", "3"}});
  const StoreDigest of_a = *DigestOf(a), of_b = *DigestOf(b);
  EXPECT_EQ(of_a.tables.at(1), of_b.tables.at(1));
  EXPECT_NE(of_a.tables.at(16), of_b.tables.at(16));
}

TEST(StoreDigest, HoldsForTablesOfAnySize) {
  store::MemoryKeyValue a, b;
  std::vector<store::Change> rows;
  for (int i = 0; i < 5000; ++i) rows.push_back({absl::StrCat("\x10key", i), std::string(100, 'v')});
  a.Write(rows);
  rows[4321].value = "w";
  rows[17].value = std::nullopt;
  b.Write(rows);
  EXPECT_NE(DigestOf(a)->sha256, DigestOf(b)->sha256);
  EXPECT_THAT(DifferenceOf(a, b), HasSubstr("2 of 5000 rows differ, the first: \\020key17 (only in the first)"));
}

TEST(StoreDigest, StopsWhenItIsTold) {
  store::MemoryKeyValue store;
  std::vector<store::Change> rows;
  for (int i = 0; i < 5000; ++i) rows.push_back({absl::StrCat("\x10key", i), "v"});
  store.Write(rows);
  int64_t read = 0;
  const auto stopped = DigestOf(store, [&](int64_t more) { return (read += more) < 2000; });
  EXPECT_TRUE(absl::IsCancelled(stopped.status()));
  EXPECT_EQ(read, 2000);
}

}  // namespace
}  // namespace throughline::runtime
