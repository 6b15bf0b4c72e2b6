#pragma once

// How cases are escalated: how long each level has to acknowledge an escalation, how long whoever acknowledged it has
// to decide, and how many broken commitments escalate a case without anybody asking.
//
// Immutable; any thread.

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/calendar/calendars.h"
#include "libs/calendar/due.h"
#include "services/ownership/domain/ownership.h"

namespace throughline::ownership {

inline constexpr char kAcknowledgeWithin[] = "4 business hours, 8 business hours, 24 business hours";
inline constexpr char kDecideWithin[] = "24 business hours";

struct EscalationPolicy {
  // Of each level, from the first on; the last one holds for all above it, too.
  std::vector<calendar::Due> acknowledge_within = {{calendar::Due::kBusinessTime, 0, absl::Hours(4), {}, {}, {}},
                                                   {calendar::Due::kBusinessTime, 0, absl::Hours(8), {}, {}, {}},
                                                   {calendar::Due::kBusinessTime, 0, absl::Hours(24), {}, {}, {}}};
  calendar::Due decide_within = {calendar::Due::kBusinessTime, 0, absl::Hours(24), {}, {}, {}};
  uint32_t after_broken = 3;  // 0: never

  // The times that it means from `now` on, by the default calendar.
  EscalationTerms TermsAt(const calendar::Calendars& calendars, absl::Time now) const;
};

// Periods in words, separated by commas: `4 business hours, 1 business day`. INVALID_ARGUMENT: says which is none; or
// there are none, or more than 20.
absl::StatusOr<std::vector<calendar::Due>> ParseLevels(std::string_view words);
// One such period; also `4h`, `1h30m`: so much time, working time or not.
absl::StatusOr<calendar::Due> ParsePeriodInWords(std::string_view words);

}  // namespace throughline::ownership
