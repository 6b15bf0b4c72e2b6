// SearchCases, as it is asked for; and the index on its own: behind, damaged, of another log.

#include "services/ownership/search/search.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"

#include "services/ownership/testing.h"
#include "tests/support/test_directory.h"
#include "throughline/ownership/v1/search.pb.h"

namespace throughline::ownership {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The text with its marks as brackets.
template <typename Marks>
std::string Marked(std::string text, const Marks& marks) {
  for (int i = marks.size() - 1; i >= 0; --i) {
    text.insert(marks[i].end(), "]");
    text.insert(marks[i].begin(), "[");
  }
  return text;
}

class SearchTest : public OwnershipService {
 protected:
  absl::StatusOr<v1::SearchCasesResponse> Ask(const std::string& request) {
    return Give<v1::SearchCasesResponse>("SearchCases", FromText<v1::SearchCasesRequest>(request));
  }
  // The ids of what is found, on all pages.
  Strings Find(const std::string& request) {
    Strings found;
    std::string token;
    do {
      const auto page = Ask(request + (token.empty() ? "" : " page_token: \"" + token + "\""));
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return found;
      for (const auto& one : page->cases()) found.push_back(one.case_id());
      token = page->next_page_token();
    } while (!token.empty());
    return found;
  }
  Strings Words(const std::string& words) {
    v1::SearchCasesRequest request;
    request.set_words(words);
    return Find(request.ShortDebugString());
  }
  void Open(const std::string& id, const std::string& subject, const std::string& text = "",
            const std::string& customer = "lee", const std::string& owner = "ana") {
    world_.clock.Pass(absl::Seconds(1));
    intake::v1::CaseEvent event;
    auto& opened = *event.mutable_opened();
    opened.set_case_id(id);
    opened.set_customer_id(customer);
    opened.set_subject(subject);
    opened.set_text(text);
    opened.set_owner(owner);
    world_.Write(Topic::kIntake, "case/" + id, event);
  }
  void Say(const std::string& id, const std::string& text) {
    intake::v1::CaseEvent event;
    auto& said = *event.mutable_interaction_recorded();
    said.set_interaction_id(absl::StrCat("i", ++said_));
    said.set_direction(intake::v1::DIRECTION_INBOUND);
    said.set_text(text);
    world_.Write(Topic::kIntake, "case/" + id, event);
  }
  template <typename Response, typename Request>
  void Do(const std::string& method, const std::string& request, const std::string& who = "ana",
          runtime::Role role = ROLE_REP) {
    const auto done = Give<Response>(method, FromText<Request>(request), who, role);
    EXPECT_TRUE(done.ok()) << done.status();
  }

  int said_ = 0;
};

TEST_F(SearchTest, FindsAllWordsWhereverTheyStandInTheCase) {
  Open("c2", "Kettle leaks", "It drips at the spout.");
  Open("c3", "Kettle is loud");
  Say("c2", "I want my money back");
  EXPECT_THAT(Words("kettle"), ElementsAre("c3", "c2")) << "the newest first";
  EXPECT_THAT(Words("kettle money"), ElementsAre("c2"));
  EXPECT_THAT(Words("KETTLE Spout"), ElementsAre("c2"));
  EXPECT_THAT(Words("heat"), ElementsAre("c1"));
  EXPECT_THAT(Words("kett"), IsEmpty()) << "a word is a whole word";
  EXPECT_THAT(Words("kett*"), ElementsAre("c3", "c2"));
  EXPECT_THAT(Words("kettl*"), ElementsAre("c3", "c2"));
  EXPECT_THAT(Words("kettle*"), ElementsAre("c3", "c2")) << "longer than the prefixes that are kept";
  EXPECT_THAT(Words("\"at the spout\""), ElementsAre("c2"));
  EXPECT_THAT(Words("\"spout the at\""), IsEmpty());
}

TEST_F(SearchTest, FindsAccentsAndOtherScripts) {
  Open("c2", "Café über Straße", "Чайник течёт");
  EXPECT_THAT(Words("cafe uber"), ElementsAre("c2"));
  EXPECT_THAT(Words("ЧАЙНИК"), ElementsAre("c2"));
}

TEST_F(SearchTest, FindsWhatWasNotedPromisedAndProposed) {
  Do<v1::AddWorkNoteResponse, v1::AddWorkNoteRequest>("AddWorkNote", R"(case_id: "c1" text: "asked the plumber")");
  Promise(absl::Hours(1));
  Do<v1::ProposeResolutionResponse, v1::ProposeResolutionRequest>("ProposeResolution",
                                                                  R"(case_id: "c1" text: "a new boiler")");
  EXPECT_THAT(Words("plumber"), ElementsAre("c1"));
  EXPECT_THAT(Words("\"call back\" boiler"), ElementsAre("c1"));
  EXPECT_THAT(Words("Tell the customer how it stands"), IsEmpty()) << "our own standing words";
}

// What a caller writes is never syntax of the index.
TEST_F(SearchTest, TakesEverythingButQuotationMarksAndStarsForWords) {
  Open("c2", "kettle AND kettle OR boiler", "NEAR(a b) subject: x -minus ^first \"quoted\"");
  for (const char* words : {"AND", "OR", "NOT", "near(a", "subject:", "-minus", "^first", "{subject}", "(kettle)",
                            "kettle)", "\"kettle", "kettle\"", "'kettle'", "kettle;--", "* kettle", "\"\" kettle"}) {
    const auto found = Ask([&] {
      v1::SearchCasesRequest request;
      request.set_words(words);
      return request.ShortDebugString();
    }());
    EXPECT_TRUE(found.ok()) << words << ": " << found.status();
  }
  EXPECT_THAT(Words("AND OR"), ElementsAre("c2"));
  EXPECT_THAT(Words("kettle NOT boiler"), IsEmpty()) << "`not` does not stand there";
  EXPECT_THAT(Words("facets:xfacetw"), IsEmpty());
  EXPECT_THAT(Words(FacetOf(kOwnerFacet, "ana")), IsEmpty()) << "what is filtered by is no word of the case";
  for (const char* words : {"*", "--", "\"\"", "a*", ". , ;"}) {
    v1::SearchCasesRequest request;
    request.set_words(words);
    EXPECT_EQ(Ask(request.ShortDebugString()).status().code(), absl::StatusCode::kInvalidArgument) << words;
  }
  std::string many;
  for (int i = 0; i < 17; ++i) absl::StrAppend(&many, "w ");
  EXPECT_EQ(Ask("words: \"" + many + "\"").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SearchTest, FiltersByCustomerOrderOwnerStatusAndTime) {
  Open("c2", "kettle", "", "C-17", "ben");
  Open("c3", "kettle", "", "c-17", "ana");
  Do<v1::CloseCaseResponse, v1::CloseCaseRequest>("CloseCase", R"(case_id: "c3" reason: "r" options_offered: "o")");
  EXPECT_THAT(Find(R"(customer_id: "C-17")"), ElementsAre("c2")) << "ids are exact";
  EXPECT_THAT(Find(R"(customer_id: "c-17")"), ElementsAre("c3"));
  EXPECT_THAT(Find(R"(order_id: "SO-1")"), ElementsAre("c1"));
  EXPECT_THAT(Find(R"(owner: "ana")"), ElementsAre("c3", "c1"));
  EXPECT_THAT(Find(R"(owner: "ana" words: "kettle")"), ElementsAre("c3"));
  EXPECT_THAT(Find("statuses: CASE_STATUS_OPEN"), ElementsAre("c2", "c1"));
  EXPECT_THAT(Find("statuses: CASE_STATUS_OPEN statuses: CASE_STATUS_CLOSED_UNCONFIRMED words: \"kettle\""),
              ElementsAre("c3", "c2"));
  Do<v1::ReassignCaseResponse, v1::ReassignCaseRequest>("ReassignCase", R"(case_id: "c2" to: "ana" reason: "r")", "sue",
                                                        ROLE_SUPERVISOR);
  EXPECT_THAT(Find(R"(owner: "ben")"), IsEmpty()) << "who owns it now";
  EXPECT_THAT(Find(""), ElementsAre("c3", "c2", "c1"));

  const auto second = runtime::FromProto(Ask(R"(customer_id: "C-17")")->cases(0).opened_at());
  const auto at = [](absl::Time time) { return "{ " + runtime::ToProto(time).ShortDebugString() + " }"; };
  EXPECT_THAT(Find("opened_from " + at(second)), ElementsAre("c3", "c2"));
  EXPECT_THAT(Find("opened_from " + at(second + absl::Microseconds(1))), ElementsAre("c3"));
  EXPECT_THAT(Find("opened_before " + at(second)), ElementsAre("c1"));
  EXPECT_THAT(Find("opened_before " + at(second + absl::Microseconds(1)) + " words: \"kettle\""), ElementsAre("c2"));
}

TEST_F(SearchTest, MarksTheWordsInSubjectAndExcerpt) {
  Open("c2", "Kettle leaks", "Yesterday the kettle leaked; today the KETTLE is dry. \xC3\xBC kettle");
  const auto found = Ask(R"(words: "kettle")");
  ASSERT_TRUE(found.ok());
  const auto& one = found->cases(0);
  EXPECT_EQ(Marked(one.subject(), one.subject_marks()), "[Kettle] leaks");
  EXPECT_EQ(Marked(one.excerpt(), one.excerpt_marks()),
            "Yesterday the [kettle] leaked; today the [KETTLE] is dry. \xC3\xBC [kettle]");
  EXPECT_EQ(one.customer_id(), "lee");
  EXPECT_EQ(one.owner(), "ana");
  EXPECT_EQ(one.status(), v1::CASE_STATUS_OPEN);
}

TEST_F(SearchTest, PagesAreStableWhileCasesAreOpened) {
  for (int i = 10; i < 30; ++i) Open(absl::StrCat("k", i), "kettle");
  const auto first = Ask(R"(words: "kettle" page_size: 7)");
  ASSERT_TRUE(first.ok());
  ASSERT_EQ(first->cases_size(), 7);
  Open("newer", "kettle");
  Strings rest;
  std::string token = first->next_page_token();
  while (!token.empty()) {
    const auto page = Ask("words: \"kettle\" page_size: 7 page_token: \"" + token + "\"");
    ASSERT_TRUE(page.ok());
    for (const auto& one : page->cases()) rest.push_back(one.case_id());
    token = page->next_page_token();
  }
  ASSERT_EQ(rest.size(), 13u);
  EXPECT_EQ(rest.front(), "k22");
  EXPECT_EQ(rest.back(), "k10");
  EXPECT_EQ(Ask("words: \"boiler\" page_token: \"" + first->next_page_token() + "\"").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(SearchTest, TheBestComesFirstAndPagesGoOnThere) {
  Open("often", "a", "kettle kettle kettle");
  Open("subject", "kettle");
  Open("once", "b", "kettle");
  EXPECT_EQ(Find(R"(words: "kettle" order: SEARCH_ORDER_BEST)"), (Strings{"subject", "often", "once"}));
  EXPECT_EQ(Find(R"(words: "kettle" order: SEARCH_ORDER_BEST page_size: 1)"), (Strings{"subject", "often", "once"}));
  const auto first = Ask(R"(words: "kettle" order: SEARCH_ORDER_BEST page_size: 1)");
  Open("newer", "kettle kettle");
  const auto second =
      Ask("words: \"kettle\" order: SEARCH_ORDER_BEST page_size: 1 page_token: \"" + first->next_page_token() + "\"");
  EXPECT_EQ(second->cases(0).case_id(), "often");
  EXPECT_FALSE(second->more_than_ranked());
  EXPECT_EQ(Ask("order: SEARCH_ORDER_BEST").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SearchTest, RanksTheNewestThousandAndSaysSo) {
  for (int i = 0; i <= kRanked; ++i) {
    intake::v1::CaseEvent event;
    event.mutable_opened()->set_case_id(absl::StrCat("m", i));
    event.mutable_opened()->set_owner("ana");
    event.mutable_opened()->set_subject(i == 0 ? "kettle kettle kettle" : "kettle");
    world_.clock.Pass(absl::Milliseconds(1));
    world_.Append(Topic::kIntake, absl::StrCat("case/m", i), event);
  }
  world_.Run();
  const auto found = Ask(R"(words: "kettle" order: SEARCH_ORDER_BEST page_size: 1000)");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->cases_size(), kRanked);
  EXPECT_TRUE(found->more_than_ranked());
  for (const auto& one : found->cases()) EXPECT_NE(one.case_id(), "m0") << "the oldest is not ranked";
}

TEST_F(SearchTest, ALongCaseIsFoundByItsOpeningAndItsNewestWords) {
  Open("c2", "kettle", "opening");
  Say("c2", "forgotten");
  for (int i = 0; i < 10; ++i) Say("c2", std::string(10'000, 'x'));
  Say("c2", "newest");
  EXPECT_THAT(Words("opening newest"), ElementsAre("c2"));
  EXPECT_THAT(Words("forgotten"), IsEmpty());
}

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
