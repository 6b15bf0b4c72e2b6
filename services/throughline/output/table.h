#pragma once

// A table for people: aligned columns, no lines. If the terminal is too narrow, columns marked kMayBeCut are cut, the
// widest first. A text to be read in full is the last column and wraps (kWraps). Ids are never cut, so that they can
// be pasted; in a pipe nothing is cut.
//
//   Table table({{"CASE"}, {"SUBJECT", Column::kMayBeCut}});
//   table.Row({{id}, {subject, Style::kBold}});
//   std::fputs(table.Render(terminal).c_str(), stdout);
//
// One thread.

#include <string>
#include <vector>

#include "services/throughline/output/terminal.h"

namespace throughline::tool {

struct Column {
  enum Fit { kWhole, kMayBeCut, kWraps };
  enum Side { kLeft, kRight };
  std::string title;
  Fit fit = kWhole;
  Side side = kLeft;
};

struct Cell {
  std::string text;
  Style style = Style::kPlain;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell per column. Texts are cleaned.
  void Row(std::vector<Cell> cells);
  bool empty() const { return rows_.empty(); }

  // Ends with a line feed. Leaves out columns that are empty in every row.
  std::string Render(const Terminal& terminal) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace throughline::tool
