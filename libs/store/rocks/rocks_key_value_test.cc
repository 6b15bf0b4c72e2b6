// Other layouts, other processes, damage and kills: what only a store on a disk can meet.

#include "libs/store/rocks/rocks_key_value.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <thread>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/files/whole_file.h"
#include "libs/store/rocks/rocks_under_test.h"
#include "tests/support/eventually.h"

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
  EXPECT_EQ(rows, 1u) << "the layout is not a row";
}

TEST_F(RocksStore, TellsHowLargeFiltersAndIndexesAre) {
  auto store = Open();
  std::vector<Change> changes;
  for (int row = 0; row < 10'000; ++row) changes.push_back({absl::StrCat("\x10", row), "v"});
  const uint64_t empty = store->IndexBytes();
  store->Write(changes);
  store->FlushSoon();
  // A filter has ten bits for each row.
  EXPECT_TRUE(Eventually([&] { return store->IndexBytes() > empty + 12'000; })) << store->IndexBytes();
  const uint64_t before = store->IndexBytes();
  store.reset();
  store = Open();
  EXPECT_TRUE(Eventually([&] { return store->IndexBytes() == before; })) << store->IndexBytes();
}

TEST_F(RocksStore, PinnedTablesLoadTheirRows) {
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
  EXPECT_TRUE(Has(*Open(), "\x10m")) << "they are in the database as well";
}

TEST_F(RocksStore, FindsRowsInTablesOfNegativeLookups) {
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
  for (int opened = 0; opened < 2; ++opened) {  // a store that has such rows does not use the filter
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

TEST_F(RocksStore, IsRebuiltWithAnotherLayout) {
  Open("1")->Write({{"\x10k", "v"}});
  EXPECT_FALSE(Has(*Open("2"), "\x10k"));
  Open("2")->Write({{"\x10k", "v"}});
  EXPECT_TRUE(Has(*Open("2"), "\x10k"));
}

TEST_F(RocksStore, ReportsADirectoryInUse) {
  auto first = Open();
  first->Write({{"\x10k", "v"}});
  auto second = RocksKeyValue::Open(Options());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("in use by another process"));
  EXPECT_TRUE(Has(*first, "\x10k")) << "the first one continues";
}

TEST_F(RocksStore, ReportsThatItCannotMakeTheDirectory) {
  std::ofstream(directory_.path() + "/store") << "a file";
  auto store = RocksKeyValue::Open(Options());
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(store.status().message()), HasSubstr(directory_.path()));
}

TEST_F(RocksStore, IsRebuiltWhenItsFilesCannotBeOpened) {
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

TEST_F(RocksStore, SetsTheLastDamagedOneAside) {
  const std::string aside = RocksKeyValue::AsidePath(Options().path);
  for (const char* mark : {"/first", "/second"}) {
    Fill();
    for (const std::string& file : Files("MANIFEST")) Overwrite(file, "\x5a\x5a", 0.4);
    std::ofstream(Options().path + mark) << "x";
    EXPECT_FALSE(Has(*Open(), "\x10key0"));
    EXPECT_TRUE(std::filesystem::exists(aside + mark));
    EXPECT_THAT(files::ReadFile(aside + "/DAMAGED").value_or(""), HasSubstr("Corruption"));
    std::filesystem::remove_all(Options().path);
  }
  EXPECT_FALSE(std::filesystem::exists(aside + "/first")) << "one is kept, not all";
}

TEST_F(RocksStore, AsksForAnotherStoreOnlyIfItsOwnCannotBeUsed) {
  int asked = 0;
  RocksKeyValue::Options options = Options();
  const auto other = directory_.path() + "/other";
  options.restore = [&] {
    ++asked;
    EXPECT_FALSE(std::filesystem::exists(options.path));
    std::filesystem::copy(other, options.path);
    return absl::OkStatus();
  };
  const auto restored = [&](int times, const char* when) {
    const auto store = RocksKeyValue::Open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_TRUE(Has(**store, "\x10k")) << when;
    EXPECT_EQ(asked, times) << when;
  };
  Open()->Write({{"\x10k", "v"}});
  std::filesystem::rename(options.path, other);
  restored(1, "without a store");
  restored(1, "with one");
  std::filesystem::remove(options.path + "/CURRENT");
  restored(2, "without the file that names the others");
  std::filesystem::remove_all(options.path);
  Open("2");
  restored(3, "with a store of another layout");
  std::ofstream(options.path + "/DAMAGED") << "x";
  options.restore = [] { return absl::ResourceExhaustedError("full"); };
  EXPECT_EQ(RocksKeyValue::Open(options).status(), absl::ResourceExhaustedError("full"));
}

// A reader must never get fewer rows than there are. So the process stops, and the next start rebuilds the store.
TEST_F(RocksStore, StopsAtADamagedTableAndIsRebuilt) {
  // RocksDB has threads, so the process that dies is not forked but started again. It gets here with the damaged
  // store's path in its environment.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  RocksKeyValue::Options damaged = Options();
  if (const char* path = std::getenv("THROUGHLINE_DAMAGED_STORE"); path != nullptr) {
    damaged.path = path;
    std::filesystem::remove_all(directory_.path());  // the child's own, which no destructor removes
  } else {
    Fill();
    const std::vector<std::string> tables = Files(".sst");
    ASSERT_FALSE(tables.empty());
    for (const std::string& table : tables) {
      // A small table holds the layout: without it, the store would not open at all.
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

// A failed compaction never catches up, so nothing may wait for it.
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

// Pending rows are lost. The position, which is written with the rows, tells where the fold continues.
TEST_F(RocksStore, HoldsAPrefixOfItsWritesAfterAKill) {
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

TEST_F(RocksStore, FlushesOldRowsForReadersInOtherProcesses) {
  RocksKeyValue::Options options = Options();
  options.pending_age = absl::ZeroDuration();
  auto store = RocksKeyValue::Open(options);
  ASSERT_TRUE(store.ok());
  (*store)->Write({{"\x10k", "v"}});
  EXPECT_TRUE(Eventually([&] {
    auto reader = RocksKeyValue::OpenToRead(options);
    return reader.ok() && Has(**reader, "\x10k");
  }));
}

// A scan and a get are consistent, wherever the rows are: pending, being flushed, or in files.
TEST_F(RocksStore, ReadsNeverGoBackDuringFlushes) {
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
  const std::string first_key = std::string("\x10") + "a";
  for (int64_t i = 0; i < 30'000; ++i) {
    const std::string number = std::to_string(i);
    store->Write({{first_key, number}, {"\x10z", number}, {"\x11" + number, std::string(100, 'x')}});
  }
  stop = true;
  reader.join();
}

// While an older row of a key is being flushed, a get and a scan return its newest version.
TEST_F(RocksStore, ReadsReturnTheNewestRowWhileAnOlderOneIsFlushed) {
  auto store = Open();
  const auto flushing = [file = Options().path + "/incoming.sst"] { return std::filesystem::exists(file); };
  int during_flush = 0;
  for (int i = 0; i < 30'000; ++i) {
    const std::string number = std::to_string(i);
    const bool deleted = i % 2 == 1;
    const bool flushing_before = flushing();
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
    if (flushing_before && flushing()) ++during_flush;
  }
  EXPECT_GT(during_flush, 0) << "no read happened during a flush";
}

}  // namespace
}  // namespace throughline::store
