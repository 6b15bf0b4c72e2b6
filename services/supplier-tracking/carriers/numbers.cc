#include "services/supplier-tracking/carriers/numbers.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace throughline::supplier {
namespace {

bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isdigit(c); });
}

int Digit(char c) { return c - '0'; }

// UPS's `1Z`: 15 characters of letters and digits, then the check digit. A letter counts as its place after `?`, modulo
// 10; every second one counts twice (UPS Label Specification, check digit of the 1Z number).
bool RightUps1Z(std::string_view number) {
  int sum = 0;
  for (size_t i = 2; i < 17; ++i) {
    const char c = number[i];
    const int value = absl::ascii_isdigit(static_cast<unsigned char>(c)) ? Digit(c) : (c - '?') % 10;
    sum += i % 2 == 1 ? 2 * value : value;
  }
  return (10 - sum % 10) % 10 == Digit(number[17]);
}

// UPU S10: two letters, eight digits, the check digit, two letters.
bool RightS10(std::string_view number) {
  constexpr std::array<int, 8> kWeights = {8, 6, 4, 2, 3, 5, 9, 7};
  int sum = 0;
  for (size_t i = 0; i < 8; ++i) sum += kWeights[i] * Digit(number[i + 2]);
  const int check = 11 - sum % 11;
  return (check == 10 ? 0 : check == 11 ? 5 : check) == Digit(number[10]);
}

// Modulo 10 with weights 3 and 1 from the right (USPS Publication 199, IMpb; GS1 General Specifications).
bool RightMod10(std::string_view number) {
  int sum = 0;
  for (size_t i = number.size() - 1; i-- > 0;) sum += Digit(number[i]) * ((number.size() - i) % 2 == 0 ? 3 : 1);
  return (10 - sum % 10) % 10 == Digit(number.back());
}

bool IsS10(std::string_view number) {
  const auto letters = [](std::string_view two) {
    return absl::ascii_isupper(static_cast<unsigned char>(two[0])) &&
           absl::ascii_isupper(static_cast<unsigned char>(two[1]));
  };
  return number.size() == 13 && letters(number.substr(0, 2)) && AllDigits(number.substr(2, 9)) &&
         letters(number.substr(11));
}

}  // namespace

bool HasRightCheckDigit(v1::CheckDigit check, std::string_view number) {
  switch (check) {
    case v1::CHECK_DIGIT_UPS_1Z:
      return number.size() != 18 || number.substr(0, 2) != "1Z" ||
             !absl::ascii_isdigit(static_cast<unsigned char>(number[17])) ||
             number.find('-') != std::string_view::npos || RightUps1Z(number);
    case v1::CHECK_DIGIT_S10:
      return !IsS10(number) || RightS10(number);
    case v1::CHECK_DIGIT_IMPB:
      return !AllDigits(number) || number[0] != '9' || (number.size() != 22 && number.size() != 26) ||
             RightMod10(number);
    default:
      return true;
  }
}

TrackingNumber ReadNumber(const v1::CarrierNumbers& numbers, std::string_view text) {
  TrackingNumber found;
  for (const char c : text) {
    if (c == ' ' || numbers.drop().find(c) != std::string::npos) continue;
    if (c != '-' && !absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      found.problem = "is not a tracking number: use letters, digits and - only";
      found.number.clear();
      return found;
    }
    found.number += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  for (const v1::CarrierNumbers::Prefix& prefix : numbers.prefixes()) {
    const std::string_view all = found.number;
    if (all.size() <= prefix.bytes() || all.substr(0, prefix.begins().size()) != prefix.begins()) continue;
    const std::string_view rest = all.substr(prefix.bytes());
    const bool fits =
        rest.substr(0, prefix.before().size()) == prefix.before() &&
        std::find(prefix.rest_bytes().begin(), prefix.rest_bytes().end(), rest.size()) != prefix.rest_bytes().end();
    if (!fits) continue;
    found.number = std::string(rest);
    break;
  }
  if (found.number.empty() || found.number.size() > 64) {
    found.problem = "is not a tracking number: use 1 to 64 letters and digits";
    found.number.clear();
    return found;
  }
  for (const int check : numbers.checks()) {
    if (!HasRightCheckDigit(static_cast<v1::CheckDigit>(check), found.number)) {
      found.warning = absl::StrCat("has a wrong check digit: compare ", found.number, " with the label");
    }
  }
  return found;
}

}  // namespace throughline::supplier
