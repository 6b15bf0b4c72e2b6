#pragma once

// Page tokens. A token holds the raw key of the last row on the page and a digest of the query, so that it cannot be
// used with another query.
//
//   const std::string question = Question(request);
//   auto after = AfterPage(question, kWorklist.KeyOf(person), request.page_token());  // "" for the first page
//   if (!after.ok()) return after.status();
//   kWorklist.Scan(reader, *after, [&](std::string_view raw, ...) { last = raw; ... }, person);
//   response.set_next_page_token(PageToken(question, last));
//
// A list whose filter looks at other rows goes through its index with FillPage.
//
// Functions of their arguments; any thread.

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/server/checks/checks.h"
#include "libs/store/key_value.h"

namespace throughline::service {

// A digest of a list's or watch's query: of the request without page size, page token, consistency token and position.
template <typename Request>
std::string Question(Request request) {
  if constexpr (requires { request.clear_page_token(); }) {
    request.clear_page_size();
    request.clear_page_token();
  }
  if constexpr (requires { request.clear_resume_from(); }) request.clear_resume_from();
  request.clear_consistency_token();
  return crypto::Sha256(request.GetTypeName() + "\n" + request.SerializeAsString()).substr(0, 8);
}

// The size of the page. The server has filled it in, except for callers that do not come through it.
template <typename Request>
int PageSize(const Request& request) {
  return request.page_size() > 0 ? request.page_size() : server::RequestLimits().default_page_size;
}

inline std::string PageToken(std::string_view question, std::string_view last_key) {
  std::string inside(question);
  inside.append(last_key);
  return absl::WebSafeBase64Escape(inside);
}

// The raw key after which the page starts; empty for the first page. INVALID_ARGUMENT if the token belongs to another
// query or its key does not begin with `prefix`.
inline absl::StatusOr<std::string> AfterPage(std::string_view question, std::string_view prefix,
                                             const std::string& page_token) {
  if (page_token.empty()) return std::string();
  std::string inside;
  if (!absl::WebSafeBase64Unescape(page_token, &inside) || inside.size() <= question.size() ||
      std::string_view(inside).substr(0, question.size()) != question ||
      std::string_view(inside).substr(question.size(), prefix.size()) != prefix) {
    return runtime::BadField("page_token", "belongs to another query: leave it out to start at the first page");
  }
  return inside.substr(question.size());
}

// Rows of an index that one page looks at, at most: a page with a rare filter may be short and still have a successor.
inline constexpr size_t kMaxLookedAt = 10'000;

// Calls `take(id)` for the rows of `index` after the raw key `last` whose keys begin with the components `prefix`,
// where `id` is the last component of the key. `take` returns false when the page was full before. Answers the token of
// the next page; empty at the end of the list.
template <typename Index, typename Take, typename... Prefix>
std::string FillPage(const store::KeyValue& reader, const Index& index, std::string last, std::string_view question,
                     const Take& take, const Prefix&... prefix) {
  constexpr size_t kMostAtOnce = 256;
  size_t at_once = 32;  // a page that is soon full needs no more
  for (size_t looked_at = 0;; at_once = std::min(2 * at_once, kMostAtOnce)) {
    std::vector<std::pair<std::string, std::string>> rows;  // raw keys and ids, first: a visitor must not read
    index.Scan(
        reader, last,
        [&](std::string_view raw, const auto& key, const auto&) {
          constexpr size_t kId = std::tuple_size_v<std::decay_t<decltype(key)>> - 1;
          rows.emplace_back(raw, std::get<kId>(key));
          return rows.size() < at_once;
        },
        prefix...);
    for (auto& [raw, id] : rows) {
      if (++looked_at > kMaxLookedAt || !take(id)) return PageToken(question, last);
      last = std::move(raw);
    }
    if (rows.size() < at_once) return "";
  }
}

}  // namespace throughline::service
