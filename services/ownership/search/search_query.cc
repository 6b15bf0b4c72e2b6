#include "services/ownership/search/search_query.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "libs/service/pages.h"
#include "libs/store/key.h"
#include "libs/store/table.h"
#include "services/ownership/search/document.h"

namespace throughline::ownership {
namespace {

constexpr size_t kShortestBeginning = 2;
constexpr int64_t kNoBound = std::numeric_limits<int64_t>::max();

// Where a page begins.
struct Place {
  int64_t score = 0;       // of the last row before it; only in the order of ranks
  int64_t id = kNoBound;   // of the same
  int64_t top = kNoBound;  // the newest that is ranked, so that cases opened meanwhile shift nothing
};

// How well a document answers, in millionths: of each phrase, the more often it stands there the more, but less and
// less; four times in the subject. It depends on the document alone, so it is the same on every page and replica.
// See https://www.sqlite.org/fts5.html#custom_auxiliary_functions.
void Score(const Fts5ExtensionApi* api, Fts5Context* context, sqlite3_context* result, int, sqlite3_value**) {
  constexpr int kColumns[] = {4, 1, 0};  // subject, words, facets
  constexpr double kSaturation = 1.2;
  std::vector<int> weights(static_cast<size_t>(api->xPhraseCount(context)));
  int instances = 0;
  if (api->xInstCount(context, &instances) != SQLITE_OK) return sqlite3_result_error_code(result, SQLITE_CORRUPT);
  for (int i = 0; i < instances; ++i) {
    int phrase = 0, column = 0, offset = 0;
    if (api->xInst(context, i, &phrase, &column, &offset) != SQLITE_OK) continue;
    weights[static_cast<size_t>(phrase)] += kColumns[column];
  }
  double score = 0;
  for (const int weight : weights) score += weight / (weight + kSaturation);
  sqlite3_result_int64(result, std::llround(score * 1e6));
}

absl::Status AddScore(Sqlite& db) {
  fts5_api* api = nullptr;
  auto ask = db.Prepare("SELECT fts5(?1)");
  if (!ask.ok()) return ask.status();
  ask->BindPointer(1, &api, "fts5_api_ptr");
  if (const auto row = ask->Step(); !row.ok()) return row.status();
  if (api == nullptr || api->xCreateFunction(api, "score", nullptr, &Score, nullptr) != SQLITE_OK) {
    return absl::InternalError("this SQLite has no FTS5");
  }
  return absl::OkStatus();
}

bool HasLetter(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isalnum(c) || static_cast<unsigned char>(c) >= 0x80; });
}

// A string of FTS5's query language.
std::string Quoted(std::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(absl::string_view(text.data(), text.size()), {{"\"", "\"\""}}), "\"");
}

absl::StatusOr<std::vector<std::string>> PhrasesOf(std::string_view words) {
  std::vector<std::string> phrases;
  for (size_t at = 0; at < words.size();) {
    if (words[at] == ' ') {
      ++at;
      continue;
    }
    const bool quoted = words[at] == '"';
    const size_t begin = at + (quoted ? 1 : 0);
    const size_t end = std::min(words.find(quoted ? '"' : ' ', begin), words.size());
    std::string_view text = words.substr(begin, end - begin);
    at = end + (quoted ? 1 : 0);
    const bool beginning = !quoted && text.size() > 1 && text.back() == '*';
    if (beginning) text.remove_suffix(1);
    if (!HasLetter(text)) continue;
    if (beginning && text.size() < kShortestBeginning) {
      return runtime::BadField("words",
                               "has a beginning of a word that is too short: write at least 2 letters before *");
    }
    phrases.push_back(Quoted(text) + (beginning ? " *" : ""));
  }
  return phrases;
}

class Marks {
 public:
  // Takes the marks out of the text.
  template <typename List>
  static std::string Take(std::string_view marked, List& marks) {
    std::string text;
    for (const char c : marked) {
      if (c == kMarkBegin) {
        marks.Add()->set_begin(static_cast<uint32_t>(text.size()));
      } else if (c == kMarkEnd) {
        if (!marks.empty()) marks.rbegin()->set_end(static_cast<uint32_t>(text.size()));
      } else {
        text.push_back(c);
      }
    }
    return text;
  }
};

std::string KeyOf(const Place& place) {
  std::string key = kSearchPrefix;
  for (const int64_t part : {place.score, place.id, place.top}) store::AppendKey(key, part);
  return key;
}

absl::StatusOr<std::optional<Place>> PlaceAfter(const std::string& raw) {
  if (raw.empty()) return std::nullopt;
  std::string_view rest = std::string_view(raw).substr(1);
  Place place;
  if (!store::TakeKey(rest, place.score) || !store::TakeKey(rest, place.id) || !store::TakeKey(rest, place.top)) {
    return runtime::BadField("page_token", "belongs to another query: leave it out to start at the first page");
  }
  return place;
}

// The ids between which documents lie: from the first to below the second.
struct DocumentRange {
  int64_t from = 0;
  int64_t below = kNoBound;
};

DocumentRange RangeOf(const v1::SearchCasesRequest& request) {
  DocumentRange range;
  if (request.has_opened_from()) range.from = FirstDocumentId(runtime::FromProto(request.opened_from()));
  if (request.has_opened_before()) {
    range.below = FirstDocumentId(runtime::FromProto(request.opened_before()) + absl::Milliseconds(1));
  }
  return range;
}

// A document's id is exact to the millisecond only.
bool OpenedWithin(const v1::SearchCasesRequest& request, const v1::FoundCase& found) {
  const absl::Time opened = runtime::FromProto(found.opened_at());
  return (!request.has_opened_from() || opened >= runtime::FromProto(request.opened_from())) &&
         (!request.has_opened_before() || opened < runtime::FromProto(request.opened_before()));
}

class Finding {
 public:
  Finding(Sqlite& db, const v1::SearchCasesRequest& request, std::string match, const std::string& question)
      : db_(db), request_(request), match_(std::move(match)), question_(question), most_(service::PageSize(request)) {}

  absl::StatusOr<v1::SearchCasesResponse> Newest(const std::optional<Place>& after) {
    DocumentRange range = RangeOf(request_);
    if (after) range.below = std::min(range.below, after->id);
    auto rows =
        db_.Prepare(match_.empty() ? "SELECT id, shown, subject, substr(words, 1, 200) FROM cases WHERE id >= ?1 "
                                     "AND id < ?2 ORDER BY id DESC LIMIT ?3"
                                   : absl::StrCat("SELECT found.rowid, shown, ", kMarked,
                                                  " FROM found JOIN cases ON cases.id = found.rowid WHERE found "
                                                  "MATCH ?4 AND found.rowid >= ?1 AND found.rowid < ?2 "
                                                  "ORDER BY found.rowid DESC LIMIT ?3"));
    if (!rows.ok()) return rows.status();
    rows->Bind(1, range.from);
    rows->Bind(2, range.below);
    rows->Bind(3, int64_t{most_} + 1);
    if (!match_.empty()) rows->Bind(4, match_);
    Place last;
    for (int taken = 0;; ++taken) {
      const absl::StatusOr<bool> row = rows->Step();
      if (!row.ok()) return row.status();
      if (!*row) break;
      if (taken == most_) {
        response_.set_next_page_token(service::PageToken(question_, KeyOf(last)));
        break;
      }
      last.id = rows->Int(0);
      Add(*rows, 1);
    }
    return std::move(response_);
  }

  absl::StatusOr<v1::SearchCasesResponse> Best(const std::optional<Place>& after) {
    auto ranked = Rank(after);
    if (!ranked.ok()) return ranked.status();
    const int64_t top = after ? after->top : top_;
    auto one = db_.Prepare(absl::StrCat("SELECT shown, ", kMarked,
                                        " FROM found JOIN cases ON cases.id = found.rowid WHERE found MATCH ?2 AND "
                                        "found.rowid = ?1"));
    if (!one.ok()) return one.status();
    int taken = 0;
    for (const auto& [score, id] : *ranked) {
      if (after && std::pair(score, id) >= std::pair(after->score, after->id)) continue;
      if (taken++ == most_) {
        response_.set_next_page_token(service::PageToken(question_, KeyOf(last_)));
        break;
      }
      one->Bind(1, id);
      one->Bind(2, match_);
      const absl::StatusOr<bool> row = one->Step();
      if (!row.ok()) return row.status();
      if (*row) Add(*one, 0);
      one->Reset();
      last_ = {score, id, top};
    }
    return std::move(response_);
  }

 private:
  static constexpr char kMarked[] =
      "highlight(found, 0, char(2), char(3)), snippet(found, 1, char(2), char(3), '…', 24)";

  // Scores and ids, the best first.
  absl::StatusOr<std::vector<std::pair<int64_t, int64_t>>> Rank(const std::optional<Place>& after) {
    DocumentRange range = RangeOf(request_);
    if (after && after->top != kNoBound) range.below = std::min(range.below, after->top + 1);
    auto rows = db_.Prepare(
        "SELECT rowid, score(found) FROM found WHERE found MATCH ?4 AND rowid >= ?1 AND rowid < ?2 ORDER BY rowid DESC "
        "LIMIT ?3");
    if (!rows.ok()) return rows.status();
    rows->Bind(1, range.from);
    rows->Bind(2, range.below);
    rows->Bind(3, int64_t{kRanked} + 1);
    rows->Bind(4, match_);
    std::vector<std::pair<int64_t, int64_t>> ranked;
    while (true) {
      const absl::StatusOr<bool> row = rows->Step();
      if (!row.ok()) return row.status();
      if (!*row) break;
      if (ranked.empty()) top_ = rows->Int(0);
      if (ranked.size() == kRanked) {
        response_.set_more_than_ranked(true);
        break;
      }
      ranked.emplace_back(rows->Int(1), rows->Int(0));
    }
    std::sort(ranked.rbegin(), ranked.rend());
    return ranked;
  }

  // The present row: what is shown, subject and excerpt from the column `first` on.
  void Add(const SqliteStatement& row, int first) {
    v1::FoundCase found = store::DecodeRow<v1::FoundCase>(row.Text(first));
    if (!OpenedWithin(request_, found)) return;
    found.set_subject(Marks::Take(row.Text(first + 1), *found.mutable_subject_marks()));
    found.set_excerpt(Marks::Take(row.Text(first + 2), *found.mutable_excerpt_marks()));
    *response_.add_cases() = std::move(found);
  }

  Sqlite& db_;
  const v1::SearchCasesRequest& request_;
  const std::string match_;
  const std::string& question_;
  const int most_;
  Place last_;
  int64_t top_ = kNoBound;
  v1::SearchCasesResponse response_;
};

}  // namespace

absl::StatusOr<std::string> MatchOf(const v1::SearchCasesRequest& request) {
  std::vector<std::string> all;
  if (!request.words().empty()) {
    auto phrases = PhrasesOf(request.words());
    if (!phrases.ok()) return phrases.status();
    if (phrases->empty()) return runtime::BadField("words", "holds no word: write letters or digits");
    if (phrases->size() > kMostSearchWords) {
      return runtime::BadField("words", absl::StrCat("holds more than ", kMostSearchWords, " words: leave some out"));
    }
    for (const std::string& phrase : *phrases) all.push_back("{subject words} : " + phrase);
  }
  const auto filter = [&](char field, const std::string& value) {
    if (!value.empty()) all.push_back("facets : " + Quoted(FacetOf(field, value)));
  };
  filter(kCustomerFacet, request.customer_id());
  filter(kOrderFacet, request.order_id());
  filter(kComponentFacet, request.component_id());
  filter(kOwnerFacet, request.owner());
  std::vector<std::string> statuses;
  for (const int status : request.statuses()) {
    statuses.push_back("facets : " + Quoted(FacetOf(kStatusFacet, absl::StrCat(status))));
  }
  if (!statuses.empty()) all.push_back("(" + absl::StrJoin(statuses, " OR ") + ")");
  return absl::StrJoin(all, " AND ");
}

absl::StatusOr<std::unique_ptr<SearchQuery>> SearchQuery::Open(const std::string& path) {
  absl::StatusOr<std::unique_ptr<Sqlite>> db = Sqlite::Open(path);
  if (!db.ok()) return db.status();
  if (absl::Status status = (*db)->Run("PRAGMA cache_size = -32768"); !status.ok()) return status;
  if (absl::Status status = AddScore(**db); !status.ok()) return status;
  return std::unique_ptr<SearchQuery>(new SearchQuery(*std::move(db)));
}

absl::StatusOr<v1::SearchCasesResponse> SearchQuery::Answer(const v1::SearchCasesRequest& request,
                                                            const std::string& question, const std::string& after,
                                                            absl::Time deadline) {
  auto match = MatchOf(request);
  if (!match.ok()) return match.status();
  auto place = PlaceAfter(after);
  if (!place.ok()) return place.status();
  db_->SetDeadline(deadline);
  Finding finding(*db_, request, *std::move(match), question);
  if (request.order() != v1::SEARCH_ORDER_BEST) return finding.Newest(*place);
  if (request.words().empty()) return runtime::BadField("words", "is empty: to rank cases, say by which words");
  return finding.Best(*place);
}

}  // namespace throughline::ownership
