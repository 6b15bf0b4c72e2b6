#include "libs/money/money.h"

#include <limits>

#include <gtest/gtest.h>

namespace throughline::money {
namespace {

TEST(Money, IsReadInTheDigitsOfItsCurrency) {
  const std::pair<const char*, int64_t> read[] = {{"20.00 USD", 2000},   {"20 USD", 2000},   {"20.5 eur", 2050},
                                                  {"0.01 GBP", 1},       {"2000 JPY", 2000}, {"1.234 KWD", 1234},
                                                  {"1.2345 CLF", 12345}, {"0 EUR", 0},       {" 7  CHF ", 700}};
  for (const auto& [text, minor_units] : read) {
    const auto money = ParseMoney(text);
    ASSERT_TRUE(money.ok()) << text << ": " << money.status();
    EXPECT_EQ(money->minor_units(), minor_units) << text;
    EXPECT_EQ(ParseMoney(MoneyText(*money))->SerializeAsString(), money->SerializeAsString()) << text;
  }
}

TEST(Money, IsNeverRoundedNorGuessed) {
  for (const char* text : {"", "20", "USD", "20.001 USD", "20.5 JPY", "20.00 XXX", "-1 EUR", "1,50 EUR", "1. EUR",
                           ".5 EUR", "1.2.3 EUR", "99999999999999 EUR", "20 US", "20 USD more", "1e3 EUR", "+1 EUR"}) {
    EXPECT_EQ(ParseMoney(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(Money, IsWrittenWithAllDigits) {
  EXPECT_EQ(MoneyText(Of("USD", 5)), "0.05 USD");
  EXPECT_EQ(MoneyText(Of("USD", -1050)), "-10.50 USD");
  EXPECT_EQ(MoneyText(Of("JPY", 12)), "12 JPY");
  EXPECT_EQ(MoneyText(Of("KWD", 1)), "0.001 KWD");
  EXPECT_EQ(MoneyText(Of("EUR", std::numeric_limits<int64_t>::min())), "-92233720368547758.08 EUR");
  EXPECT_EQ(MoneyText(Of("ZZZ", 7)), "7 ZZZ");
}

}  // namespace
}  // namespace throughline::money
