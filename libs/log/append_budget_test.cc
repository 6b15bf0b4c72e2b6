#include "libs/log/append_budget.h"

#include "gtest/gtest.h"

namespace throughline::log {
namespace {

TEST(AppendBudget, LimitsRecordsAndBytesInFlight) {
  AppendBudget budget({.max_in_flight_records = 2, .max_in_flight_bytes = 100, .max_record_bytes = 80});
  EXPECT_EQ(budget.Check(81).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(budget.Check(80).ok());
  budget.Take(80);
  EXPECT_EQ(budget.Check(21).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(budget.Check(20).ok());
  budget.Take(0);
  EXPECT_EQ(budget.Check(0).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(budget.records(), 2u);
  EXPECT_EQ(budget.bytes(), 80u);
  budget.Return(2, 80);
  EXPECT_TRUE(budget.Check(80).ok());
}

}  // namespace
}  // namespace throughline::log
