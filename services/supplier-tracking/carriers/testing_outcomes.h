#pragma once

// What comes of payloads, and the table of all of them that `supplier_carriers_test` prints at its end.

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {

// What came of one item, in a word: its state, or `malformed`, `quarantine`, `contradiction`.
inline std::string WordOf(const ParsedItem& item) {
  if (item.kind == ParsedItem::Kind::kMalformed) return "malformed";
  if (item.judgement.kind == Judgement::Kind::kUnmapped) return "quarantine";
  if (item.judgement.kind == Judgement::Kind::kConflicting) return "contradiction";
  return v1::TrackingState_Name(item.judgement.meaning.state()).substr(sizeof("TRACKING_STATE_") - 1);
}

// The words of all scans; `nothing` without any, `refused` if the payload cannot be read at all.
inline std::string Outcome(const absl::StatusOr<std::vector<ParsedItem>>& items) {
  if (!items.ok()) return "refused";
  std::string outcome;
  for (const ParsedItem& item : *items) {
    if (item.kind == ParsedItem::Kind::kExpectation) continue;
    absl::StrAppend(&outcome, outcome.empty() ? "" : " ", WordOf(item));
  }
  return outcome.empty() ? "nothing" : outcome;
}

// What came of all payloads, own and mutated, by format. An event is wrong if it is a scan with another state than the
// one that is expected of it: the only thing that is unforgivable.
class Tally : public testing::Environment {
 public:
  struct Row {
    int payloads = 0, events = 0, exact = 0, quarantined = 0, wrong = 0;
  };
  static Row& Of(const std::string& format) { return rows_[format]; }
  static inline int mutations = 0;

  static bool IsState(const std::string& word) { return !word.empty() && absl::ascii_isupper(word[0]); }
  // Words as Outcome gives them.
  static void Add(const std::string& format, const std::string& expected, const std::string& outcome) {
    Row& row = Of(format);
    ++row.payloads;
    const std::vector<std::string> is = absl::StrSplit(outcome, ' '), should = absl::StrSplit(expected, ' ');
    for (size_t i = 0; i < is.size(); ++i) {
      ++row.events;
      const bool as_expected = i < should.size() && is[i] == should[i];
      if (!IsState(is[i])) {
        ++row.quarantined;
      } else {
        ++(as_expected ? row.exact : row.wrong);
      }
    }
  }

  void TearDown() override {
    if (testing::GTEST_FLAG(filter) != "*") return;
    EXPECT_GE(mutations, 300);
    std::printf("%d mutations, each with its outcome\n%-22s %8s %8s %8s %12s %6s\n", mutations, "format", "payloads",
                "events", "exact", "quarantined", "WRONG");
    Row all;
    const auto print = [](const std::string& name, const Row& row) {
      std::printf("%-22s %8d %8d %8d %12d %6d\n", name.c_str(), row.payloads, row.events, row.exact, row.quarantined,
                  row.wrong);
    };
    for (const auto& [format, row] : rows_) {
      print(format, row);
      EXPECT_EQ(row.wrong, 0) << format;
      EXPECT_GT(row.exact, 0) << format;
      all.payloads += row.payloads, all.events += row.events, all.exact += row.exact;
      all.quarantined += row.quarantined, all.wrong += row.wrong;
    }
    print("in all", all);
    EXPECT_EQ(rows_.size(), Formats().size());
  }

 private:
  static inline std::map<std::string, Row> rows_;
};

}  // namespace throughline::supplier
