// SearchCases, as it is asked for.

#include "gmock/gmock.h"

#include "services/ownership/search/document.h"
#include "services/ownership/search/search_query.h"
#include "services/ownership/search/testing_search.h"

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
  Do<v1::CloseCaseResponse, v1::CloseCaseRequest>("CloseCase",
                                                  R"(case_id: "c1" reason: "no part" options_offered: "a refund")");
  EXPECT_THAT(Words("part refund"), ElementsAre("c1"));
  EXPECT_THAT(Words("\"the case was closed\""), IsEmpty());
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

}  // namespace
}  // namespace throughline::ownership
