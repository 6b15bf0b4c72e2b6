#pragma once

// The notices as Atom (RFC 4287) and RSS 2.0: an entry for each notice, with everything that was said about it, whose
// time is that of the last word. Pure; any thread.

#include <string>

#include "services/edge/notices/site.h"

namespace throughline::edge::notices {

// `component`: only notices about it; empty: all.
std::string Atom(const Site& site, const std::string& component);
std::string Rss(const Site& site, const std::string& component);

}  // namespace throughline::edge::notices
