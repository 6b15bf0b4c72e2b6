#pragma once

// The setting `calendars` of the services that compute due times.
//
//   DeclareCalendars(settings, rules.calendars);

#include "libs/calendar/calendars.h"
#include "services/process/settings/settings.h"

namespace throughline::process {

// Read fills `calendars`, which must outlive it.
void DeclareCalendars(Settings& settings, calendar::Calendars& calendars);

}  // namespace throughline::process
