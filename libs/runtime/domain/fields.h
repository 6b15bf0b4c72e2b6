#pragma once

// What the rules of the contract's fields (proto/throughline/common/v1/field_rule.proto) leave to the domain: whether a
// field is required.
//
//   FieldViolations bad;
//   RequireField(bad, "text", request.text(), "say what was asked, word for word");
//   if (!bad.empty()) return bad.ToStatus();
//
// Pure functions; safe from any thread.

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "libs/runtime/domain/refusal.h"

namespace throughline::runtime {

// `what_to_do` completes "is empty: ...". White space alone counts as empty.
inline void RequireField(FieldViolations& bad, absl::string_view field, absl::string_view value,
                         absl::string_view what_to_do) {
  if (absl::StripAsciiWhitespace(value).empty()) bad.Add(field, absl::StrCat("is empty: ", what_to_do));
}

}  // namespace throughline::runtime
