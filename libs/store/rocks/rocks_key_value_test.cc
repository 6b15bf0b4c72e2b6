// What only a store on a disk can meet: another layout, another process, damage.

#include "libs/store/rocks/rocks_key_value.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <thread>
#include <unistd.h>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/store/rocks/rocks_under_test.h"

namespace throughline::store {
namespace {

using ::testing::ExitedWithCode;
using ::testing::HasSubstr;
using ::testing::KilledBySignal;

TEST_F(RocksStore, KeepsItsRows) {
  Open()->Write({{"\x10k", "v"}});
  auto again = Open();
  EXPECT_TRUE(Has(*again, "\x10k"));
  size_t rows = 0;
  again->Scan("\x10", "", [&](std::string_view, std::string_view) { return ++rows > 0; });
  EXPECT_EQ(rows, 1u) << "its own bookkeeping is no row";
}

TEST_F(RocksStore, ResidentTablesHaveTheRowsOfBefore) {
  Open()->Write({{"\x10k", "v"}, {"\x10l", "v"}, {"\x11k", "v"}});
  RocksKeyValue::Options options = Options();
  options.resident = "\x10";
  auto store = RocksKeyValue::Open(options);
  ASSERT_TRUE(store.ok()) << store.status();
  (*store)->Write({{"\x10l", std::nullopt}, {"\x10m", "new"}, {"\x11k", "new"}});
  std::map<std::string, std::string> rows;
  for (std::string_view table : {"\x10", "\x11"}) {
    (*store)->Scan(table, "",
                   [&](std::string_view key, std::string_view value) { return rows.emplace(key, value).second; });
  }
  const std::map<std::string, std::string> expected = {{"\x10k", "v"}, {"\x10m", "new"}, {"\x11k", "new"}};
  EXPECT_EQ(rows, expected);
  store->reset();
  EXPECT_TRUE(Has(*Open(), "\x10m")) << "they are in the database too";
}

TEST_F(RocksStore, FindsWhatStandsInOftenAbsentTables) {
  RocksKeyValue::Options options = Options();
  options.negative_lookups = "\x10";
  const auto open = [&] {
    auto store = RocksKeyValue::Open(options);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  };
  auto store = open();
  EXPECT_FALSE(Has(*store, "\x10k"));
  store->Write({{"\x10k", "v"}, {"\x10l", "v"}, {"\x11k", "v"}});
  store->Write({{"\x10l", std::nullopt}});
  for (int opened = 0; opened < 2; ++opened) {  // a store that has such rows already goes without the filter
    EXPECT_TRUE(Has(*store, "\x10k"));
    EXPECT_FALSE(Has(*store, "\x10l"));
    EXPECT_FALSE(Has(*store, "\x10m"));
    EXPECT_TRUE(Has(*store, "\x11k"));
    store.reset();
    store = open();
  }
  store->Write({{"\x10m", "v"}});
  EXPECT_TRUE(Has(*store, "\x10k"));
  EXPECT_TRUE(Has(*store, "\x10m"));
}

TEST_F(RocksStore, BeginsAnewWithAnotherLayout) {
  Open("1")->Write({{"\x10k", "v"}});
  EXPECT_FALSE(Has(*Open("2"), "\x10k"));
  Open("2")->Write({{"\x10k", "v"}});
  EXPECT_TRUE(Has(*Open("2"), "\x10k"));
}

TEST_F(RocksStore, SaysThatTheDirectoryIsInUse) {
  auto first = Open();
  first->Write({{"\x10k", "v"}});
  auto second = RocksKeyValue::Open(Options());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("in use by another process"));
  EXPECT_TRUE(Has(*first, "\x10k")) << "the one that has it goes on";
}

TEST_F(RocksStore, SaysThatItCannotMakeTheDirectory) {
  std::ofstream(directory_.path() + "/store") << "a file";
  auto store = RocksKeyValue::Open(Options());
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(store.status().message()), HasSubstr(directory_.path()));
}

TEST_F(RocksStore, BeginsAnewWhenItsFilesCannotBeOpened) {
  for (const char* part : {"CURRENT", "MANIFEST", ".sst"}) {
    for (bool removed : {false, true}) {
      const bool overwritten = !removed && std::string(part) == "MANIFEST";
      Fill();
      const std::vector<std::string> files = Files(part);
      ASSERT_FALSE(files.empty()) << part;
      for (const std::string& file : files) {
        if (removed)
          std::filesystem::remove(file);
        else if (overwritten)
          Overwrite(file, "\x5a\x5a", 0.4);
        else
          std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
      }
      auto store = Open();
      ASSERT_NE(store, nullptr) << part << (removed ? " removed" : " cut");
      EXPECT_FALSE(Has(*store, "\x10key0")) << part << (removed ? " removed" : " cut");
      store->Write({{"\x10k", "v"}});
      store.reset();
      std::filesystem::remove_all(Options().path);
    }
  }
}

// A reader must never be given less than there is. Which is why it stops, and the next start begins anew.
TEST_F(RocksStore, StopsAtADamagedTableAndBeginsAnew) {
  // RocksDB has threads, so the reader that dies is this program started anew rather than forked; it comes by here with
  // the damaged store's options in its environment.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  RocksKeyValue::Options damaged = Options();
  if (const char* path = std::getenv("THROUGHLINE_DAMAGED_STORE"); path != nullptr) {
    damaged.path = path;
    std::filesystem::remove_all(directory_.path());  // of this process; it has no other chance to
  } else {
    Fill();
    const std::vector<std::string> tables = Files(".sst");
    ASSERT_FALSE(tables.empty());
    for (const std::string& table : tables) {
      // A small one holds the layout and little else; without it the store is not even opened.
      if (std::filesystem::file_size(table) > 50'000) Overwrite(table, std::string(64, '\x5a'), 0.3);
    }
    setenv("THROUGHLINE_DAMAGED_STORE", damaged.path.c_str(), 1);
  }
  EXPECT_EXIT(
      {
        auto opened = RocksKeyValue::Open(damaged);
        size_t rows = 0;
        (*opened)->Scan("\x10", "", [&](std::string_view, std::string_view) { return ++rows > 0; });
        ::_exit(rows == 3000 ? 0 : 1);
      },
      ExitedWithCode(70), "");
  unsetenv("THROUGHLINE_DAMAGED_STORE");
  auto store = Open();
  ASSERT_NE(store, nullptr);
  EXPECT_FALSE(Has(*store, "\x10key0"));
}

// Compaction that failed never catches up, so nobody must wait for it.
TEST_F(RocksStore, StopsWhenCompactionMeetsADamagedTable) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // as above
  RocksKeyValue::Options damaged = Options();
  if (const char* path = std::getenv("THROUGHLINE_DAMAGED_STORE"); path != nullptr) {
    damaged.path = path;
    std::filesystem::remove_all(directory_.path());
  } else {
    setenv("THROUGHLINE_DAMAGED_STORE", damaged.path.c_str(), 1);
  }
  EXPECT_EXIT(
      {
        auto opened = RocksKeyValue::Open(damaged);
        std::mt19937_64 random(7);
        for (int i = 0; i < 100'000; ++i) {
          (*opened)->Write({{"\x10" + std::to_string(random()), std::string(50, 'v')}});
          if (i % 1000 != 0) continue;
          for (const auto& entry : std::filesystem::directory_iterator(damaged.path)) {
            if (entry.path().extension() == ".sst") Overwrite(entry.path(), std::string(64, '\x5a'), 0.3);
          }
        }
        ::_exit(0);
      },
      ExitedWithCode(70), "");
  unsetenv("THROUGHLINE_DAMAGED_STORE");
  EXPECT_NE(Open(), nullptr);
}

// What was gathered and not filed is lost; the position that is written with the rows says so, and the tail is folded
// again.
TEST_F(RocksStore, ComesBackWithAPrefixOfItsWritesWhenItIsKilled) {
  constexpr int kWrites = 20'000;
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // as above
  RocksKeyValue::Options killed = Options();
  if (const char* path = std::getenv("THROUGHLINE_KILLED_STORE"); path != nullptr) {
    killed.path = path;
    std::filesystem::remove_all(directory_.path());
  } else {
    setenv("THROUGHLINE_KILLED_STORE", killed.path.c_str(), 1);
  }
  EXPECT_EXIT(
      {
        auto opened = RocksKeyValue::Open(killed);
        for (int i = 0; i < kWrites; ++i) {
          (*opened)->Write({{"\x10" + std::to_string(100'000 + i), std::string(50, 'v')},
                            {"\x11position", std::to_string(i)},
                            {"\x12" + std::to_string(i - 1), std::nullopt},
                            {"\x12" + std::to_string(i), "the last"}});
        }
        ::raise(SIGKILL);
      },
      KilledBySignal(SIGKILL), "");
  unsetenv("THROUGHLINE_KILLED_STORE");
  auto store = Open();
  ASSERT_NE(store, nullptr);
  const auto count = [&](std::string_view prefix) {
    size_t rows = 0;
    store->Scan(prefix, "", [&](std::string_view, std::string_view) { return ++rows > 0; });
    return rows;
  };
  std::string position;
  ASSERT_TRUE(store->Get("\x11position", &position));
  EXPECT_EQ(count("\x10"), std::stoul(position) + 1);
  EXPECT_EQ(count("\x12"), 1u);
  EXPECT_TRUE(Has(*store, "\x12" + position));
  EXPECT_LT(count("\x10"), size_t{kWrites});
  store->Write({{"\x10next", "v"}});
  store.reset();
  EXPECT_TRUE(Has(*Open(), "\x10next"));
}

TEST_F(RocksStore, ShowsItsRowsToAReaderBeforeLong) {
  RocksKeyValue::Options options = Options();
  options.pending_age = absl::ZeroDuration();
  auto store = RocksKeyValue::Open(options);
  ASSERT_TRUE(store.ok());
  (*store)->Write({{"\x10k", "v"}});
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  bool seen = false;
  while (!seen && absl::Now() < deadline) {
    auto reader = RocksKeyValue::OpenToRead(options);
    seen = reader.ok() && Has(**reader, "\x10k");
  }
  EXPECT_TRUE(seen);
}

// A scan and a get look at one moment, wherever the rows are: gathered, being filed, filed.
TEST_F(RocksStore, ReadsNeverGoBackWhileRowsAreFiled) {
  auto store = Open();
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    int64_t seen = 0;
    while (!stop.load()) {
      std::string first;
      std::string last;
      size_t rows = 0;
      store->Scan("\x10", "", [&](std::string_view, std::string_view value) {
        if (rows++ == 0) first = value;
        last = value;
        return true;
      });
      ASSERT_EQ(first, last) << "of one write";
      ASSERT_TRUE(rows == 0 || rows == 2) << rows;
      std::string now;
      if (!store->Get("\x10z", &now)) continue;
      ASSERT_GE(std::stoll(now), seen);
      seen = std::stoll(now);
    }
  });
  for (int64_t i = 0; i < 30'000; ++i) {
    const std::string number = std::to_string(i);
    store->Write({{"\x10"
                   "a",
                   number},
                  {"\x10z", number},
                  {"\x11" + number, std::string(100, 'x')}});
  }
  stop = true;
  reader.join();
}

// While a key's older row is being filed, a get and a scan give its newest row or deletion.
TEST_F(RocksStore, ReadsGiveTheNewestRowWhileAnOlderOneIsFiled) {
  auto store = Open();
  const auto filing = [file = Options().path + "/incoming.sst"] { return std::filesystem::exists(file); };
  int during_filing = 0;
  for (int i = 0; i < 30'000; ++i) {
    const std::string number = std::to_string(i);
    const bool deleted = i % 2 == 1;
    const bool filing_before = filing();
    store->Write({{"\x10k", number},
                  {"\x10m", deleted ? std::optional<std::string>() : number},
                  {"\x11" + number, std::string(100, 'x')}});
    std::string found;
    ASSERT_TRUE(store->Get("\x10k", &found));
    ASSERT_EQ(found, number);
    ASSERT_EQ(Has(*store, "\x10m"), !deleted) << "write " << i;
    std::vector<std::string> scanned;
    store->Scan("\x10", "", [&](std::string_view, std::string_view value) {
      scanned.emplace_back(value);
      return true;
    });
    ASSERT_EQ(scanned, std::vector<std::string>(deleted ? 1 : 2, number)) << "write " << i;
    if (filing_before && filing()) ++during_filing;
  }
  EXPECT_GT(during_filing, 0) << "no read met rows that were being filed";
}

}  // namespace
}  // namespace throughline::store
