#pragma once

// What the words of a request about its due time mean (libs/runtime/domain/due.h), by a calendar of this server. Asked
// once, when the command is made, and recorded in its event: a retry, and a calendar that changes later, move nothing.
//
//   command.meant = service::WhatIsMeant(request, config.calendars, caller.time);
//
// Any thread.

#include <string>

#include "libs/calendar/calendars.h"
#include "libs/runtime/domain/due.h"

namespace throughline::service {

// The words, whatever they are about. A request has one field of them.
template <typename Request>
const std::string& WordsOf(const Request& request) {
  if constexpr (requires { request.due_in(); }) {
    return request.due_in();
  } else if constexpr (requires { request.new_due_in(); }) {
    return request.new_due_in();
  } else if constexpr (requires { request.next_action_due_in(); }) {
    return request.next_action_due_in();
  } else if constexpr (requires { request.answer_due_in(); }) {
    return request.answer_due_in();
  } else {
    return request.next_update_due_in();
  }
}

// INVALID_ARGUMENT: the words mean nothing, or a time too far ahead; NOT_FOUND: there is no such calendar. No words:
// InfinitePast.
runtime::Meant WhatIsMeant(const std::string& words, const std::string& calendar, const calendar::Calendars& calendars,
                           absl::Time now);

template <typename Request>
runtime::Meant WhatIsMeant(const Request& request, const calendar::Calendars& calendars, absl::Time now) {
  return WhatIsMeant(WordsOf(request), request.calendar(), calendars, now);
}

// NOT_FOUND, with the calendars that there are.
absl::Status NoSuchCalendar(const calendar::Calendars& calendars);

}  // namespace throughline::service
