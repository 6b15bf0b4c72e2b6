#include "libs/money/money.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace throughline::money {
namespace {

// ISO 4217, the active currencies of countries, by the digits after the point.
constexpr absl::string_view kNoDigits = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
constexpr absl::string_view kTwoDigits =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF "
    "CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF "
    "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN "
    "MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS "
    "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD YER ZAR ZMW ZWG";
constexpr absl::string_view kThreeDigits = "BHD IQD JOD KWD LYD OMR TND";
constexpr absl::string_view kFourDigits = "CLF UYW";

constexpr int kMostWholeDigits = 13;  // with four more it fits into 64 bits

bool Has(absl::string_view codes, absl::string_view code) {
  for (size_t at = 0; at < codes.size(); at += 4) {
    if (codes.substr(at, 3) == code) return true;
  }
  return false;
}

bool IsDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
}

absl::Status Wrong(absl::string_view text, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("`", text, "` ", what, ": write for instance `20.00 USD`"));
}

}  // namespace

std::optional<int> DigitsOf(absl::string_view currency) {
  if (currency.size() != 3) return std::nullopt;
  if (Has(kTwoDigits, currency)) return 2;
  if (Has(kNoDigits, currency)) return 0;
  if (Has(kThreeDigits, currency)) return 3;
  if (Has(kFourDigits, currency)) return 4;
  return std::nullopt;
}

common::v1::Money Of(absl::string_view currency, int64_t minor_units) {
  common::v1::Money money;
  money.set_currency(std::string(currency));
  money.set_minor_units(minor_units);
  return money;
}

absl::StatusOr<common::v1::Money> ParseMoney(absl::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ' ', absl::SkipEmpty());
  if (parts.size() != 2) return Wrong(text, "is no amount with a currency");
  const std::string currency = absl::AsciiStrToUpper(parts[1]);
  const std::optional<int> digits = DigitsOf(currency);
  if (!digits) return Wrong(text, "names no currency of ISO 4217");
  const std::vector<std::string> amount = absl::StrSplit(parts[0], '.');
  const std::string fraction = amount.size() == 2 ? amount[1] : "";
  if (amount.size() > 2 || amount[0].empty() || !IsDigits(amount[0]) || !IsDigits(fraction) ||
      (amount.size() == 2 && fraction.empty())) {
    return Wrong(text, "has no amount that can be read");
  }
  if (fraction.size() > static_cast<size_t>(*digits)) {
    return Wrong(text, absl::StrCat("has more than the ", *digits, " digits after the point that ", currency, " has"));
  }
  if (amount[0].size() > kMostWholeDigits) return Wrong(text, "is too much");
  int64_t minor_units = 0;
  if (!absl::SimpleAtoi(absl::StrCat(amount[0], fraction, std::string(*digits - fraction.size(), '0')), &minor_units)) {
    return Wrong(text, "is too much");
  }
  return Of(currency, minor_units);
}

std::string MoneyText(const common::v1::Money& money) {
  const std::optional<int> digits = DigitsOf(money.currency());
  if (!digits || *digits == 0) return absl::StrCat(money.minor_units(), " ", money.currency());
  static constexpr std::array<uint64_t, 5> kPowers = {1, 10, 100, 1000, 10000};
  const bool negative = money.minor_units() < 0;
  const uint64_t units = negative ? -static_cast<uint64_t>(money.minor_units()) : money.minor_units();
  return absl::StrFormat("%s%d.%0*d %s", negative ? "-" : "", units / kPowers[*digits], *digits,
                         units % kPowers[*digits], money.currency());
}

}  // namespace throughline::money
