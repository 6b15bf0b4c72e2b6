// The search with a million cases: pages of rare words, of words that stand in half of all cases, of filters, of both,
// far down a list, and by rank. And how long the index takes to be filled.

#include <algorithm>
#include <filesystem>
#include <random>

#include "absl/time/clock.h"
#include <fmt/format.h>

#include "libs/client/load.h"
#include "libs/runtime/domain/time.h"
#include "libs/service/pages.h"
#include "libs/store/rocks/rocks_key_value.h"
#include "services/ownership/history/history.h"
#include "services/ownership/projections/tables.h"
#include "services/ownership/search/search_changes.h"
#include "services/ownership/search/search_index.h"
#include "services/ownership/search/search_query.h"
#include "tests/bench/support/fixture.h"
#include "tests/bench/support/watchers.h"
#include "tests/support/test_directory.h"
#include "throughline/intake/v1/case.pb.h"

namespace throughline::bench {
namespace {

using namespace ownership;  // NOLINT: its tables

constexpr int kSearches = 1000;
constexpr int kPageOfCases = 20;
constexpr int kOwners = 200;
constexpr int kVocabulary = 50'000;
constexpr int kWordsInCase = 60;
constexpr absl::Duration kBetween = absl::Seconds(20);  // two cases
const absl::Time kFirst = absl::FromUnixSeconds(1'750'000'000);

// Words as a language has them: the n-th most frequent is about n times as rare as the first, which is in most cases.
class Vocabulary {
 public:
  Vocabulary() {
    double sum = 0;
    for (int n = 1; n <= kVocabulary; ++n) bounds_.push_back(sum += 1.0 / n);
  }
  std::string Any(std::mt19937_64& random) const {
    const double at = std::uniform_real_distribution<>(0, bounds_.back())(random);
    return Word(static_cast<int>(std::lower_bound(bounds_.begin(), bounds_.end(), at) - bounds_.begin()));
  }
  // Of rank `n`, from 0.
  static std::string Word(int n) {
    constexpr char kLetters[] = "bcdfghjklmnprstvz";
    constexpr char kVowels[] = "aeiou";
    std::string word;
    for (int64_t rest = int64_t{n} * 7919 + 85'000; rest > 0; rest /= 85) {
      word.push_back(kLetters[rest % 17]);
      word.push_back(kVowels[rest / 17 % 5]);
    }
    return word;
  }

 private:
  std::vector<double> bounds_;
};

class Searched {
 public:
  explicit Searched(int64_t cases) : cases_(cases) {
    store::RocksKeyValue::Options options;
    options.path = directory_.path() + "/store";
    options.layout = "bench";
    auto store = store::RocksKeyValue::Open(options);
    if (!store.ok()) Fail(store.status().ToString());
    store_ = *std::move(store);
    std::mt19937_64 random(1);
    for (int64_t n = 0; n < cases; n += 2000) {
      store::Batch batch(*store_);
      for (int64_t i = n; i < std::min(n + 2000, cases); ++i) Put(i, random, batch);
      store_->Write(batch.TakeChanges());
    }
    const absl::Time begun = absl::Now();
    auto index = SearchIndex::Open(Path(), "bench");
    if (!index.ok()) Fail(index.status().ToString());
    const runtime::Seen seen({{{log::Topic::kIntake, 0}, cases}});
    while (true) {
      const auto progress = (*index)->Read(*store_->View(), seen);
      if (!progress.ok()) Fail(progress.status().ToString());
      if (*progress == SearchIndex::kDone) break;
    }
    filled_ = absl::Now() - begun;
    auto query = SearchQuery::Open(Path());
    if (!query.ok()) Fail(query.status().ToString());
    query_ = *std::move(query);
  }

  double CasesPerSecond() const { return static_cast<double>(cases_) / absl::ToDoubleSeconds(filled_); }
  double IndexMib() const { return static_cast<double>(std::filesystem::file_size(Path())) / (1 << 20); }
  int64_t cases() const { return cases_; }

  // `pages`: how far to go on from the first one; each page counts.
  std::vector<absl::Duration> Measure(const std::function<v1::SearchCasesRequest(int)>& request, int pages = 1) {
    std::vector<absl::Duration> took;
    found_ = 0;
    for (int n = 0; n < kSearches; n += pages) {
      v1::SearchCasesRequest asked = request(n);
      asked.set_page_size(kPageOfCases);
      std::string after;
      for (int page = 0; page < pages; ++page) {
        const absl::Time begun = absl::Now();
        const auto found = query_->Answer(asked, "question", after, absl::InfiniteFuture());
        took.push_back(absl::Now() - begun);
        if (!found.ok()) Fail(found.status().ToString());
        found_ += found->cases_size();
        if (found->next_page_token().empty()) break;
        after = *service::AfterPage("question", kSearchPrefix, found->next_page_token());
      }
    }
    return took;
  }
  // By the searches that were measured last.
  int64_t found() const { return found_; }

 private:
  std::string Path() const { return directory_.path() + "/cases.sqlite"; }

  void Put(int64_t n, std::mt19937_64& random, store::Batch& batch) {
    const std::string id = fmt::format("{:026}", n * 7919 % 1'000'000'007);
    const absl::Time opened = kFirst + n * kBetween;
    v1::OwnershipStarted opening;
    opening.set_case_id(id);
    opening.set_owner(fmt::format("rep-{:03}", random() % kOwners));
    opening.set_customer_id(fmt::format("C-{}", random() % 300'000));
    opening.set_order_id(fmt::format("SO-{}", n));
    opening.set_subject(Text(8, random));
    *opening.mutable_opened_at() = runtime::ToProto(opened);
    kOpenings.Put(batch, id, opening);
    intake::v1::CaseEvent event;
    event.mutable_opened()->set_text(Text(kWordsInCase, random));
    v1::HistoryRow row;
    row.set_case_event(event.SerializeAsString());
    kHistory.Put(batch, id, opened, 0, 1, 0, row);
    kSearchChanges.Put(batch, 0, 0, n, id);
  }
  std::string Text(int words, std::mt19937_64& random) const {
    std::string text;
    for (int n = 0; n < words; ++n) text += vocabulary_.Any(random) + " ";
    return text;
  }

  const int64_t cases_;
  const Vocabulary vocabulary_;
  TestDirectory directory_;
  std::unique_ptr<store::RocksKeyValue> store_;
  std::unique_ptr<SearchQuery> query_;
  absl::Duration filled_;
  int64_t found_ = 0;
};

std::string Owner(int n) { return fmt::format("rep-{:03}", n % kOwners); }

v1::SearchCasesRequest Words(std::string words) {
  v1::SearchCasesRequest request;
  request.set_words(std::move(words));
  return request;
}

}  // namespace

void MeasureSearch(const Size& size, Report& report) {
  Progress(fmt::format("search: {} cases", size.large_orders));
  Searched cases(size.large_orders);
  report.AddValue("search_filled_per_s", "search: cases read into an empty index", cases.CasesPerSecond(), "/s");
  report.AddValue("search_index_mib", "search: size of the index", cases.IndexMib(), "MiB");
  const auto word = [](int n) { return Vocabulary::Word(n); };
  const auto status = [](v1::SearchCasesRequest request, v1::CaseStatus only) {
    request.add_statuses(only);
    return request;
  };
  struct Search {
    const char* key;
    const char* what;
    std::function<v1::SearchCasesRequest(int)> request;
    int pages = 1;
  };
  const std::vector<Search> all = {
      {"common", "a word of most cases", [&](int n) { return Words(word(n % 3)); }},
      {"two_common", "two words of many cases", [&](int n) { return Words(word(n % 5) + " " + word(5 + n % 5)); }},
      {"middle", "two words of a few thousand cases",
       [&](int n) { return Words(word(200 + n) + " " + word(20 + n % 90)); }},
      {"rare", "a rare word", [&](int n) { return Words(word(20'000 + n * 7)); }},
      {"never_together", "a common and a rare word",
       [&](int n) { return Words(word(n % 3) + " " + word(30'000 + n * 7)); }},
      {"phrase", "a phrase of common words",
       [&](int n) { return Words("\"" + word(n % 3) + " " + word(n % 7) + "\""); }},
      {"beginning", "the beginning of a word", [&](int n) { return Words(word(n % 500).substr(0, 2 + n % 4) + "*"); }},
      {"customer", "a customer",
       [&](int n) {
         v1::SearchCasesRequest request;
         request.set_customer_id(fmt::format("C-{}", n * 97));
         return request;
       }},
      {"order", "an order",
       [&](int n) {
         v1::SearchCasesRequest request;
         request.set_order_id(fmt::format("SO-{}", n * 89 % cases.cases()));
         return request;
       }},
      {"owner_status", "an owner's open cases",
       [&](int n) {
         v1::SearchCasesRequest request = status({}, v1::CASE_STATUS_OPEN);
         request.set_owner(Owner(n));
         return request;
       }},
      {"common_owner_status", "a common word in an owner's open cases",
       [&](int n) {
         v1::SearchCasesRequest request = status(Words(word(n % 3)), v1::CASE_STATUS_OPEN);
         request.set_owner(Owner(n));
         return request;
       }},
      {"common_closed", "a common word in a status that no case has",
       [&](int n) { return status(Words(word(n % 3)), v1::CASE_STATUS_CLOSED_CONFIRMED); }},
      {"common_month", "a common word, opened in one month long ago",
       [&](int n) {
         v1::SearchCasesRequest request = Words(word(n % 3));
         const absl::Time from = kFirst + (n % 100) * kBetween * (cases.cases() / 200);
         *request.mutable_opened_from() = runtime::ToProto(from);
         *request.mutable_opened_before() = runtime::ToProto(from + absl::Hours(24 * 30));
         return request;
       }},
      {"none", "no word and no filter", [](int) { return v1::SearchCasesRequest(); }},
      {"deep", "a word of most cases, page after page", [&](int n) { return Words(word(n / 100 % 3)); }, 100},
      {"best_common", "the best by a word of most cases",
       [&](int n) {
         v1::SearchCasesRequest request = Words(word(n % 3));
         request.set_order(v1::SEARCH_ORDER_BEST);
         return request;
       }},
      {"best_two", "the best by two words",
       [&](int n) {
         v1::SearchCasesRequest request = Words(word(5 + n % 20) + " " + word(30 + n % 50));
         request.set_order(v1::SEARCH_ORDER_BEST);
         return request;
       }},
  };
  for (const Search& one : all) {
    double p99 = 1e9;
    for (int round = 0; round < size.rounds; ++round) {
      std::vector<absl::Duration> took = cases.Measure(one.request, one.pages);
      p99 = std::min(p99, client::Percentile(took, 0.99));
    }
    report.AddValue(
        fmt::format("search_{}_p99_ms", one.key),
        fmt::format("search p99, {}, {:.1f} found a page", one.what, static_cast<double>(cases.found()) / kSearches),
        p99, "ms", 50.0);
  }
}

}  // namespace throughline::bench
