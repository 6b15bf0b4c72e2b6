#include "services/ownership/escalation/ladder.h"

#include "services/ownership/people/people.h"

namespace throughline::ownership {

std::optional<std::string> NextAbove(const store::KeyValue& reader, const std::string& person,
                                     const std::set<std::string>& passed, absl::Time now,
                                     const std::string& last_resort) {
  std::set<std::string> seen;
  std::string at = person;
  while (seen.insert(at).second) {
    auto above = Above(reader, at, now, last_resort);
    if (!above) return std::nullopt;
    if (!passed.contains(*above) && *above != person) return above;
    at = *std::move(above);
  }
  return std::nullopt;
}

}  // namespace throughline::ownership
