#include "services/supplier-tracking/carriers/countries.h"

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"

namespace throughline::supplier {
namespace {

struct Country {
  const char* alpha2;
  const char* alpha3;
  const char* zone;
  std::vector<const char*> names;
};

const std::vector<Country>& Countries() {
  static const auto& countries = *new std::vector<Country>{
#include "services/supplier-tracking/carriers/countries.inc"
  };
  return countries;
}

// Lower case, words apart by one blank, without dots and commas.
std::string Plain(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c == '.' || c == ',') continue;
    if (c != ' ') {
      plain += absl::ascii_tolower(static_cast<unsigned char>(c));
    } else if (!plain.empty() && plain.back() != ' ') {
      plain += ' ';
    }
  }
  while (!plain.empty() && plain.back() == ' ') plain.pop_back();
  return plain;
}

}  // namespace

std::string CountryCode(std::string_view text) {
  static const auto& codes = *[] {
    auto* by = new absl::flat_hash_map<std::string, std::string>();
    for (const Country& country : Countries()) {
      by->emplace(Plain(country.alpha2), country.alpha2);
      by->emplace(Plain(country.alpha3), country.alpha2);
      for (const char* name : country.names) by->emplace(Plain(name), country.alpha2);
    }
    return by;
  }();
  const auto found = codes.find(Plain(text));
  return found == codes.end() ? "" : found->second;
}

std::string ZoneOfCountry(std::string_view code) {
  static const auto& zones = *[] {
    auto* by = new absl::flat_hash_map<std::string, std::string>();
    for (const Country& country : Countries()) by->emplace(country.alpha2, country.zone);
    return by;
  }();
  const auto found = zones.find(std::string(code));
  return found == zones.end() ? "" : found->second;
}

}  // namespace throughline::supplier
