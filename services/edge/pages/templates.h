#pragma once

// Fills templates, with Debian's ctemplate: the files in `templates/`, which are part of the program (templates.cc
// lists them). Every text is escaped for where it stands: between tags, in an attribute, as an address (only http,
// https, mailto and relative ones pass), in XML. A template cannot turn that off.
//
//   std::string html = Render("notices.html", values);
//
// Any thread.

#include <string>
#include <string_view>
#include <vector>

#include "services/edge/pages/values.h"

namespace throughline::edge::pages {

// A name that is no template, or a template that is none, is a fault of the program: it ends.
std::string Render(std::string_view file, const Values& values);

// The names of all, for tests.
std::vector<std::string_view> TemplateNames();

}  // namespace throughline::edge::pages
