#include "services/throughline/cli/options/option_names.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "google/rpc/error_details.pb.h"
#include "libs/client/tls_problem.h"

namespace throughline::tool {
namespace {

// The part of `path` after the field: `[2].sku` after `lines`. None: the path is not inside the field.
std::optional<std::string> Behind(const std::string& path, const std::string& field) {
  if (!absl::StartsWith(path, field)) return std::nullopt;
  const std::string rest = path.substr(field.size());
  if (!rest.empty() && rest[0] != '.' && rest[0] != '[') return std::nullopt;
  return rest;
}

// `[2].sku` becomes ` (item 3: sku)`.
std::string Inside(const std::string& rest) {
  if (rest.empty()) return "";
  const size_t end = rest[0] == '[' ? rest.find(']') : 0;
  std::string item;
  if (int index = 0; end != 0 && end != std::string::npos && absl::SimpleAtoi(rest.substr(1, end - 1), &index)) {
    item = absl::StrCat("item ", index + 1);
  }
  std::string field = end == std::string::npos ? "" : rest.substr(item.empty() ? 0 : end + 1);
  if (absl::StartsWith(field, ".")) field.erase(0, 1);
  return absl::StrCat(" (", item, item.empty() || field.empty() ? "" : ": ", field, ")");
}

// The option that fills the field with this name, whatever the message that it is in. None: no option, or several.
std::optional<std::string> OptionOfName(const FilledFields& filled, absl::string_view name) {
  std::optional<std::string> option;
  for (const FilledField& one : filled) {
    const size_t point = one.field.rfind('.');
    if (name != absl::string_view(one.field).substr(point == std::string::npos ? 0 : point + 1)) continue;
    if (option && *option != one.option) return std::nullopt;
    option = one.option;
  }
  return option;
}

bool InName(char c) { return absl::ascii_isalnum(c) || c == '_'; }

// Replaces fields named inside a sentence: `command_id`, and others in backticks.
std::string ReplaceNames(absl::string_view text, const FilledFields& filled) {
  std::string replaced;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && InName(text[end])) ++end;
    if (end == at) {
      replaced += text[at++];
      continue;
    }
    const absl::string_view word = text.substr(at, end - at);
    const bool quoted = at > 0 && text[at - 1] == '`' && end < text.size() && text[end] == '`';
    const auto option = quoted || absl::StrContains(word, "_") ? OptionOfName(filled, word) : std::nullopt;
    absl::StrAppend(&replaced, option ? absl::string_view(*option) : word);
    at = end;
  }
  return replaced;
}

}  // namespace

std::optional<std::string> OptionOf(const FilledFields& filled, const std::string& path) {
  const FilledField* best = nullptr;
  for (const FilledField& one : filled) {
    if (Behind(path, one.field) && (best == nullptr || one.field.size() > best->field.size())) best = &one;
  }
  if (best == nullptr) return std::nullopt;
  return best->option + Inside(*Behind(path, best->field));
}

absl::Status NameOptions(const absl::Status& status, const FilledFields& filled) {
  if (status.ok()) return status;
  const std::string type = absl::StrCat("type.googleapis.com/", google::rpc::BadRequest::descriptor()->full_name());
  const auto payload = status.GetPayload(type);
  google::rpc::BadRequest bad;
  if (!payload || !bad.ParseFromString(std::string(*payload)) || bad.field_violations().empty()) {
    return client::WithMessage(ReplaceNames(status.message(), filled), status);
  }
  std::vector<std::string> parts;
  for (const auto& violation : bad.field_violations()) {
    parts.push_back(absl::StrCat(OptionOf(filled, violation.field()).value_or(violation.field()), " ",
                                 ReplaceNames(violation.description(), filled)));
  }
  return client::WithMessage(absl::StrJoin(parts, "; "), status);
}

}  // namespace throughline::tool
