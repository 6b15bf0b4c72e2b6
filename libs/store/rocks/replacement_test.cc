// Stores built beside the one that serves, and how they take its place, also after a kill between any two steps.

#include "libs/store/rocks/replacement.h"

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/store/rocks/rocks_under_test.h"

namespace throughline::store {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Replacement : public RocksStore {
 protected:
  const std::string path_ = Options().path;

  // A closed store whose only row names it.
  void Make(const std::string& path, const std::string& layout, const std::string& name) {
    RocksKeyValue::Options options = Options(layout);
    options.path = path;
    auto store = RocksKeyValue::Open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    (*store)->Write({{"\x10name", name}});
  }
  void MakeNext(const std::string& layout, const std::string& name = "next") {
    Make(NextPath(path_), layout, name);
    ASSERT_TRUE(MarkRebuilt(path_, {layout, absl::Now(), 17}).ok());
  }
  // The name of the store that serves a version with this layout; empty: a new one.
  std::string Serves(const std::string& layout) { return NameIn(Open(layout)); }
  std::string NameAt(const std::string& path, const std::string& layout) {
    RocksKeyValue::Options options = Options(layout);
    options.path = path;
    auto store = RocksKeyValue::OpenToRead(options);
    return store.ok() ? NameIn(*std::move(store)) : std::string(store.status().message());
  }
  static std::string NameIn(const std::unique_ptr<RocksKeyValue>& store) {
    std::string name;
    return store != nullptr && store->Get("\x10name", &name) ? name : "";
  }
};

TEST_F(Replacement, SaysWhatIsComplete) {
  EXPECT_FALSE(ReadRebuilt(path_));
  EXPECT_EQ(ChooseRebuilt(path_).code(), absl::StatusCode::kFailedPrecondition);
  MakeNext("1");
  const std::optional<Rebuilt> rebuilt = ReadRebuilt(path_);
  ASSERT_TRUE(rebuilt);
  EXPECT_EQ(rebuilt->layout, "1");
  EXPECT_EQ(rebuilt->records, 17);
  EXPECT_FALSE(IsChosen(path_, "1"));
  ASSERT_TRUE(ChooseRebuilt(path_).ok());
  EXPECT_TRUE(IsChosen(path_, "1"));
  EXPECT_FALSE(IsChosen(path_, "2")) << "a service of another version has no use for it";
  ASSERT_TRUE(UnmarkRebuilt(path_).ok());
  EXPECT_FALSE(ReadRebuilt(path_));
  EXPECT_FALSE(IsChosen(path_, "1"));
}

TEST_F(Replacement, AStoreOfTheSameLayoutServesOnceItIsChosen) {
  Make(path_, "1", "old");
  MakeNext("1");
  EXPECT_EQ(Serves("1"), "old");
  ASSERT_TRUE(ChooseRebuilt(path_).ok());
  EXPECT_EQ(Serves("1"), "next");
  EXPECT_EQ(NameAt(PreviousPath(path_), "1"), "old");
  EXPECT_FALSE(fs::exists(NextPath(path_)));
  EXPECT_EQ(Serves("1"), "next") << "and at each later start";
}

TEST_F(Replacement, AStoreOfTheNewLayoutServesTheNewVersion) {
  Make(path_, "1", "old");
  MakeNext("2");
  ASSERT_TRUE(ChooseRebuilt(path_).ok());
  EXPECT_EQ(Serves("1"), "old") << "the version before has no use for it";
  EXPECT_EQ(Serves("2"), "next");
  EXPECT_EQ(NameAt(PreviousPath(path_), "1"), "old");
}

TEST_F(Replacement, AVersionThatIsTakenBackFindsItsStore) {
  Make(path_, "1", "old");
  EXPECT_EQ(Serves("2"), "") << "nothing was prepared";
  Open("2")->Write({{"\x10name", "new"}});
  EXPECT_EQ(Serves("1"), "old");
  EXPECT_EQ(Serves("2"), "new");
  EXPECT_EQ(Serves("1"), "old");
  EXPECT_EQ(Serves("3"), "");
  EXPECT_EQ(NameAt(PreviousPath(path_), "1"), "old") << "the one that served last is kept";
}

TEST_F(Replacement, AnIncompleteStoreNeverServes) {
  Make(path_, "1", "old");
  Make(NextPath(path_), "2", "half");
  EXPECT_EQ(Serves("2"), "");
  EXPECT_TRUE(fs::exists(NextPath(path_))) << "its builder goes on with it";
  fs::remove_all(path_);
  EXPECT_EQ(Serves("2"), "");
}

TEST_F(Replacement, ACompleteStoreServesInPlaceOfALostOrDamagedOne) {
  MakeNext("1", "first");
  EXPECT_EQ(Serves("1"), "first");
  MakeNext("1", "second");
  std::ofstream(path_ + "/DAMAGED") << "by a test\n";
  EXPECT_EQ(Serves("1"), "second");
  EXPECT_FALSE(fs::exists(PreviousPath(path_))) << "a damaged store is of no use to anybody";
}

TEST_F(Replacement, IsNotTakenIfItIsDamagedItself) {
  Make(path_, "1", "old");
  MakeNext("2");
  fs::remove(NextPath(path_) + "/CURRENT");
  EXPECT_EQ(Serves("2"), "");
  EXPECT_EQ(NameAt(PreviousPath(path_), "1"), "old");
}

TEST_F(Replacement, WaitsForWhoeverUsesAStore) {
  Make(path_, "1", "old");
  MakeNext("1");
  ASSERT_TRUE(ChooseRebuilt(path_).ok());
  RocksKeyValue::Options options = Options();
  options.path = NextPath(path_);
  auto builder = RocksKeyValue::Open(options);
  ASSERT_TRUE(builder.ok());
  const auto refused = RocksKeyValue::Open(Options());
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("in use by another process"));
  EXPECT_EQ(UnmarkRebuilt(path_).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(RemoveStore(NextPath(path_)).code(), absl::StatusCode::kFailedPrecondition);
  builder->reset();
  ASSERT_TRUE(UnmarkRebuilt(path_).ok());
  const auto serving = Open();
  EXPECT_EQ(NameIn(serving), "old");
  EXPECT_TRUE(RemoveStore(NextPath(path_)).ok());
  EXPECT_TRUE(absl::IsNotFound(RemoveStore(NextPath(path_))));
}

// Each state that a kill can leave behind while a store takes another's place.
TEST_F(Replacement, SurvivesAKillBetweenAnyTwoSteps) {
  const std::string aside = path_ + ".replaced", previous = PreviousPath(path_);
  struct State {
    const char* what;
    std::function<void()> left;
    bool over;  // nothing is left to be done
  };
  const std::vector<State> states = {
      {"the serving store is on its way", [&] { fs::rename(path_, aside); }, false},
      {"the new one is in its place",
       [&] {
         fs::rename(path_, aside);
         fs::rename(NextPath(path_), path_);
       },
       true},
      {"the one before the previous is being deleted",
       [&] {
         fs::rename(path_, aside);
         fs::rename(NextPath(path_), path_);
         fs::rename(previous, previous + ".removed");
       },
       true},
  };
  for (const bool same_layout : {true, false}) {
    for (const State& state : states) {
      SCOPED_TRACE(state.what);
      const std::string wanted = same_layout ? "1" : "2";
      for (const auto& left : fs::directory_iterator(directory_.path())) fs::remove_all(left);
      Make(path_, "1", "old");
      Make(previous, "1", "older");
      MakeNext(wanted);
      ASSERT_TRUE(ChooseRebuilt(path_).ok());
      state.left();
      if (!same_layout && !state.over) {
        EXPECT_EQ(Serves("1"), "old") << "the version before may start first";
      }
      EXPECT_EQ(Serves(wanted), "next");
      EXPECT_EQ(NameAt(previous, "1"), "old");
      EXPECT_FALSE(fs::exists(aside));
    }
  }
}

}  // namespace
}  // namespace throughline::store
