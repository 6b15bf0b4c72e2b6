#include <atomic>
#include <map>
#include <thread>

#include "gmock/gmock.h"

#include "libs/store/rocks/rocks_under_test.h"

namespace throughline::store {
namespace {

using ::testing::HasSubstr;

// During writes, a checkpoint holds a complete prefix of them.
TEST_F(RocksStore, ACheckpointHoldsAPrefixOfTheWrites) {
  auto store = Open();
  std::atomic<bool> stop{false};
  std::atomic<int64_t> written{-1};
  std::thread writer([&] {
    for (int64_t i = 0; !stop.load(); ++i) {
      store->Write({{"\x10" + std::to_string(1'000'000 + i), std::string(50, 'v')},
                    {"\x11position", std::to_string(i)},
                    {"\x12" + std::to_string(i - 1), std::nullopt},
                    {"\x12" + std::to_string(i), "the last"}});
      written.store(i);
    }
  });
  for (int round = 0; round < 5; ++round) {
    while (written.load() < round * 5'000) std::this_thread::yield();
    const int64_t before = written.load();
    const std::string copy = directory_.path() + "/copy-" + std::to_string(round);
    ASSERT_EQ(store->Checkpoint(copy), absl::OkStatus());
    auto options = Options();
    options.path = copy;
    auto opened = RocksKeyValue::Open(options);
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ((*opened)->VerifyFiles(), absl::OkStatus());
    std::string position;
    ASSERT_TRUE((*opened)->Get("\x11position", &position));
    EXPECT_GE(std::stoll(position), before) << "it has all earlier writes";
    int64_t rows = 0;
    (*opened)->Scan("\x10", "", [&](std::string_view, std::string_view) { return ++rows > 0; });
    EXPECT_EQ(rows, std::stoll(position) + 1);
    int64_t last = 0;
    (*opened)->Scan("\x12", "", [&](std::string_view, std::string_view) { return ++last > 0; });
    EXPECT_EQ(last, 1);
    (*opened)->Write({{"\x13own", "a checkpoint is a store"}});
  }
  stop = true;
  writer.join();
  EXPECT_FALSE(Has(*store, "\x13own"));
}

TEST_F(RocksStore, IsPrivateAndSoAreItsCheckpoints) {
  auto store = Open();
  const std::string copy = directory_.path() + "/copy";
  ASSERT_EQ(store->Checkpoint(copy), absl::OkStatus());
  EXPECT_EQ(std::filesystem::status(Options().path).permissions(), std::filesystem::perms::owner_all);
  EXPECT_EQ(std::filesystem::status(copy).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(RocksStore, ACheckpointOverwritesNothing) {
  auto store = Open();
  store->Write({{"\x10k", "v"}});
  const std::string copy = directory_.path() + "/copy";
  ASSERT_EQ(store->Checkpoint(copy), absl::OkStatus());
  ASSERT_EQ(store->Checkpoint(copy + "2"), absl::OkStatus()) << "with no pending rows";
  EXPECT_EQ(store->Checkpoint(copy).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(store->Checkpoint(directory_.path() + "/no/such/folder").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Has(*store, "\x10k"));
}

TEST_F(RocksStore, ADamagedCheckpointIsDetected) {
  Fill();
  const std::string copy = directory_.path() + "/copy";
  ASSERT_EQ(Open()->Checkpoint(copy), absl::OkStatus());
  auto options = Options();
  options.path = copy;
  ASSERT_EQ((*RocksKeyValue::OpenToRead(options))->VerifyFiles(), absl::OkStatus());
  for (const auto& entry : std::filesystem::directory_iterator(copy)) {
    if (entry.path().extension() != ".sst" || entry.file_size() < 10'000) continue;
    const std::filesystem::path other = entry.path().string() + ".copy";  // the store shares the file
    std::filesystem::copy_file(entry.path(), other);
    std::filesystem::rename(other, entry.path());
    Overwrite(entry.path(), "\x5a\x5a", 0.3);
  }
  EXPECT_EQ((*RocksKeyValue::OpenToRead(options))->VerifyFiles().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Open()->VerifyFiles(), absl::OkStatus());
}
}  // namespace
}  // namespace throughline::store
