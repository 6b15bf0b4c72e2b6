#include "services/ownership/search/document.h"

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/history/history.h"
#include "services/ownership/projections/view/view.h"

namespace throughline::ownership {
namespace {

constexpr int kIdBits = 16;  // of a document's id, after the milliseconds
// Of one case's history so many entries are looked at, so that the cost does not grow with it for ever.
constexpr size_t kMostEntries = 2000;
constexpr size_t kFewEntries = 64;  // read in one pass

void Append(std::string text, std::string& words) {
  if (text.empty() || words.size() + 1 >= kMostWords) return;
  size_t most = kMostWords - words.size() - 1;
  if (text.size() > most) {
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;  // before a character
    text.resize(most);
  }
  std::replace(text.begin(), text.end(), kMarkBegin, ' ');
  std::replace(text.begin(), text.end(), kMarkEnd, ' ');
  absl::StrAppend(&words, words.empty() ? "" : "\n", text);
}

// Those that are not empty.
std::string Lines(const std::vector<std::string>& texts) {
  std::string lines;
  for (const std::string& text : texts) absl::StrAppend(&lines, lines.empty() || text.empty() ? "" : "\n", text);
  return lines;
}

std::string WordsOfRow(const v1::HistoryRow& row) {
  return row.has_case_event() ? WordsOf(store::DecodeRow<intake::v1::CaseEvent>(row.case_event()))
                              : WordsOf(row.ownership_event());
}

// The opening's first, and the newest of the rest.
std::string WordsOfCase(const store::KeyValue& rows, const std::string& case_id) {
  std::vector<std::string> texts;  // the first few
  std::string first;
  kHistory.Scan(
      rows, "",
      [&](std::string_view raw, const auto&, const v1::HistoryRow& row) {
        if (texts.empty()) first = raw;
        texts.push_back(WordsOfRow(row));
        return texts.size() <= kFewEntries;
      },
      case_id);
  std::string words;
  if (!texts.empty()) Append(texts.front(), words);
  if (texts.size() <= kFewEntries) {  // that is all
    for (size_t i = texts.size(); i > 1; --i) Append(std::move(texts[i - 1]), words);
    return words;
  }
  std::vector<HistoryTable::Key> keys;  // first: a visitor must not read
  kHistoryBack.Scan(
      rows, "",
      [&](std::string_view, const HistoryIndex::Key& back, const std::string&) {
        const auto& [id, time, topic, version, index] = back;
        keys.emplace_back(id, time.time, ~topic, ~version, ~index);
        return keys.size() < kMostEntries;
      },
      case_id);
  for (const HistoryTable::Key& key : keys) {
    if (words.size() + 1 >= kMostWords) break;
    const std::string raw = std::apply([](const auto&... part) { return kHistory.KeyOf(part...); }, key);
    if (raw == first) continue;
    const auto row = std::apply([&](const auto&... part) { return kHistory.Get(rows, part...); }, key);
    if (row) Append(WordsOfRow(*row), words);
  }
  return words;
}

}  // namespace

std::string WordsOf(const intake::v1::CaseEvent& event) {
  if (event.has_opened()) return event.opened().text();
  if (event.has_interaction_recorded()) return event.interaction_recorded().text();
  if (event.has_alert_attached()) return event.alert_attached().text();
  if (event.has_interaction_marked_as_mistake()) return event.interaction_marked_as_mistake().reason();
  return "";
}

// Every text that a person wrote stands in a field `text`, `reason`, `evidence`, `decision`, or in one of these.
std::string WordsOf(const v1::OwnershipEvent& event) {
  if (event.has_work_note_added()) {
    const auto& note = event.work_note_added();
    return Lines({note.text(), note.next_action(), note.waiting_on()});
  }
  if (event.has_commitment_made()) {
    const auto& made = event.commitment_made().commitment();
    return made.kind() == v1::COMMITMENT_KIND_NEXT_UPDATE ? "" : made.text();
  }
  // What the service says by itself.
  if (event.commitment_settled().kind() == v1::COMMITMENT_KIND_NEXT_UPDATE) return "";
  if (event.has_closed()) {
    return Lines({event.closed().reason(), absl::StrJoin(event.closed().options_offered(), "\n")});
  }
  const auto* set = event.GetDescriptor()->FindFieldByNumber(event.event_case());
  if (set == nullptr) return "";
  const auto& told = event.GetReflection()->GetMessage(event, set);
  std::vector<std::string> texts;
  for (const char* name : {"text", "reason", "evidence", "decision"}) {
    const auto* field = told.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr || field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) continue;
    texts.push_back(told.GetReflection()->GetString(told, field));
  }
  return Lines(texts);
}

int64_t FirstDocumentId(absl::Time opened_at) { return absl::ToUnixMillis(opened_at) << kIdBits; }

int64_t DocumentId(absl::Time opened_at, std::string_view case_id) {
  const std::string digest = crypto::Sha256(std::string(case_id));
  const auto low = static_cast<uint8_t>(digest[0]) << 8 | static_cast<uint8_t>(digest[1]);
  return FirstDocumentId(opened_at) + low;
}

std::string FacetOf(char field, std::string_view value) {
  return absl::StrCat("xfacet", std::string(1, field),
                      absl::BytesToHexString(absl::string_view(value.data(), value.size())));
}

std::optional<Document> DocumentOf(const store::KeyValue& rows, const std::string& case_id) {
  const auto view = FindView(rows, case_id);
  if (!view) return std::nullopt;
  Document document;
  document.id = DocumentId(runtime::FromProto(view->opened_at()), case_id);
  document.words = WordsOfCase(rows, case_id);
  Append(view->subject(), document.subject);
  v1::FoundCase& shown = document.shown;
  shown.set_case_id(case_id);
  shown.set_customer_id(view->customer_id());
  if (view->has_order_id()) shown.set_order_id(view->order_id());
  if (view->has_component_id()) shown.set_component_id(view->component_id());
  shown.set_owner(view->owner());
  shown.set_status(view->status());
  *shown.mutable_opened_at() = view->opened_at();
  document.facets = absl::StrCat(FacetOf(kCustomerFacet, view->customer_id()), " ", FacetOf(kOwnerFacet, view->owner()),
                                 " ", FacetOf(kStatusFacet, absl::StrCat(view->status())));
  if (view->has_order_id()) absl::StrAppend(&document.facets, " ", FacetOf(kOrderFacet, view->order_id()));
  if (view->has_component_id()) absl::StrAppend(&document.facets, " ", FacetOf(kComponentFacet, view->component_id()));
  return document;
}

}  // namespace throughline::ownership
