// The completion of times against a table that Python's zoneinfo made (make_times.py): local time, offset, instant,
// zone and place in every combination.

#include <sstream>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/carriers/testing_payloads.h"

namespace throughline::supplier {
namespace {

TEST(TimesTable, IsWhatTheIndependentLibrarySays) {
  std::istringstream table(Payload("times.tsv"));
  int cases = 0;
  for (std::string line; std::getline(table, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> cells = absl::StrSplit(line, '\t');
    ASSERT_EQ(cells.size(), 9u) << line;
    v1::Place place;
    place.set_country(cells[0]);
    place.set_region(cells[1]);
    v1::CarrierTime given;
    given.set_local_time(cells[2]);
    int number = 0;
    int64_t seconds = 0;
    if (absl::SimpleAtoi(cells[3], &number)) given.set_offset_minutes(number);
    if (absl::SimpleAtoi(cells[4], &seconds)) given.mutable_instant()->set_seconds(seconds);
    const auto time = Carriers::CompleteTime(given, place);
    ASSERT_TRUE(time.ok()) << time.status() << "\n" << line;
    EXPECT_EQ(std::to_string(time->offset_minutes()), cells[5]) << line;
    EXPECT_EQ(v1::OffsetSource_Name(time->offset_source()), "OFFSET_SOURCE_" + cells[6]) << line;
    EXPECT_EQ(std::to_string(time->instant().seconds()), cells[7]) << line;
    EXPECT_EQ(time->uncertain() ? "uncertain" : "certain", cells[8]) << line;
    ++cases;
  }
  EXPECT_GT(cases, 2000);
}

}  // namespace
}  // namespace throughline::supplier
