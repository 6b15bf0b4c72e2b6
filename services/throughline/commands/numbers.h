#pragma once

// What `throughline report` and `throughline scorecard` have in common: numbers of days, a row by something, as tables
// or as CSV.
//
//   const auto csv = AddNumbers(report, "A row for each", "Only of this person");
//   ... *csv ? ToCsv(CsvRowsOf(request, response.rows(), "TOTAL"), {}) : absl::StrCat(DaysOf(response), ...)

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/output/csv.h"
#include "services/throughline/output/terminal.h"
#include "services/throughline/output/words.h"

namespace throughline::tool {

inline constexpr char kNoNumbers[] = "There are no numbers.\n";

// The options for which days, by what and how. Returns whether CSV is asked for, once the command line was read.
template <class Req, class Resp>
std::shared_ptr<const bool> AddNumbers(Verb<Req, Resp>& verb, const std::string& each, const std::string& only) {
  const auto csv = std::make_shared<bool>(false);
  verb.Option("--from", "from_day", "The first day, for instance 2026-11-24 (default: 29 days before the last)");
  verb.Option("--to", "to_day", "The last day (default: today)");
  verb.Option("--by", "by", each);
  verb.Option("--by-day", "by_day", each + " day, too");
  verb.Option("--only", "value", only);
  verb.Fills(verb.command().add_flag("--csv", *csv, "Comma-separated values, with a heading"), {"csv"});
  verb.LimitedTo(1000);
  return csv;
}

// What the rows are of, as a heading.
template <class Req>
std::string SubjectOf(const Req& request, const std::string& by_default) {
  const std::string word = Word(request.by());
  return word.empty() ? by_default : word;
}

template <class Resp>
std::string DaysOf(const Resp& response) {
  return absl::StrCat(Clean(response.from_day()), " to ", Clean(response.to_day()), ", days in UTC\n");
}

// For ToCsv. The rows must outlive them.
template <class Req, class Rows>
std::vector<CsvRow> CsvRowsOf(const Req& request, const Rows& rows, const std::string& by_default) {
  std::vector<CsvRow> lines;
  for (const auto& row : rows) {
    lines.push_back({{{absl::AsciiStrToLower(SubjectOf(request, by_default)), row.value()}}, &row.numbers()});
    if (request.by_day()) lines.back().first.emplace_back("day", row.day());
  }
  return lines;
}

}  // namespace throughline::tool
