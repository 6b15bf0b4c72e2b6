#include "libs/calendar/zone.h"

#include <algorithm>
#include <cstdlib>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace throughline::calendar {

std::optional<absl::TimeZone> FindZone(const std::string& name) {
  const auto allowed = [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '/' || c == '_' || c == '-' || c == '+';
  };
  if (name.empty() || name.size() > 64 || name[0] == '/' || !std::all_of(name.begin(), name.end(), allowed)) {
    return std::nullopt;
  }
  // abseil caches every name for ever: ask it only for existing files.
  const char* directory = std::getenv("TZDIR");
  const std::string file = absl::StrCat(directory == nullptr ? "/usr/share/zoneinfo" : directory, "/", name);
  absl::TimeZone zone;
  if (name != "UTC" && access(file.c_str(), R_OK) != 0) return std::nullopt;
  if (!absl::LoadTimeZone(name, &zone)) return std::nullopt;
  return zone;
}

}  // namespace throughline::calendar
