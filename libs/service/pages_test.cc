#include "libs/service/pages.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/store/memory_key_value.h"
#include "libs/store/table.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/outage/v1/queries.pb.h"

namespace throughline::service {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr store::Table<std::string, std::string, std::string> kByOwner{16};

intake::v1::ListCasesRequest CasesOf(const std::string& owner) {
  intake::v1::ListCasesRequest request;
  request.set_owner(owner);
  return request;
}

TEST(PageToken, LeadsBackToItsKeyForItsQuestionOnly) {
  const std::string question = Question(CasesOf("ana"));
  const std::string last = kByOwner.KeyOf("ana", "case-7");
  const std::string token = PageToken(question, last);
  EXPECT_EQ(*AfterPage(question, kByOwner.KeyOf("ana"), token), last);
  EXPECT_EQ(*AfterPage(question, kByOwner.KeyOf("ana"), ""), "");

  intake::v1::ListCasesRequest next_page = CasesOf("ana");
  next_page.set_page_size(7);
  next_page.set_page_token(token);
  next_page.set_consistency_token("t");
  EXPECT_EQ(Question(next_page), question);

  for (const std::string& wrong : {Question(CasesOf("ben")), Question(outage::v1::ListNoticesRequest())}) {
    const absl::Status refused = AfterPage(wrong, kByOwner.KeyOf("ana"), token).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(refused.message()), HasSubstr("page_token"));
  }
  EXPECT_FALSE(AfterPage(question, kByOwner.KeyOf("ben"), token).ok()) << "a key outside of the list";
  EXPECT_FALSE(AfterPage(question, "", PageToken(question, "")).ok());
  EXPECT_FALSE(AfterPage(question, "", token + "!").ok());
}

class FillPageTest : public ::testing::Test {
 protected:
  void Fill(int cases) {
    store::Batch batch(store);
    for (int i = 0; i < cases; ++i) kByOwner.Put(batch, "ana", std::to_string(100'000 + i), "");
    kByOwner.Put(batch, "ben", "100000", "");
    store.Write(batch.TakeChanges());
  }

  store::MemoryKeyValue store;
};

TEST_F(FillPageTest, GivesEachRowOnceOverAllPages) {
  constexpr int kCases = 600;
  Fill(kCases);
  const std::string question = Question(CasesOf("ana"));
  for (const size_t size : {1u, 7u, 32u, 96u, 256u, 300u, 600u, 601u}) {
    int next = 0;
    std::string token;
    do {
      std::vector<std::string> page;
      const auto after = AfterPage(question, kByOwner.KeyOf("ana"), token);
      ASSERT_TRUE(after.ok()) << after.status();
      token = FillPage(
          store, kByOwner, *after, question,
          [&](const std::string& id) {
            if (page.size() == size) return false;
            page.push_back(id);
            return true;
          },
          "ana");
      EXPECT_FALSE(page.empty()) << "a page after the end, of size " << size;
      for (const std::string& id : page) ASSERT_EQ(id, std::to_string(100'000 + next++));
    } while (!token.empty());
    EXPECT_EQ(next, kCases) << size;
  }
}

TEST_F(FillPageTest, EndsEarlyWhereFewRowsMatch) {
  Fill(static_cast<int>(kMaxLookedAt) + 10);
  size_t looked_at = 0;
  const auto none = [&](const std::string&) { return ++looked_at > 0; };
  const std::string token = FillPage(store, kByOwner, "", "question", none, "ana");
  EXPECT_EQ(looked_at, kMaxLookedAt);
  ASSERT_FALSE(token.empty());
  EXPECT_THAT(FillPage(store, kByOwner, *AfterPage("question", "", token), "question", none, "ana"), IsEmpty());
  EXPECT_EQ(looked_at, kMaxLookedAt + 10);
}

}  // namespace
}  // namespace throughline::service
