#pragma once

// The security headers of pages that people see: nothing but our own files is loaded, nothing runs inline, nobody else
// frames them, and where a link leads does not learn where it stood. No page sets a cookie.
//
// Pure; any thread.

#include <string>

#include "services/edge/http/message.h"

namespace throughline::edge::pages {

struct Security {
  bool framed_by_all = false;  // others may show it in a frame
  bool has_forms = false;      // it may send forms, to us
};

void AddSecurity(http::Headers& headers, const Security& security);

}  // namespace throughline::edge::pages
