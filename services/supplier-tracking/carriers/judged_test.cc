// Payloads that were written, and judged by the rules, before any reader saw them: `judged/FORMAT.txt` has them with
// what a careful person expects of each. Moments were computed by hand and with Python's zoneinfo.
//
//   ### a name
//   = DELIVERED 2025-11-02T05:30:00Z ~ ups/1Z204W4R0308071865    the state, its instant, `~` if that is uncertain,
//   whose parcel = contradiction                                              or quarantine, malformed; one line for
//   each scan the payload in one line

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/carriers/testing_outcomes.h"
#include "services/supplier-tracking/carriers/testing_payloads.h"

namespace throughline::supplier {
namespace {

// As the file says it; of whose parcel it is only if `expected` says so.
std::string Line(const ParsedItem& item, const std::string& expected) {
  std::string line = WordOf(item);
  if (!absl::ascii_isupper(static_cast<unsigned char>(line[0]))) return line;
  const v1::CarrierTime& time = item.event.time();
  absl::StrAppend(&line, " ",
                  absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", runtime::FromProto(time.instant()), absl::UTCTimeZone()),
                  time.uncertain() ? " ~" : "");
  if (!absl::StrContains(expected, '/')) return line;
  return absl::StrCat(line, " ", item.event.carrier(), "/", item.event.tracking_number());
}

class JudgedPayloads : public testing::TestWithParam<std::string> {};

TEST_P(JudgedPayloads, GiveWhatACarefulPersonExpects) {
  static const Carriers& carriers = *Carriers::Load("").value().release();
  const CarrierAdapter& adapter = *carriers.Find(GetParam());
  const std::vector<Judged> all = ReadJudged(GetParam());
  EXPECT_GE(all.size(), 5u);
  for (const Judged& judged : all) {
    const auto items = adapter.Parse(judged.payload);
    ASSERT_TRUE(items.ok()) << judged.name << ": " << items.status();
    std::vector<std::string> lines, words, why;
    for (const ParsedItem& item : *items) {
      if (item.kind == ParsedItem::Kind::kExpectation) continue;
      lines.push_back(Line(item, lines.size() < judged.expected.size() ? judged.expected[lines.size()] : ""));
      why.push_back(absl::StrCat(item.judgement.why, item.error.message(), absl::StrJoin(item.warnings, "; ")));
    }
    if (lines.empty()) lines.emplace_back("nothing");
    EXPECT_EQ(absl::StrJoin(lines, "\n"), absl::StrJoin(judged.expected, "\n")) << judged.name << "\n"
                                                                                << absl::StrJoin(why, "\n") << "\n"
                                                                                << judged.payload;
    for (const std::string& line : judged.expected) words.push_back(line.substr(0, line.find(' ')));
    Tally::Add(GetParam(), absl::StrJoin(words, " "), Outcome(items));
  }
}

std::vector<std::string> FormatNames() {
  std::vector<std::string> names;
  for (const Format& format : Formats()) names.emplace_back(format.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Formats, JudgedPayloads, testing::ValuesIn(FormatNames()),
                         [](const auto& info) { return absl::StrJoin(absl::StrSplit(info.param, '-'), "_"); });

}  // namespace
}  // namespace throughline::supplier
