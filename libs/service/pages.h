#pragma once

// Page tokens: where a list goes on. A token names the raw key of the last row that was shown and the question that it
// belongs to, so that it is not taken for an answer to another question.
//
//   const std::string question = Question(request);
//   auto after = AfterPage(question, kQueue.KeyOf(person), request.page_token());  // "" for the first page
//   if (!after.ok()) return after.status();
//   kQueue.Scan(reader, *after, [&](std::string_view raw, ...) { last = raw; ... }, person);
//   response.set_next_page_token(PageToken(question, last));
//
// Pure functions; any thread.

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"

#include "libs/runtime/domain/digest.h"
#include "libs/runtime/domain/refusal.h"

namespace throughline::service {

// What a list or a watch asks, apart from how much of the answer, how fresh, and where to go on.
template <typename Request>
std::string Question(Request request) {
  if constexpr (requires { request.clear_page_token(); }) {
    request.clear_page_size();
    request.clear_page_token();
  }
  if constexpr (requires { request.clear_resume_from(); }) request.clear_resume_from();
  request.clear_consistency_token();
  return runtime::Sha256(request.GetTypeName() + "\n" + request.SerializeAsString()).substr(0, 8);
}

inline std::string PageToken(std::string_view question, std::string_view last_key) {
  std::string inside(question);
  inside.append(last_key);
  return absl::WebSafeBase64Escape(inside);
}

// The raw key after which to go on; empty for the first page. INVALID_ARGUMENT if the token was not given for this
// question, whose rows' keys begin with `prefix`.
inline absl::StatusOr<std::string> AfterPage(std::string_view question, std::string_view prefix,
                                             const std::string& page_token) {
  if (page_token.empty()) return std::string();
  std::string inside;
  if (!absl::WebSafeBase64Unescape(page_token, &inside) || inside.size() <= question.size() ||
      std::string_view(inside).substr(0, question.size()) != question ||
      std::string_view(inside).substr(question.size(), prefix.size()) != prefix) {
    return runtime::BadField("page_token", "is not from this question: leave it out to begin at the first page");
  }
  return inside.substr(question.size());
}

}  // namespace throughline::service
