#pragma once

// How long a customer may stay silent after a proposed resolution, and by which calendar that counts: theirs, if the
// proposal or the case's opening names it. Found once, when the resolution is proposed, and recorded.
//
//   SilenceRules rules;
//   rules.closes_after = *ReadSilence("5 business days", absl::ZeroDuration());
//   SilenceFrom(now, rules, calendars, "", "office-new-york");
//
// Pure functions; any thread.

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/calendar/calendars.h"
#include "libs/calendar/due.h"
#include "services/ownership/domain/ownership.h"

namespace throughline::ownership {

struct SilenceRules {
  // When the case is closed. None: never.
  std::optional<calendar::Due> closes_after = calendar::Elapsed(absl::Hours(168));
  // How long before that the owner is asked to tell the customer. If it counts working time or business days, so does
  // `closes_after`.
  calendar::Due announced_before = calendar::Elapsed(absl::Hours(24));
  // The calendar of customers for whom none is known. Empty: the default one.
  std::string calendar = "";
};

inline constexpr absl::Duration kLongestSilence = absl::Hours(24 * 366);

// A setting: a period as `168h` or `7d`, or `5 business days`, `40 business hours`; zero, where `least` is: none.
// INVALID_ARGUMENT: it is neither, or not from `least` to kLongestSilence.
absl::StatusOr<std::optional<calendar::Due>> ReadSilence(const std::string& text, absl::Duration least);
// Whether the settings fit each other and the calendars. INVALID_ARGUMENT.
absl::Status CheckSilence(const SilenceRules& rules, const calendar::Calendars& calendars);

// `named` by the proposal; `of_customer` by the case's opening, which counts if this server has such a calendar. Empty:
// none. NOT_FOUND: `named` is no calendar.
absl::StatusOr<Silence> SilenceFrom(absl::Time now, const SilenceRules& rules, const calendar::Calendars& calendars,
                                    const std::string& named, const std::string& of_customer);

}  // namespace throughline::ownership
