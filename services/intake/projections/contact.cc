#include "services/intake/projections/contact.h"

namespace throughline::intake {

std::optional<std::string> CaseOfWords(const store::KeyValue& reader, const std::string& words_id) {
  std::optional<std::string> found;
  kWords.Scan(
      reader, "",
      [&](std::string_view, const auto& key, int64_t) {
        found = std::get<1>(key);
        return false;
      },
      words_id);
  return found;
}

Holder HolderOf(const store::KeyValue& reader, const v1::OpenCaseRequest& request) {
  Holder holder;
  const std::vector<std::string> matters = MattersOf(request);
  if (matters.empty()) return holder;
  holder.matter = matters.front();
  if (const auto reserved = kMatters.Get(reader, holder.matter)) {
    if (!kCases.Has(reader, *reserved)) return holder;  // it is about to be opened
    const std::string goes_on = GoesOnAs(reader, *reserved);
    const auto standing = FindStanding(reader, goes_on);
    if (!standing || standing->open()) {  // without a standing: a continuing case that is about to be opened
      holder.open = goes_on;
      return holder;
    }
    holder.closed = *reserved;
  }
  for (const std::string& matter : matters) {
    kOpenByMatter.Scan(
        reader, "",
        [&](std::string_view, const auto& key, const std::string&) {
          holder.open = std::get<2>(key);
          return false;
        },
        matter);
    if (holder.open) break;
  }
  return holder;
}

}  // namespace throughline::intake
