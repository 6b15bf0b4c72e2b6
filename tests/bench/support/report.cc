#include "tests/bench/support/report.h"

#include <fmt/format.h>

namespace throughline::bench {

std::string Report::Json() const {
  std::string keys;
  std::string figures;
  for (const Ratio& r : ratios_) {
    keys += fmt::format(R"("{}":{:.3f},)", r.key, r.ratio);
    figures += fmt::format(
        R"({{"key":"{}","figure":{:.3f},"reference":{:.3f},"unit":"{}","ratio":{:.3f},"{}":{},"met":{}}},)", r.key,
        r.figure, r.reference, r.unit, r.ratio, r.at_most ? "at_most" : "at_least", r.target, r.Met());
  }
  for (const Value& v : values_) {
    keys += fmt::format(R"("{}":{:.3f},)", v.key, v.value);
    figures += fmt::format(R"({{"key":"{}","figure":{:.3f},"unit":"{}")", v.key, v.value, v.unit);
    if (v.at_most) figures += fmt::format(R"(,"at_most":{:.3f},"met":{})", *v.at_most, v.value <= *v.at_most);
    figures += "},";
  }
  if (!figures.empty()) figures.pop_back();
  return "{" + keys + R"("figures":[)" + figures + "]}";
}

std::string Report::Text() const {
  std::string text =
      fmt::format("{:<46} {:>12} {:>12} {:<8} {:>7}  {}\n", "WHAT", "THIS", "REFERENCE", "", "RATIO", "WANTED");
  for (const Ratio& r : ratios_) {
    text += fmt::format("{:<46} {:>12.2f} {:>12.2f} {:<8} {:>7.2f}  {} {:.2f}  {}\n", r.what, r.figure, r.reference,
                        r.unit, r.ratio, r.at_most ? "<=" : ">=", r.target, r.Met() ? "met" : "NOT MET");
  }
  for (const Value& v : values_) {
    text += fmt::format("{:<46} {:>12.2f} {:>12} {:<8}", v.what, v.value, "", v.unit);
    if (v.at_most) {
      text += fmt::format(" {:>7}  <= {:.0f}  {}", "", *v.at_most, v.value <= *v.at_most ? "met" : "NOT MET");
    }
    text += '\n';
  }
  return text;
}

}  // namespace throughline::bench
