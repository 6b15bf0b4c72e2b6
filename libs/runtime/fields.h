#pragma once

// Checks of a request's fields that every service needs, with the same limits and the same words.
//
//   FieldViolations bad;
//   RequireId(bad, "customer_id", request.customer_id(), "name the customer");
//   RequireText(bad, "text", request.text(), "say what was asked, word for word");
//   if (!bad.empty()) return bad.ToStatus();
//
// Pure functions; safe from any thread.

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "libs/runtime/refusal.h"

namespace throughline::runtime {

inline constexpr size_t kMaxIdBytes = 128;
inline constexpr size_t kMaxLineBytes = 512;
inline constexpr size_t kMaxTextBytes = 16 << 10;

// May be empty.
inline void LimitField(FieldViolations& bad, absl::string_view field, absl::string_view value, size_t max_bytes) {
  if (value.size() <= max_bytes) return;
  bad.Add(field, absl::StrCat("has ", value.size(), " bytes, at most ", max_bytes, " are taken: shorten it"));
}

// `what_to_do` completes "is empty: ...". White space alone counts as empty.
inline void RequireField(FieldViolations& bad, absl::string_view field, absl::string_view value, size_t max_bytes,
                         absl::string_view what_to_do) {
  if (absl::StripAsciiWhitespace(value).empty()) bad.Add(field, absl::StrCat("is empty: ", what_to_do));
  LimitField(bad, field, value, max_bytes);
}

inline void RequireId(FieldViolations& bad, absl::string_view field, absl::string_view value,
                      absl::string_view what_to_do) {
  RequireField(bad, field, value, kMaxIdBytes, what_to_do);
}
inline void RequireLine(FieldViolations& bad, absl::string_view field, absl::string_view value,
                        absl::string_view what_to_do) {
  RequireField(bad, field, value, kMaxLineBytes, what_to_do);
}
inline void RequireText(FieldViolations& bad, absl::string_view field, absl::string_view value,
                        absl::string_view what_to_do) {
  RequireField(bad, field, value, kMaxTextBytes, what_to_do);
}

}  // namespace throughline::runtime
