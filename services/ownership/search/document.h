#pragma once

// What the search knows of a case. Pure functions, except DocumentOf, which reads rows; any thread.

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

#include "libs/store/key_value.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/ownership/v1/search.pb.h"

namespace throughline::ownership {

// Of one case's words so many bytes can be found: those of the opening, then the newest.
inline constexpr size_t kMostWords = 64 << 10;
// Stand around marked words while they are found, and in no text.
inline constexpr char kMarkBegin = '\x02';
inline constexpr char kMarkEnd = '\x03';

struct Document {
  int64_t id = 0;  // see DocumentId
  std::string subject;
  std::string words;    // what was said and noted, a line for each
  std::string facets;   // FacetOf of all that can be filtered by
  v1::FoundCase shown;  // without marks and excerpt
};
// None: there is no such case.
std::optional<Document> DocumentOf(const store::KeyValue& rows, const std::string& case_id);

// Ascends with the time of opening, to the millisecond; cases of the same millisecond are told apart by their ids,
// nearly always. The same on every replica.
int64_t DocumentId(absl::Time opened_at, std::string_view case_id);
// The least id of that millisecond.
int64_t FirstDocumentId(absl::Time opened_at);

// A word that stands in a document's facets alone: what is filtered by is searched for as a word is.
std::string FacetOf(char field, std::string_view value);
inline constexpr char kCustomerFacet = 'c', kOrderFacet = 'o', kComponentFacet = 'k', kOwnerFacet = 'w',
                      kStatusFacet = 's';

// What can be found of an event; empty: nothing.
std::string WordsOf(const intake::v1::CaseEvent& event);
std::string WordsOf(const v1::OwnershipEvent& event);

}  // namespace throughline::ownership
