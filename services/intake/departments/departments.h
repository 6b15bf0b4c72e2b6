#pragma once

// Which team answers a suggestion, or for what goes wrong again and again, and who answers for the team now.
//
// Immutable; any thread.

#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"

#include "libs/store/key_value.h"
#include "services/intake/departments/routes_file.h"
#include "services/intake/domain/suggestion.h"

namespace throughline::intake {

class Departments {
 public:
  // Null routes: none are configured. `last_resort`: see ownership::Above.
  Departments(std::shared_ptr<const Routes> routes, std::string last_resort)
      : routes_(std::move(routes)), last_resort_(std::move(last_resort)) {}

  // The named team; if there is none, the one that a word of the text is routed to, else the default.
  Department OfSuggestion(const store::KeyValue& reader, const std::string& team, const std::string& text,
                          absl::Time now) const;
  // The named team; if there is none, the one that the kind is routed to, else whoever answers for the component, else
  // the default.
  Department OfKind(const store::KeyValue& reader, const std::string& team, const std::string& kind,
                    absl::Time now) const;
  // Who answers for this team.
  Department OfTeam(const store::KeyValue& reader, const std::string& team, absl::Time now) const;

  // The caller, as RequireTeam needs it.
  static CallersPlace PlaceOf(const store::KeyValue& reader, const runtime::Caller& caller, const std::string& owed_by,
                              absl::Time now, const std::string& last_resort);
  CallersPlace PlaceOf(const store::KeyValue& reader, const runtime::Caller& caller, const std::string& owed_by) const {
    return PlaceOf(reader, caller, owed_by, caller.time, last_resort_);
  }

 private:
  // The default team, else the team of a supervisor, one on duty if possible.
  Department Default(const store::KeyValue& reader, absl::Time now) const;

  const std::shared_ptr<const Routes> routes_;
  const std::string last_resort_;
};

}  // namespace throughline::intake
