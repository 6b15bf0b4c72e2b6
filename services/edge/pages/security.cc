#include "services/edge/pages/security.h"

#include "absl/strings/str_cat.h"

namespace throughline::edge::pages {

void AddSecurity(http::Headers& headers, const Security& security) {
  headers.Add("content-security-policy",
              absl::StrCat("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src "
                           "'self'; base-uri 'none'; form-action ",
                           security.has_forms ? "'self'" : "'none'", "; frame-ancestors ",
                           security.framed_by_all ? "*" : "'none'"));
  if (!security.framed_by_all) {
    headers.Add("x-frame-options", "DENY");
    headers.Add("cross-origin-opener-policy", "same-origin");
  }
  headers.Add("referrer-policy", "no-referrer");
  headers.Add("permissions-policy", "camera=(), geolocation=(), microphone=()");
}

}  // namespace throughline::edge::pages
