// What only a store on a disk can meet: another layout, another process, damage.

#include "libs/store/rocks_key_value.h"

#include <cstdlib>
#include <fstream>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/store/test_directory.h"

namespace throughline::store {
namespace {

using ::testing::ExitedWithCode;
using ::testing::HasSubstr;

class RocksStore : public ::testing::Test {
 protected:
  RocksKeyValue::Options Options(const std::string& layout = "1") const {
    return {
        .path = directory_.path() + "/store", .layout = layout, .cache_bytes = 1 << 20, .write_buffer_bytes = 64 << 10};
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
  // Enough rows that some are in tables on disk.
  void Fill() {
    auto store = Open();
    for (int i = 0; i < 3000; ++i)
      store->Write({{"\x10key" + std::to_string(i), std::string(100, static_cast<char>('a' + i % 20))}});
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
    stream.seekp(static_cast<std::streamoff>(static_cast<double>(std::filesystem::file_size(file)) * at));
    stream << bytes;
  }

  TestDirectory directory_;
};

TEST_F(RocksStore, KeepsItsRows) {
  Open()->Write({{"\x10k", "v"}});
  auto again = Open();
  EXPECT_TRUE(Has(*again, "\x10k"));
  size_t rows = 0;
  again->Scan("\x10", "", [&](std::string_view, std::string_view) { return ++rows > 0; });
  EXPECT_EQ(rows, 1u) << "its own bookkeeping is no row";
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
    for (const std::string& table : tables) Overwrite(table, std::string(64, '\x5a'), 0.3);
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

// What the write-ahead log lost is the newest; the position in the same batch says so, and the tail is folded again.
TEST_F(RocksStore, ComesBackWithAPrefixOfItsWritesAfterATornTail) {
  {
    auto store = Open();
    for (int i = 0; i < 100; ++i) {
      store->Write({{"\x10" + std::to_string(1000 + i), "v"}, {"\x11position", std::to_string(i)}});
    }
  }
  const std::vector<std::string> logs = Files(".log");
  ASSERT_FALSE(logs.empty());
  for (const std::string& file : logs) std::filesystem::resize_file(file, std::filesystem::file_size(file) * 2 / 3);
  auto store = Open();
  ASSERT_NE(store, nullptr);
  size_t rows = 0;
  store->Scan("\x10", "", [&](std::string_view, std::string_view) { return ++rows > 0; });
  std::string position;
  ASSERT_TRUE(store->Get("\x11position", &position));
  EXPECT_EQ(rows, std::stoul(position) + 1);
  EXPECT_LT(rows, 100u);
}

}  // namespace
}  // namespace throughline::store
