// One contract for both adapters, and the tables and batches on top of it.

#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/store/memory_key_value.h"
#include "libs/store/rocks/mem_table.h"
#include "libs/store/rocks/rocks_key_value.h"
#include "libs/store/table.h"
#include "tests/support/test_directory.h"
#include "throughline/log/v1/rows.pb.h"

namespace throughline::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

enum class Adapter { kMemory, kRocks, kRocksFlushingAlways, kRocksPinned, kRocksNegativeLookups };

std::string AllTables() {
  std::string tables;
  for (int first = 1; first < 256; ++first) tables.push_back(static_cast<char>(first));
  return tables;
}

class KeyValueContract : public ::testing::TestWithParam<Adapter> {
 protected:
  KeyValueContract() {
    if (GetParam() == Adapter::kMemory) {
      store_ = std::make_unique<MemoryKeyValue>();
      return;
    }
    RocksKeyValue::Options options = {.path = directory_.path() + "/store", .layout = "1"};
    if (GetParam() == Adapter::kRocksFlushingAlways || GetParam() == Adapter::kRocksNegativeLookups)
      options.pending_bytes = 1;
    if (GetParam() == Adapter::kRocksNegativeLookups) options.negative_lookups = AllTables();
    if (GetParam() == Adapter::kRocksPinned) options.resident = "\x10\x11";
    auto rocks = RocksKeyValue::Open(options);
    EXPECT_TRUE(rocks.ok()) << rocks.status();
    store_ = *std::move(rocks);
  }

  std::vector<std::string> Keys(std::string_view prefix, std::string_view from = "", size_t most = 100) {
    std::vector<std::string> keys;
    store_->Scan(prefix, from, [&](std::string_view key, std::string_view) {
      keys.emplace_back(key);
      return keys.size() < most;
    });
    return keys;
  }

  TestDirectory directory_;
  std::unique_ptr<KeyValue> store_;
};

TEST_P(KeyValueContract, ReturnsWhatWasWritten) {
  store_->Write({{"k1", "v"}, {"k2", ""}, {std::string("k\0\xff", 3), std::string("\0v", 2)}});
  std::string value;
  EXPECT_TRUE(store_->Get("k1", &value));
  EXPECT_EQ(value, "v");
  EXPECT_TRUE(store_->Get("k2", &value));
  EXPECT_EQ(value, "");
  EXPECT_TRUE(store_->Get(std::string_view("k\0\xff", 3), &value));
  EXPECT_EQ(value, std::string("\0v", 2));
  EXPECT_FALSE(store_->Get("k", &value));
  store_->Write({{"k1", std::nullopt}, {"never there", std::nullopt}, {"k2", "new"}});
  EXPECT_FALSE(store_->Get("k1", &value));
  EXPECT_TRUE(store_->Get("k2", &value));
  EXPECT_EQ(value, "new");
}

// A key in table 16.
std::string InTable(std::string_view rest) { return "\x10" + std::string(rest); }

TEST_P(KeyValueContract, ScansAPrefixInOrder) {
  store_->Write({{InTable(""), "0"},
                 {InTable("a"), "1"},
                 {InTable("b"), "2"},
                 {InTable("\xff"), "3"},
                 {InTable("\xff\xff"), "4"},
                 {"\x11", "5"}});
  EXPECT_THAT(Keys(InTable("")),
              ElementsAre(InTable(""), InTable("a"), InTable("b"), InTable("\xff"), InTable("\xff\xff")));
  for (const char* from : {"aa", "b"}) {
    EXPECT_THAT(Keys(InTable(""), InTable(from)), ElementsAre(InTable("b"), InTable("\xff"), InTable("\xff\xff")));
  }
  EXPECT_THAT(Keys(InTable("\xff")), ElementsAre(InTable("\xff"), InTable("\xff\xff")));
  EXPECT_THAT(Keys(InTable(""), "", 2), ElementsAre(InTable(""), InTable("a")));
  EXPECT_THAT(Keys("\x12"), IsEmpty());
  EXPECT_THAT(Keys("\xff"), IsEmpty());
}

TEST_P(KeyValueContract, AgreesWithAMap) {
  std::mt19937_64 random(7);
  std::map<std::string, std::string> model;
  const auto key = [&] {
    std::string k(1, static_cast<char>(16 + random() % 3));
    for (size_t length = random() % 3; length > 0; --length) k.push_back(static_cast<char>(random() % 4 * 85));
    return k;
  };
  for (int i = 0; i < 300; ++i) {
    std::map<std::string, std::optional<std::string>> changes;
    for (size_t n = random() % 5; n > 0; --n) {
      changes[key()] = random() % 3 == 0 ? std::nullopt : std::optional(std::to_string(i));
    }
    std::vector<Change> write;
    for (auto& [k, v] : changes) {
      write.push_back({k, v});
      if (v)
        model[k] = *v;
      else
        model.erase(k);
    }
    store_->Write(write);
    const std::string prefix = key();
    std::vector<std::string> expected;
    for (auto row = model.lower_bound(prefix); row != model.end() && row->first.starts_with(prefix); ++row) {
      expected.push_back(row->first);
    }
    ASSERT_EQ(Keys(prefix), expected) << i;
  }
}

std::map<std::string, std::string> AllOf(const KeyValue& rows) {
  std::map<std::string, std::string> all;
  for (const char* prefix : {"\x10", "\x11", "\x12"}) {
    rows.Scan(prefix, "", [&](std::string_view key, std::string_view value) { return all.emplace(key, value).second; });
  }
  return all;
}

TEST_P(KeyValueContract, AViewDoesNotSeeLaterWrites) {
  std::mt19937_64 random(11);
  struct Kept {
    std::unique_ptr<const KeyValue> view;
    std::map<std::string, std::string> rows;
  };
  std::vector<Kept> kept;
  std::map<std::string, std::string> model;
  for (int i = 0; i < 400; ++i) {
    std::map<std::string, std::optional<std::string>> changes;
    for (size_t n = random() % 4; n > 0; --n) {
      const std::string key{static_cast<char>(16 + random() % 3), static_cast<char>('a' + random() % 26)};
      changes[key] = random() % 3 == 0 ? std::nullopt : std::optional(std::to_string(i));
    }
    std::vector<Change> write;
    for (auto& [key, value] : changes) {
      write.push_back({key, value});
      value ? static_cast<void>(model[key] = *value) : static_cast<void>(model.erase(key));
    }
    store_->Write(write);
    if (i % 7 == 0) kept.push_back({store_->View(), model});
    if (kept.size() > 8) kept.erase(kept.begin() + static_cast<ptrdiff_t>(random() % kept.size()));
    for (const Kept& one : kept) {
      ASSERT_EQ(AllOf(*one.view), one.rows) << i;
      for (char table = 16; table < 19; ++table) {
        const std::string key{table, static_cast<char>('a' + random() % 26)};
        std::string value;
        const auto expected = one.rows.find(key);
        ASSERT_EQ(one.view->Get(key, &value), expected != one.rows.end()) << i;
        if (expected != one.rows.end()) ASSERT_EQ(value, expected->second) << i;
      }
    }
    ASSERT_EQ(AllOf(*store_), model) << i;
  }
}

TEST_P(KeyValueContract, AScanDoesNotSeeConcurrentWrites) {
  std::vector<Change> rows;
  for (int i = 0; i < 1000; ++i) rows.push_back({"\x10" + std::to_string(1000 + i), "old"});
  store_->Write(rows);
  const auto view = store_->View();
  int seen = 0;
  view->Scan("\x10", "", [&](std::string_view, std::string_view value) {
    if (++seen == 10) {
      for (Change& row : rows) row.value = seen % 2 == 0 ? std::optional<std::string>("new") : std::nullopt;
      rows.push_back({InTable("9999"), "new"});
      store_->Write(rows);
    }
    return value == "old";
  });
  EXPECT_EQ(seen, 1000);
}

TEST(MemTable, ARangeReadsNoMoreRowsThanRequested) {
  MemTable rows;
  for (int i = 0; i < 1000; ++i) rows.Put({"\x10" + std::to_string(1000 + i), "v"}, 1);
  const auto some = rows.Range(InTable(""), InTable("1500"), MemTable::kNewest, 10);
  ASSERT_EQ(some.size(), 10u);
  EXPECT_EQ(some.front().key, InTable("1500"));
  EXPECT_EQ(some.back().key, InTable("1509"));
  EXPECT_EQ(rows.Range("\x10", "", MemTable::kNewest, 2000).size(), 1000u);
}

constexpr Table<throughline::log::v1::StreamRow, std::string, int64_t> kRows{16};
constexpr Table<int64_t, std::string> kNumbers{17};

throughline::log::v1::StreamRow Row(uint64_t version) {
  throughline::log::v1::StreamRow row;
  row.set_version(version);
  return row;
}

TEST_P(KeyValueContract, TablesAreSeparate) {
  Batch batch(*store_);
  kRows.Put(batch, "a", 2, Row(2));
  kRows.Put(batch, "a", -1, Row(1));
  kRows.Put(batch, "ab", 0, Row(3));
  kNumbers.Put(batch, "a", -7);
  store_->Write(batch.TakeChanges());
  EXPECT_EQ(kRows.Get(*store_, "a", 2)->version(), 2u);
  EXPECT_EQ(kRows.Get(*store_, "a", 3), std::nullopt);
  EXPECT_EQ(kNumbers.Get(*store_, "a"), -7);
  EXPECT_TRUE(kNumbers.Has(*store_, "a"));
  EXPECT_FALSE(kNumbers.Has(*store_, "b"));
  std::vector<uint64_t> seen;
  std::string page;
  const auto visit = [&](std::string_view raw, const auto& key, const throughline::log::v1::StreamRow& row) {
    seen.push_back(row.version());
    page = std::string(raw);
    return std::get<1>(key) < 0;
  };
  kRows.Scan(*store_, "", visit, "a");
  EXPECT_THAT(seen, ElementsAre(1, 2)) << "and not the rows of ab";
  seen.clear();
  kRows.Scan(*store_, page, visit);
  EXPECT_THAT(seen, ElementsAre(3)) << "continues after the page";
}

TEST_P(KeyValueContract, ABatchReadsItsOwnWrites) {
  store_->Write({{kNumbers.KeyOf("kept"), EncodeRow<int64_t>(1)}, {kNumbers.KeyOf("gone"), EncodeRow<int64_t>(1)}});
  Batch batch(*store_);
  EXPECT_EQ(kNumbers.Get(batch, "kept"), 1);
  kNumbers.Put(batch, "kept", 2);
  kNumbers.Put(batch, "new", 3);
  kNumbers.Delete(batch, "gone");
  EXPECT_EQ(kNumbers.Get(batch, "kept"), 2);
  EXPECT_EQ(kNumbers.Get(batch, "new"), 3);
  EXPECT_EQ(kNumbers.Get(batch, "gone"), std::nullopt);
  EXPECT_EQ(kNumbers.Get(*store_, "kept"), 1) << "not visible outside of the batch";
  kNumbers.Delete(batch, "new");
  EXPECT_EQ(kNumbers.Get(batch, "new"), std::nullopt);
  store_->Write(batch.TakeChanges());
  EXPECT_EQ(kNumbers.Get(*store_, "kept"), 2);
  EXPECT_EQ(kNumbers.Get(*store_, "new"), std::nullopt);
  EXPECT_EQ(kNumbers.Get(*store_, "gone"), std::nullopt);
  EXPECT_THAT(batch.TakeChanges(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Adapters, KeyValueContract,
                         ::testing::Values(Adapter::kMemory, Adapter::kRocks, Adapter::kRocksFlushingAlways,
                                           Adapter::kRocksPinned, Adapter::kRocksNegativeLookups),
                         [](const auto& info) {
                           switch (info.param) {
                             case Adapter::kMemory:
                               return "Memory";
                             case Adapter::kRocks:
                               return "Rocks";
                             case Adapter::kRocksFlushingAlways:
                               return "RocksFlushingAlways";
                             case Adapter::kRocksPinned:
                               return "RocksPinned";
                             case Adapter::kRocksNegativeLookups:
                               return "RocksNegativeLookups";
                           }
                           return "";
                         });

}  // namespace
}  // namespace throughline::store
