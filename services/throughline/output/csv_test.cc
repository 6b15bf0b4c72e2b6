#include "services/throughline/output/csv.h"

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

#include "throughline/ownership/v1/report.pb.h"

namespace throughline::tool {
namespace {

ownership::v1::ReportNumbers Numbers(const std::string& text) {
  ownership::v1::ReportNumbers numbers;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &numbers)) << text;
  return numbers;
}

// The lines, as cells by column.
std::vector<std::map<std::string, std::string>> Read(const std::string& csv) {
  std::vector<std::vector<std::string>> lines;
  std::vector<std::string> cells(1);
  for (size_t i = 0, quoted = 0; i < csv.size(); ++i) {
    if (csv[i] == '"') {
      if (quoted && csv[i + 1] == '"')
        cells.back() += csv[++i];
      else
        quoted = !quoted;
    } else if (csv[i] == ',' && !quoted) {
      cells.emplace_back();
    } else if (csv[i] == '\r' && !quoted) {
      EXPECT_EQ(csv[++i], '\n');
      lines.push_back(std::exchange(cells, std::vector<std::string>(1)));
    } else {
      cells.back() += csv[i];
    }
  }
  std::vector<std::map<std::string, std::string>> rows;
  for (size_t i = 1; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].size(), lines[0].size());
    for (size_t k = 0; k < lines[0].size(); ++k) {
      if (k == 0) rows.emplace_back();
      rows.back()[lines[0][k]] = lines[i][k];
    }
  }
  return rows;
}

TEST(Csv, HasAColumnForEachNumberOfAnyRow) {
  const auto ana = Numbers(R"pb(reopenings: 2
                                commitments { kind: COMMITMENT_KIND_NEXT_UPDATE kept: 3 })pb");
  const auto ben = Numbers(R"pb(time_to_confirmed {
                                  count: 1
                                  total_microseconds: 90
                                  counts: [ 0, 1, 0 ]
                                })pb");
  const auto rows = Read(ToCsv({{{{"rep", "ana"}}, &ana}, {{{"rep", "ben"}}, &ben}}, {"5m", "1h"}));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("rep"), "ana");
  EXPECT_EQ(rows[0].at("reopenings"), "2");
  EXPECT_EQ(rows[0].at("commitments_next_update_kept"), "3");
  EXPECT_EQ(rows[0].at("time_to_confirmed_count"), "0");
  EXPECT_EQ(rows[1].at("commitments_next_update_kept"), "0");
  EXPECT_EQ(rows[1].at("time_to_confirmed_total_microseconds"), "90");
  EXPECT_EQ(rows[1].at("time_to_confirmed_counts_5m"), "0");
  EXPECT_EQ(rows[1].at("time_to_confirmed_counts_1h"), "1");
  EXPECT_EQ(rows[1].at("time_to_confirmed_counts_2"), "0") << "longer than all";
  EXPECT_FALSE(rows[0].contains("commitments_promise_kept")) << "no row has it";
}

TEST(Csv, QuotesWhatNeedsItAndMakesNoFormula) {
  const auto none = Numbers("");
  for (const char* name : {"a,b", "say \"so\"", "two\r\nlines"}) {
    EXPECT_EQ(Read(ToCsv({{{{"of", name}}, &none}}, {}))[0].at("of"), name);
  }
  EXPECT_EQ(Read(ToCsv({{{{"of", "=1+1"}}, &none}}, {}))[0].at("of"), "'=1+1");
  EXPECT_EQ(ToCsv({}, {}), "");
}

}  // namespace
}  // namespace throughline::tool
