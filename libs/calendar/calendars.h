#pragma once

// The calendars that a service works by, one of them the default. Immutable; any thread.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/calendar/calendar.h"

namespace throughline::calendar {

class Calendars {
 public:
  // One calendar, `always`.
  Calendars() : Calendars({{"always", Calendar::Always()}}, "always") {}
  // `by_default` is one of `all`.
  Calendars(std::map<std::string, Calendar> all, std::string by_default)
      : all_(std::move(all)), by_default_(std::move(by_default)) {}

  // Null: there is none with this name. Empty: the default one.
  const Calendar* Find(const std::string& name) const {
    const auto found = all_.find(name.empty() ? by_default_ : name);
    return found == all_.end() ? nullptr : &found->second;
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& [name, calendar] : all_) names.push_back(name);
    return names;
  }

 private:
  std::map<std::string, Calendar> all_;
  std::string by_default_;
};

}  // namespace throughline::calendar
