// The index: behind, damaged, of another log, and with the threads of a process.

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"

#include "services/ownership/search/search.h"
#include "services/ownership/search/testing_search.h"
#include "tests/support/test_directory.h"

namespace throughline::ownership {
namespace {

using ::testing::UnorderedElementsAre;

// The index on its own, over the rows of a service.
class IndexTest : public SearchTest {
 protected:
  std::string Path() const { return directory_.path() + "/cases.sqlite"; }
  std::unique_ptr<SearchIndex> OpenIndex(const std::string& log = "log") {
    auto index = SearchIndex::Open(Path(), log);
    EXPECT_TRUE(index.ok()) << index.status();
    return *std::move(index);
  }
  static SearchIndex::Progress ReadAll(SearchIndex& index, Node& node) {
    while (true) {
      const auto rows = node.streams().View();
      const auto progress = index.Read(*rows, node.streams().SeenBy(*rows));
      EXPECT_TRUE(progress.ok()) << progress.status();
      if (!progress.ok() || *progress != SearchIndex::kMore) return progress.value_or(SearchIndex::kBehind);
    }
  }
  Strings FindIn(const std::string& words) {
    v1::SearchCasesRequest request;
    request.set_words(words);
    request.set_page_size(100);
    auto query = SearchQuery::Open(Path());
    EXPECT_TRUE(query.ok());
    const auto found = (*query)->Answer(request, "question", "", absl::InfiniteFuture());
    EXPECT_TRUE(found.ok()) << found.status();
    Strings ids;
    if (!found.ok()) return ids;
    for (const auto& one : found->cases()) ids.push_back(one.case_id());
    return ids;
  }

  TestDirectory directory_;
};

TEST_F(IndexTest, GoesOnWhereItWas) {
  ReadAll(*OpenIndex(), node_);
  Open("c2", "kettle");
  auto index = OpenIndex();
  EXPECT_EQ(index->cases(), 1);
  EXPECT_EQ(ReadAll(*index, node_), SearchIndex::kDone);
  EXPECT_EQ(index->cases(), 2);
  EXPECT_EQ(FindIn("kettle"), Strings{"c2"});
  const auto rows = node_.streams().View();
  EXPECT_EQ(index->seen(), node_.streams().SeenBy(*rows));
}

TEST_F(IndexTest, ReadsNothingFromRowsThatAreBehindIt) {
  Node before(Define({}), world_.book, world_.clock);
  before.Run();
  Open("c2", "kettle");
  auto index = OpenIndex();
  ReadAll(*index, node_);
  Say("c1", "boiler");
  EXPECT_EQ(ReadAll(*index, before), SearchIndex::kBehind);
  EXPECT_EQ(FindIn("kettle"), Strings{"c2"});
  before.Run();
  EXPECT_EQ(ReadAll(*index, before), SearchIndex::kDone);
  EXPECT_EQ(FindIn("boiler"), Strings{"c1"});
}

// Two cases that were opened in one millisecond, and whose ids' digests begin alike.
TEST_F(IndexTest, TellsCasesApartThatFallOnOneDocument) {
  std::map<int64_t, std::string> seen;
  std::string first, second;
  for (int i = 0; second.empty(); ++i) {
    const auto [before, added] =
        seen.emplace(DocumentId(absl::UnixEpoch(), absl::StrCat("n", i)), absl::StrCat("n", i));
    if (!added) first = before->second, second = absl::StrCat("n", i);
  }
  OpenInThisMoment(first, "kettle");
  OpenInThisMoment(second, "boiler");
  auto index = OpenIndex();
  ReadAll(*index, node_);
  for (const std::string& id : {first, second}) {
    Say(id, "plumber of " + id);
    ReadAll(*index, node_);
  }
  EXPECT_EQ(index->cases(), 3);
  EXPECT_EQ(FindIn("kettle plumber " + first), Strings{first});
  EXPECT_EQ(FindIn("boiler plumber " + second), Strings{second});
  EXPECT_THAT(FindIn("plumber"), UnorderedElementsAre(first, second));
}

// Whichever topic each folds first, and wherever their indexes stop in between, they end alike.
TEST_F(IndexTest, IsTheSameInWhateverOrderTopicsAreFoldedAndRead) {
  Open("c2", "kettle");
  Say("c2", "boiler");
  Do<v1::AddWorkNoteResponse, v1::AddWorkNoteRequest>("AddWorkNote", R"(case_id: "c2" text: "plumber")");
  Say("c2", "radiator");
  for (const Topic late : {Topic::kIntake, Topic::kOwnership}) {
    SearchIndex::Delete(Path());
    Node replica(Define({}), world_.book, world_.clock);
    replica.log().withheld = {late};
    replica.Run();
    auto index = OpenIndex();
    ReadAll(*index, replica);
    replica.log().withheld.clear();
    replica.Run();
    ReadAll(*index, replica);
    EXPECT_EQ(FindIn("kettle boiler plumber radiator"), Strings{"c2"});
  }
}

TEST_F(IndexTest, AFileThatIsDamagedOrOfAnotherLogOrLayoutIsFilledAnew) {
  Open("c2", "kettle");
  ReadAll(*OpenIndex(), node_);
  EXPECT_EQ(OpenIndex("another log")->cases(), 0);
  ReadAll(*OpenIndex("another log"), node_);
  std::ofstream(Path(), std::ios::trunc) << "this is no database, and long enough to be looked at";
  auto index = OpenIndex("another log");
  EXPECT_EQ(index->cases(), 0);
  EXPECT_EQ(ReadAll(*index, node_), SearchIndex::kDone);
  EXPECT_EQ(FindIn("kettle"), Strings{"c2"});
  index.reset();
  ASSERT_TRUE((*Sqlite::Open(Path()))->Run("DELETE FROM counted").ok());
  EXPECT_EQ(ReadAll(*OpenIndex("another log"), node_), SearchIndex::kDone);
  EXPECT_EQ(OpenIndex("another log")->cases(), 2) << "filled anew, and counted again";
}

// With its threads.
class RunningSearchTest : public IndexTest {
 protected:
  absl::StatusOr<v1::SearchCasesResponse> Ask(Search& search, const std::string& words, bool wait) {
    v1::SearchCasesRequest request;
    request.set_words(words);
    request.set_page_size(100);
    absl::Notification answered;
    absl::StatusOr<v1::SearchCasesResponse> response;
    search.Find(request, "question", "", wait, world_.clock.Now() + absl::Seconds(30), [&](auto found) {
      response = std::move(found);
      answered.Notify();
    });
    answered.WaitForNotification();
    return response;
  }
  absl::StatusOr<v1::SearchCasesResponse> AskUntilReady(Search& search, const std::string& words) {
    while (true) {
      auto found = Ask(search, words, true);
      if (runtime::ReasonOf(found.status()) != "SEARCH_NOT_READY") return found;
    }
  }
  std::shared_ptr<SearchProgress> progress_ = std::make_shared<SearchProgress>();
};

TEST_F(RunningSearchTest, FindsWhatWasFoldedBeforeTheCall) {
  Search search(node_.streams(), directory_.path(), progress_);
  for (int i = 0; i < 20; ++i) {
    Open(absl::StrCat("n", i), absl::StrCat("number", i));
    const auto found = AskUntilReady(search, absl::StrCat("number", i));
    ASSERT_TRUE(found.ok()) << found.status();
    ASSERT_EQ(found->cases_size(), 1) << i;
    EXPECT_FALSE(found->consistency_token().empty());
  }
  EXPECT_EQ(progress_->cases, 21);
  EXPECT_EQ(progress_->records_behind, 0);
}

TEST_F(RunningSearchTest, MendsAFileThatIsDamagedWhileItRuns) {
  Open("c2", "kettle");
  {
    Search search(node_.streams(), directory_.path(), progress_);
    ASSERT_TRUE(AskUntilReady(search, "kettle").ok());
  }
  {
    // Damage the pages behind the header, which opening does not read.
    std::fstream file(Path(), std::ios::in | std::ios::out | std::ios::binary);
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(Path()));
    ASSERT_GT(size, 8192);
    for (std::streamoff at = 4096 * 6; at < size; at += 4096) {
      file.seekp(at);
      file << std::string(4096, '\x5A');
    }
  }
  Search search(node_.streams(), directory_.path(), progress_);
  const auto found = AskUntilReady(search, "kettle");
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->cases_size(), 1);
  EXPECT_EQ(found->cases(0).case_id(), "c2");
}

// For instance after a restore: the log may have gone on otherwise.
TEST_F(RunningSearchTest, IsFilledAnewIfItIsAheadOfTheRows) {
  Node before(Define({}), world_.book, world_.clock);
  before.Run();
  Open("c2", "kettle");
  {
    Search search(node_.streams(), directory_.path(), progress_);
    ASSERT_TRUE(AskUntilReady(search, "kettle").ok());
  }
  Search search(before.streams(), directory_.path(), progress_);
  EXPECT_EQ(AskUntilReady(search, "kettle")->cases_size(), 0);
  EXPECT_EQ(AskUntilReady(search, "heat")->cases_size(), 1);
}

TEST_F(RunningSearchTest, EndsWhileCallsWait) {
  std::optional<Search> search;
  search.emplace(node_.streams(), directory_.path(), progress_);
  ASSERT_TRUE(AskUntilReady(*search, "heat").ok());
  int answered = 0;
  for (int i = 0; i < 50; ++i) {
    v1::SearchCasesRequest request;
    request.set_words("heat");
    request.set_page_size(1);
    search->Find(request, "q", "", i % 2 == 0, absl::InfiniteFuture(), [&](const auto&) { ++answered; });
  }
  search.reset();
  EXPECT_EQ(answered, 50);
}

TEST_F(RunningSearchTest, SaysSoWhenItCannotBeKept) {
  std::ofstream(directory_.path() + "/file") << "no directory";
  Search search(node_.streams(), directory_.path() + "/file/search", progress_);
  const auto found = Ask(search, "heat", false);
  EXPECT_EQ(runtime::ReasonOf(found.status()), "SEARCH_NOT_READY");
}

}  // namespace
}  // namespace throughline::ownership
