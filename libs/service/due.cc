#include "libs/service/due.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/calendar/due.h"
#include "libs/server/checks/checks.h"

namespace throughline::service {

absl::Status NoSuchCalendar(const calendar::Calendars& calendars) {
  return absl::NotFoundError(
      absl::StrCat("is no calendar of this server: it has ", absl::StrJoin(calendars.Names(), ", ")));
}

runtime::Meant WhatIsMeant(const std::string& words, const std::string& calendar, const calendar::Calendars& calendars,
                           absl::Time now) {
  if (words.empty()) return absl::InfinitePast();
  const calendar::Calendar* by = calendars.Find(calendar);
  if (by == nullptr) return NoSuchCalendar(calendars);
  const auto due = calendar::ParseDue(words);
  if (!due.ok()) return due.status();
  auto time = calendar::Resolve(*due, *by, now);
  if (time.ok() && *time > now + server::RequestLimits().furthest_due) {
    return absl::InvalidArgumentError("is too far ahead: give an earlier time");
  }
  return time;
}

}  // namespace throughline::service
