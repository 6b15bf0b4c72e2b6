#include "services/supplier-tracking/carriers/place_zone.h"

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "libs/server/checks/field_rules.h"
#include "services/supplier-tracking/carriers/countries.h"

namespace throughline::supplier {
namespace {

struct Row {
  const char* zone;
  bool sure;
};

constexpr char kEast[] = "America/New_York";
constexpr char kCentral[] = "America/Chicago";
constexpr char kMountain[] = "America/Denver";
constexpr char kPacific[] = "America/Los_Angeles";

// By `<country>/<region>`. Source of the states' zones: zone1970.tab and northamerica of the tz
// database.
const absl::flat_hash_map<std::string, Row>& Rows() {
  static const auto& rows = *new absl::flat_hash_map<std::string, Row>{{"US/CT", {kEast, true}},
                                                                       {"US/DC", {kEast, true}},
                                                                       {"US/DE", {kEast, true}},
                                                                       {"US/FL", {kEast, false}},
                                                                       {"US/GA", {kEast, true}},
                                                                       {"US/MA", {kEast, true}},
                                                                       {"US/MD", {kEast, true}},
                                                                       {"US/ME", {kEast, true}},
                                                                       {"US/NC", {kEast, true}},
                                                                       {"US/NH", {kEast, true}},
                                                                       {"US/NJ", {kEast, true}},
                                                                       {"US/NY", {kEast, true}},
                                                                       {"US/OH", {kEast, true}},
                                                                       {"US/PA", {kEast, true}},
                                                                       {"US/RI", {kEast, true}},
                                                                       {"US/SC", {kEast, true}},
                                                                       {"US/VA", {kEast, true}},
                                                                       {"US/VT", {kEast, true}},
                                                                       {"US/WV", {kEast, true}},
                                                                       {"US/MI", {kEast, false}},
                                                                       {"US/IN", {kEast, false}},
                                                                       {"US/KY", {kEast, false}},
                                                                       {"US/TN", {kCentral, false}},
                                                                       {"US/AL", {kCentral, true}},
                                                                       {"US/AR", {kCentral, true}},
                                                                       {"US/IA", {kCentral, true}},
                                                                       {"US/IL", {kCentral, true}},
                                                                       {"US/LA", {kCentral, true}},
                                                                       {"US/MN", {kCentral, true}},
                                                                       {"US/MO", {kCentral, true}},
                                                                       {"US/MS", {kCentral, true}},
                                                                       {"US/OK", {kCentral, true}},
                                                                       {"US/WI", {kCentral, true}},
                                                                       {"US/KS", {kCentral, false}},
                                                                       {"US/ND", {kCentral, false}},
                                                                       {"US/NE", {kCentral, false}},
                                                                       {"US/SD", {kCentral, false}},
                                                                       {"US/TX", {kCentral, false}},
                                                                       {"US/CO", {kMountain, true}},
                                                                       {"US/MT", {kMountain, true}},
                                                                       {"US/NM", {kMountain, true}},
                                                                       {"US/UT", {kMountain, true}},
                                                                       {"US/WY", {kMountain, true}},
                                                                       {"US/ID", {kMountain, false}},
                                                                       {"US/AZ", {"America/Phoenix", false}},
                                                                       {"US/CA", {kPacific, true}},
                                                                       {"US/NV", {kPacific, false}},
                                                                       {"US/OR", {kPacific, false}},
                                                                       {"US/WA", {kPacific, true}},
                                                                       {"US/AK", {"America/Anchorage", false}},
                                                                       {"US/HI", {"Pacific/Honolulu", true}},
                                                                       {"US/PR", {"America/Puerto_Rico", true}},
                                                                       {"US/VI", {"America/St_Thomas", true}},
                                                                       {"US/GU", {"Pacific/Guam", true}},
                                                                       {"CA/AB", {"America/Edmonton", true}},
                                                                       {"CA/BC", {"America/Vancouver", false}},
                                                                       {"CA/MB", {"America/Winnipeg", true}},
                                                                       {"CA/NB", {"America/Moncton", true}},
                                                                       {"CA/NL", {"America/St_Johns", false}},
                                                                       {"CA/NS", {"America/Halifax", true}},
                                                                       {"CA/ON", {"America/Toronto", false}},
                                                                       {"CA/PE", {"America/Halifax", true}},
                                                                       {"CA/QC", {"America/Toronto", false}},
                                                                       {"CA/SK", {"America/Regina", false}}};
  return rows;
}

}  // namespace

std::optional<PlaceZone> ZoneOfPlace(const v1::Place& place) {
  const std::string country = CountryCode(place.country());
  if (country.empty()) return std::nullopt;
  std::string name = ZoneOfCountry(country);
  bool sure = true;
  if (name.empty()) {
    const auto row = Rows().find(absl::StrCat(country, "/", absl::AsciiStrToUpper(place.region())));
    if (row == Rows().end()) return std::nullopt;
    name = row->second.zone;
    sure = row->second.sure;
  }
  const std::optional<absl::TimeZone> zone = ZoneByName(name);
  if (!zone) return std::nullopt;
  return PlaceZone{*zone, sure};
}

std::optional<absl::TimeZone> ZoneByName(const std::string& name) {
  absl::TimeZone zone;
  if (!server::IsTimeZone(name) || !absl::LoadTimeZone(name, &zone)) return std::nullopt;
  return zone;
}

}  // namespace throughline::supplier
