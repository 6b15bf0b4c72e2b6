#pragma once

// Statuspage's public JSON, version 2 (https://www.githubstatus.com/api/v2 shows the same), so that its clients,
// widgets and integrations read ours. Outages and degradations are incidents, maintenance is scheduled maintenance;
// changes stand in `changes`, which only we have. So do these fields: `expected_end` (null: unknown),
// `next_update_due`, `next_update_overdue`, `workaround`, `expected_ends`, `corrections`, `cause`, `changed`, and in
// `page` `as_of` and `stale`.
//
// Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

#include "services/edge/notices/site.h"

namespace throughline::edge::notices {

// `name`: what follows /api/v2/, for instance `summary.json`. Absent: there is no such thing.
std::optional<std::string> Statuspage(const Site& site, std::string_view name);

}  // namespace throughline::edge::notices
