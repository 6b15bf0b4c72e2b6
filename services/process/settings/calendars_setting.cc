#include "services/process/settings/calendars_setting.h"

#include <memory>

#include "libs/calendar/calendars_file.h"

namespace throughline::process {

void DeclareCalendars(Settings& settings, calendar::Calendars& calendars) {
  const auto path = std::make_shared<std::string>();
  settings.Text("calendars", *path,
                "A TOML file of business calendars, which due times in words count by; \"\": one, open at all times");
  settings.Check([path, &calendars](const Settings::Complain& complain) {
    if (path->empty()) return;
    auto read = calendar::ReadCalendars(*path);
    if (!read.ok()) return complain("calendars", read.status().message());
    calendars = *std::move(read);
  });
}

}  // namespace throughline::process
