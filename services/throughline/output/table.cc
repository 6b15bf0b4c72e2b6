#include "services/throughline/output/table.h"

#include <algorithm>
#include <numeric>

namespace throughline::tool {
namespace {

constexpr size_t kGap = 2;
constexpr size_t kNarrowest = 8;  // a column is not cut below this width
constexpr size_t kReadable = 24;  // a text that wraps and has less room stands below its row
constexpr size_t kBelow = 4;      // and is indented so

}  // namespace

void Table::Row(std::vector<Cell> cells) {
  cells.resize(columns_.size());
  for (Cell& cell : cells) cell.text = Clean(cell.text);
  rows_.push_back(std::move(cells));
}

std::string Table::Render(const Terminal& terminal) const {
  std::vector<size_t> shown, widths(columns_.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t widest = 0;
    for (const auto& row : rows_) widest = std::max(widest, Width(row[i].text));
    if (widest == 0 && !rows_.empty()) continue;
    widths[i] = std::max(widest, Width(columns_[i].title));
    shown.push_back(i);
  }
  const auto total = [&] {
    return std::accumulate(shown.begin(), shown.end(), size_t{0},
                           [&](size_t sum, size_t i) { return sum + widths[i] + (sum > 0 ? kGap : 0); });
  };
  const std::vector<size_t> natural = widths;
  while (terminal.width > 0 && total() > terminal.width) {
    size_t* widest = nullptr;
    for (const size_t i : shown) {
      if (columns_[i].fit != Column::kWhole && widths[i] > kNarrowest && (!widest || widths[i] > *widest)) {
        widest = &widths[i];
      }
    }
    if (widest == nullptr) break;
    --*widest;
  }
  std::string out;
  const auto line = [&](const auto& text_of, const auto& style_of) {
    size_t missing = 0;  // pending spaces: written before the next text, so that no line ends with spaces
    size_t begin = 0;    // of the column
    for (const size_t i : shown) {
      const bool wraps = columns_[i].fit == Column::kWraps;
      if (wraps && terminal.width > 0 && begin + std::min(natural[i], kReadable) > terminal.width) {
        const std::string indent(kBelow, ' ');
        const std::string below = Wrap(text_of(i), terminal.width - std::min(terminal.width, kBelow), indent);
        if (!below.empty()) out.append("\n").append(indent).append(Paint(terminal, style_of(i), below));
        continue;
      }
      const std::string text = wraps ? Wrap(text_of(i), terminal.width > 0 ? widths[i] : 0, std::string(begin, ' '))
                                     : Shorten(text_of(i), widths[i], terminal.utf8);
      begin += widths[i] + kGap;
      const size_t pad = widths[i] - std::min(widths[i], Width(text));
      const bool right = columns_[i].side == Column::kRight;
      if (!text.empty()) {
        out.append(missing + (right ? pad : 0), ' ').append(Paint(terminal, style_of(i), text));
        missing = right ? 0 : pad;
      } else {
        missing += widths[i];
      }
      missing += kGap;
    }
    out += '\n';
  };
  line([&](size_t i) { return columns_[i].title; }, [](size_t) { return Style::kDim; });
  for (const auto& row : rows_) {
    line([&](size_t i) { return row[i].text; }, [&](size_t i) { return row[i].style; });
  }
  return out;
}

}  // namespace throughline::tool
