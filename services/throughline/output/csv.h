#pragma once

// Numbers as CSV (RFC 4180): a row for each message, a column for each number in any of them. A list whose elements are
// about something becomes columns named after that: `commitments_promise_kept`; a list of numbers, columns named after
// `places`, one for each.
//
// Pure functions; any thread.

#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/message.h"

namespace throughline::tool {

struct CsvRow {
  std::vector<std::pair<std::string, std::string>> first;  // columns before the numbers, and their values
  const google::protobuf::Message* numbers;                // int64 fields, and messages of them
};

// With a heading; lines end with CR LF. A number that a row lacks is 0. Empty if there are no rows.
std::string ToCsv(const std::vector<CsvRow>& rows, const std::vector<std::string>& places);

}  // namespace throughline::tool
