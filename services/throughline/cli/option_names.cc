#include "services/throughline/cli/option_names.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "google/rpc/error_details.pb.h"

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
  const std::string type = absl::StrCat("type.googleapis.com/", google::rpc::BadRequest::descriptor()->full_name());
  const auto payload = status.GetPayload(type);
  google::rpc::BadRequest bad;
  if (!payload || !bad.ParseFromString(std::string(*payload)) || bad.field_violations().empty()) return status;
  std::vector<std::string> parts;
  for (const auto& violation : bad.field_violations()) {
    parts.push_back(
        absl::StrCat(OptionOf(filled, violation.field()).value_or(violation.field()), " ", violation.description()));
  }
  absl::Status named(status.code(), absl::StrJoin(parts, "; "));
  status.ForEachPayload([&named](absl::string_view url, const absl::Cord& detail) { named.SetPayload(url, detail); });
  return named;
}

}  // namespace throughline::tool
