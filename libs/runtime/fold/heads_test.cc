#include "libs/runtime/fold/heads.h"

#include <map>

#include <gtest/gtest.h>

#include "libs/runtime/fold/tables.h"
#include "libs/runtime/testing/account.h"
#include "libs/store/memory_key_value.h"

namespace throughline::runtime::testing {
namespace {

// Counts how often each row is looked for.
class CountingStore : public store::MemoryKeyValue {
 public:
  bool Get(std::string_view key, std::string* value) const override {
    ++looked_for[std::string(key)];
    return MemoryKeyValue::Get(key, value);
  }
  mutable std::map<std::string, int> looked_for;
};

class HeadsTest : public ::testing::Test {
 protected:
  // Of other streams: more than are kept, `used` among them again and again.
  void LoadManyAnd(const std::string& used) {
    for (int i = 0; i < 30'000; ++i) {
      heads_.Load(type_, "account/" + std::to_string(i));
      if (i % 1000 == 0) heads_.Load(type_, used);
    }
  }

  const StreamType type_ = StreamType::Own<Account>(log::Topic::kIntake);
  CountingStore store_;
  Heads heads_{store_};
};

TEST_F(HeadsTest, KeepsThoseThatAreUsed) {
  LoadManyAnd("account/busy");
  EXPECT_EQ(store_.looked_for[kStreamRows.KeyOf("account/busy")], 1);
  heads_.Load(type_, "account/0");
  EXPECT_EQ(store_.looked_for[kStreamRows.KeyOf("account/0")], 2) << "memory is bounded";
}

TEST_F(HeadsTest, KeepsTheNewestOfWhatWasKeptBefore) {
  for (uint64_t version = 1; version <= 3; ++version) {
    store::Batch batch(store_);
    heads_.Store(batch, "account/busy", {version, "digest", std::make_shared<v1::AccountState>()});
    store_.Write(batch.TakeChanges());
    LoadManyAnd("account/busy");
    EXPECT_EQ(heads_.Load(type_, "account/busy").version, version);
    EXPECT_NE(heads_.Load(type_, "account/busy").state, nullptr);
  }
  EXPECT_EQ(store_.looked_for[kStreamRows.KeyOf("account/busy")], 0);
}

}  // namespace
}  // namespace throughline::runtime::testing
